import { vi } from "vitest";

import { Marks } from "../../../src/runtime/restore/journal/mark.ts";
import { writerKey } from "../../../src/tools/registration/keys.ts";
import { WRITER_ID } from "../../helpers/manifest.ts";
import { withChance } from "../chance.ts";
import { broken } from "../invariants.ts";
import { registrationEffects } from "../machine/processes.ts";
import { withoutOne } from "../shrink.ts";
import type { RunEnd, RunOptions, Simulation } from "../simulation.ts";
import { showPart } from "../trace.ts";
import { CLSIDS } from "../world.ts";
import { checkQuiet, runCommand } from "./actors/commands.ts";
import { perform } from "./actors/others.ts";
import { holdsOfOthers } from "./invariants.ts";
import { scheduleOf, type CommandPlan, type RegistrationSchedule } from "./schedule.ts";
import { noFault, type RegistrationSwitch } from "./switches.ts";
import { isForeignDocument, isForeignService } from "./variants.ts";
import { RegistrationWorld } from "./world.ts";

// A wait for the lock of five minutes, for each of some commands.
const LIMIT_MS = 3_600_000;

async function run(
  schedule: RegistrationSchedule,
  options: RunOptions<RegistrationSwitch> = {},
): Promise<RunEnd> {
  const { fault = noFault, onEffect = () => {}, note = () => {} } = options;
  return withChance(schedule.seed, async () => {
    vi.stubEnv("ProgramData", "/simulated/ProgramData");
    // A file that somebody holds open is waited for, with a blocked thread.
    vi.spyOn(Atomics, "wait").mockReturnValue("timed-out");
    try {
      const world = new RegistrationWorld({ schedule, fault, onEffect, note });
      world.onQuiet = () => checkQuiet(world);
      for (const plan of schedule.commands) {
        world.scheduler.after(plan.atMs, () => void runCommand(world, plan));
      }
      for (const deed of schedule.deeds) {
        world.scheduler.after(deed.atMs, () => perform(world, deed));
      }
      await world.run(LIMIT_MS);
      if (world.violation === undefined) await repair(world);
      world.processes.endAll("is over");
      return { violation: world.violation, effects: world.processes.effects };
    } finally {
      vi.unstubAllEnvs();
    }
  });
}

const last: CommandPlan = {
  command: "register",
  atMs: 0,
  variant: 0,
  force: true,
  update: true,
  repair: true,
  bootRecovery: true,
};

/** An administrator whose machine works again comes to a defined end. */
async function repair(world: RegistrationWorld): Promise<void> {
  world.note("everything works again");
  world.processes.isCalm = true;
  world.processes.endAll("is ended by the administrator");
  world.folders.isHeld = false;
  world.folders.races = 0;
  world.tasks.isRunning = true;
  world.writers.isRunning = true;
  removeForeignWriter(world);
  removeForeignService(world);
  world.disk.fill(Number.MAX_SAFE_INTEGER);
  const rule = "repair comes to a defined end";
  const expectEnd = async (plan: CommandPlan, wanted: readonly string[]): Promise<void> => {
    if (world.violation !== undefined) return;
    const end = await endOf(world, plan);
    if (wanted.includes(end)) return;
    world.check(broken(rule, `${plan.command}: ${end}, not ${wanted.join(" or ")}`));
  };
  // The writer of another program is a conflict, and so is what somebody else has made of ours.
  const isOurs =
    world.schedule.beginning !== "with values of another program" &&
    [...world.truth.edits.keys()].every(
      (id) => !id.startsWith(writerKey(WRITER_ID).toUpperCase()),
    ) &&
    !holdsOfOthers(world, writerKey(WRITER_ID));
  if (world.schedule.seed % 2 === 0 && isOurs && !world.truth.isRecordLost) {
    await expectEnd({ ...last, command: "unregister" }, ["done"]);
  }
  await expectEnd(last, ["done"]);
  await expectEnd({ ...last, command: "status" }, ["as written"]);
  await duringRestore(world, () =>
    expectEnd({ ...last, command: "status" }, ["abandoned restore"]),
  );
  await expectEnd({ ...last, command: "unregister" }, ["done"]);
  // What a lost record would have told, an older registration, is found by its manifest.
  if (world.truth.isRecordLost) await endOf(world, { ...last, command: "unregister" });
  await expectEnd({ ...last, command: "status" }, ["not registered", "differs"]);
}

/** The other program is uninstalled, and takes its express writer with it. */
function removeForeignWriter({ writers }: RegistrationWorld): void {
  const document = writers.documents.get(WRITER_ID);
  if (document !== undefined && isForeignDocument(document)) writers.documents.delete(WRITER_ID);
}

/** An administrator deletes what a conflict has named. */
function removeForeignService({ services }: RegistrationWorld): void {
  const document = services.documents.get(WRITER_ID);
  if (document !== undefined && isForeignService(document)) services.documents.delete(WRITER_ID);
}

/** Does something while a restore session is open whose server has gone, with all of its files. */
async function duringRestore(world: RegistrationWorld, work: () => Promise<void>): Promise<void> {
  const server = world.processes.start("server", 0);
  server.isObserver = true;
  const marks = new Marks(world.registry.of(server));
  const [clsid] = CLSIDS;
  marks.write(clsid, { sessionId: "session", services: [] });
  await work();
  marks.remove(clsid);
  world.registry.flush();
}

async function endOf(world: RegistrationWorld, plan: CommandPlan): Promise<string> {
  let end = "hangs";
  world.scheduler.after(0, () => {
    void runCommand(world, plan).then((told) => {
      end = told;
      return told;
    });
  });
  await world.run(world.scheduler.now() + LIMIT_MS);
  return end;
}

function* smaller(schedule: RegistrationSchedule): Generator<RegistrationSchedule> {
  for (const commands of withoutOne(schedule.commands)) yield { ...schedule, commands };
  for (const deeds of withoutOne(schedule.deeds)) yield { ...schedule, deeds };
  for (const faults of withoutOne(schedule.faults)) yield { ...schedule, faults };
  if (schedule.beginning !== "clean") yield { ...schedule, beginning: "clean" };
}

function show({ beginning, commands, deeds, faults }: RegistrationSchedule): readonly string[] {
  return [
    showPart("registry", { beginning }),
    ...commands.map((command) => showPart("command", command)),
    ...deeds.map((deed) => showPart("deed", deed)),
    ...faults.map((fault) => showPart("fault", fault)),
  ];
}

/** Registrations on the simulated machine. */
export const registrations: Simulation<RegistrationSchedule, RegistrationSwitch> = {
  effects: registrationEffects,
  leads: {},
  scheduleOf,
  withFault: (schedule, ...faults) => ({ ...schedule, faults: [...faults, ...schedule.faults] }),
  run,
  smaller,
  show,
};
