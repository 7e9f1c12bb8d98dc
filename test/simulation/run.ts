import { perform } from "./actors/administrator.ts";
import { runClient, type Servers } from "./actors/client.ts";
import { recover } from "./actors/guardian.ts";
import { openServices } from "./actors/kit.ts";
import { withChance } from "./chance.ts";
import {
  everyCallIsAnswered,
  everySessionCanBeEnded,
  nothingStaysStoppedInSilence,
  startTypesArePutBack,
} from "./invariants.ts";
import { restoreEffects } from "./machine/processes.ts";
import { scheduleOf, type Schedule } from "./schedule.ts";
import { withoutOne } from "./shrink.ts";
import type { RunEnd, RunOptions, Simulation } from "./simulation.ts";
import { noFault, type Switch } from "./switches.ts";
import { showPart } from "./trace.ts";
import { World } from "./world.ts";

// A wait for the lock of half an hour, and its half hour again.
const LIMIT_MS = 2 * 3_600_000;

async function run(schedule: Schedule, options: RunOptions<Switch> = {}): Promise<RunEnd> {
  const { fault = noFault, onEffect = () => {}, note = () => {} } = options;
  return withChance(schedule.seed, async () => {
    const world = new World({ schedule, fault, onEffect, note });
    begin(world);
    await world.run(LIMIT_MS);
    if (world.violation === undefined) finalChecks(world);
    if (world.violation === undefined) await repair(world);
    world.processes.endAll("is over");
    return { violation: world.violation, effects: world.processes.effects };
  });
}

function begin(world: World): void {
  const { schedule, scheduler } = world;
  const servers: Servers = new Map();
  const backup = new Map<number, Buffer>();
  world.openServices = (addin) => openServices(world, addin);
  world.onBoot = () => {
    for (const addin of [0, 1]) {
      void recover(world, addin, { decision: "undecided", force: false, role: "boot task" });
    }
  };
  for (const plan of schedule.clients) {
    scheduler.after(plan.startMs, () => void runClient(world, servers, plan));
  }
  for (const deed of schedule.deeds) {
    if (deed.kind === "fill disk" && deed.atMs < 4000) {
      world.truth.isFullFromStart = true;
      world.disk.fill(0);
    }
    scheduler.after(deed.atMs, () => void perform(world, deed, backup));
  }
}

/** What an administrator decides at the end ends every session. */
async function repair(world: World): Promise<void> {
  world.processes.isCalm = true;
  world.services.isCalm = true;
  for (const addin of [0, 1]) {
    if (world.violation !== undefined) return;
    const wasRestarted = world.isRestarted;
    let outcome = await decide(world, addin);
    // The restart at last has ended this process too.
    const isCutOff = outcome === "hangs" && world.isRestarted && !wasRestarted;
    if (isCutOff) outcome = await decide(world, addin);
    if (world.violation === undefined) world.check(everySessionCanBeEnded(world, addin, outcome));
  }
}

async function decide(world: World, addin: number): Promise<string> {
  let outcome = "hangs";
  world.truth.choose(addin);
  const choice = { decision: "start", force: true, role: "administrator" } as const;
  void recover(world, addin, choice).then((end) => {
    outcome = end;
    return end;
  });
  await world.run(world.scheduler.now() + LIMIT_MS);
  return outcome;
}

function finalChecks(world: World): void {
  world.check(everyCallIsAnswered(world));
  world.check(nothingStaysStoppedInSilence(world));
  world.check(startTypesArePutBack(world));
}

function* smaller(schedule: Schedule): Generator<Schedule> {
  for (const clients of withoutOne(schedule.clients)) yield { ...schedule, clients };
  for (const deeds of withoutOne(schedule.deeds)) yield { ...schedule, deeds };
  for (const faults of withoutOne(schedule.faults)) yield { ...schedule, faults };
  const { clients, services } = schedule;
  for (const [at, client] of clients.entries()) {
    for (const steps of withoutOne(client.steps)) {
      yield { ...schedule, clients: clients.with(at, { ...client, steps }) };
    }
  }
  const plain = { onStop: "obeys", onStart: "obeys", watchdogMs: 0 } as const;
  for (const [at, service] of services.entries()) {
    const isPlain =
      service.onStop === "obeys" && service.onStart === "obeys" && service.watchdogMs === 0;
    if (!isPlain) yield { ...schedule, services: services.with(at, { ...service, ...plain }) };
  }
}

function show({ services, addins, clients, deeds, faults }: Schedule): readonly string[] {
  return [
    ...services.map((service) => showPart("service", service)),
    ...addins.map((addin) => showPart("add-in", addin)),
    ...clients.map(({ steps, ...client }) => {
      const calls = steps.map(
        ({ call, component, handler, pauseMs }) =>
          `${pauseMs} ms, ${call} ${component}${handler === "works" ? "" : ` (${handler})`}`,
      );
      return `${showPart("client", client)}: ${calls.join("; ")}`;
    }),
    ...deeds.map((deed) => showPart("deed", deed)),
    ...faults.map((fault) => showPart("fault", fault)),
  ];
}

/** Restores on the simulated machine. */
export const restores: Simulation<Schedule, Switch> = {
  effects: restoreEffects,
  // So rare that only a fault leads to it.
  leads: { "disk.remove": { effect: "registry.flush", fault: "error", nth: 0, isAfter: false } },
  scheduleOf,
  withFault: (schedule, ...faults) => ({ ...schedule, faults: [...faults, ...schedule.faults] }),
  run,
  smaller,
  show,
};
