import type { Deed } from "../schedule.ts";
import type { World } from "../world.ts";
import { recover } from "./guardian.ts";
import { journalOf } from "./kit.ts";

/** Does what an administrator does, once. */
export async function perform(
  world: World,
  deed: Deed,
  backup: Map<number, Buffer>,
): Promise<void> {
  const { addin, kind } = deed;
  const name = world.schedule.services[deed.service]?.name ?? "";
  world.note(`the administrator: ${kind} (add-in ${addin}, service ${name})`);
  switch (kind) {
    case "recover":
      await recover(world, addin, { decision: "undecided", force: false, role: "administrator" });
      return;
    case "recover --start":
    case "recover --start --force":
      await recoverStart(world, addin, kind === "recover --start --force");
      return;
    case "recover --keep-stopped":
      await keepStopped(world, addin);
      return;
    case "delete journal":
    case "damage journal":
    case "bring back journal":
      harmJournal(world, deed, backup);
      return;
    case "fill disk":
      world.disk.fill(0);
      return;
    case "build without services":
      build(world, addin);
      return;
    case "restart machine":
      world.powerCut();
      return;
    case "start service":
    case "stop service":
    case "disable service":
    case "delete service":
      changeService(world, kind, name);
  }
}

async function recoverStart(world: World, addin: number, force: boolean): Promise<void> {
  const { truth } = world;
  truth.choose(addin);
  truth.choosing.add(addin);
  const role = "administrator";
  const end = await recover(world, addin, { decision: "start", force, role });
  truth.choosing.delete(addin);
  if (end === "recovered") truth.decided(addin);
}

/** Somebody wants the services stopped, and knows how to start them. */
async function keepStopped(world: World, addin: number): Promise<void> {
  const { truth } = world;
  const run = { decision: "keepStopped", force: false, role: "administrator" } as const;
  // Also what another add-in has stopped and passed on.
  const names = world.openServices(addin);
  if ((await recover(world, addin, run)) !== "kept stopped") return;
  // Also about files that a client copies still, if the journal was damaged.
  for (const [key, one] of truth.files) if (one.addin === addin) truth.files.delete(key);
  for (const [name, who] of truth.owed) if (who === addin) truth.byHand.add(name);
  for (const name of names) truth.byHand.add(name);
}

function changeService(
  { services, truth, scheduler }: World,
  kind: "start service" | "stop service" | "disable service" | "delete service",
  name: string,
): void {
  truth.byHand.add(name);
  if (kind === "start service") {
    // Who starts an application on such files by hand has decided.
    for (const addin of [0, 1]) truth.choose(addin);
    services.startBy(name, "administrator");
  } else if (kind === "stop service") {
    services.stopBy(name, "administrator");
  } else if (kind === "disable service") {
    services.setStartType(name, "disabled");
    truth.disabledMs.set(name, scheduler.now());
  } else {
    services.remove(name);
  }
}

function harmJournal(world: World, { kind, addin }: Deed, backup: Map<number, Buffer>): void {
  const file = journalOf(world, addin);
  const bytes = world.disk.bytesOf(file);
  if (kind === "bring back journal") {
    const old = backup.get(addin);
    if (old !== undefined) world.disk.setBytes(file, old);
    else if (bytes !== undefined) backup.set(addin, bytes);
  } else if (bytes !== undefined && kind === "delete journal") {
    world.disk.remove(file);
  } else if (bytes !== undefined) {
    bytes.fill(0, world.random.below(bytes.length));
    world.disk.setBytes(file, bytes);
  }
}

function build(world: World, addin: number): void {
  const plan = world.addins[addin];
  if (plan !== undefined) world.addins[addin] = { ...plan, services: [] };
  // Whoever replaces the program ends its server.
  for (const process of world.processes.running) {
    const isServer = process.role === "server" && process.addin === addin;
    if (isServer) world.processes.end(process, "is ended for the new program");
  }
}
