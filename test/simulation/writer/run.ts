import { vi } from "vitest";

import { withChance } from "../chance.ts";
import { broken } from "../invariants.ts";
import { writerEffects } from "../machine/processes.ts";
import { withoutOne } from "../shrink.ts";
import type { RunEnd, RunOptions, Simulation } from "../simulation.ts";
import { showPart } from "../trace.ts";
import { perform, turnOn } from "./actors/others.ts";
import { runBackup, type BackupEnd } from "./actors/requester.ts";
import { startService, type Service } from "./actors/service.ts";
import { nothingStaysFrozen } from "./invariants.ts";
import { scheduleOf, type FreezePlan, type WriterSchedule } from "./schedule.ts";
import { noFault, type WriterSwitchboard } from "./switches.ts";
import { WriterWorld } from "./world.ts";

// The limits of VSS, of the kit and of a restart, and some more.
const REST_MS = 3 * 60_000;

const works: FreezePlan = { kind: "works", takesMs: 10 };

/** The service manager, and what an administrator keeps. */
export class Machine {
  readonly #world: WriterWorld;
  readonly #plans = new Map<string, FreezePlan>();
  #service: Service | undefined;
  #isWanted = false;
  oldJournal: Buffer | undefined;

  constructor(world: WriterWorld) {
    this.#world = world;
    world.onServiceEnd = () => this.#restart();
    world.onBoot = () => this.start();
  }

  /** Starts the service, unless it runs. */
  start(): void {
    this.#isWanted = true;
    if (this.#world.service !== undefined) return;
    this.#service = startService(this.#world, (set) => this.#plans.get(set) ?? works);
  }

  async stop(): Promise<void> {
    this.#isWanted = false;
    if (this.#world.service !== undefined) await this.#service?.stop();
  }

  plan(set: string, freeze: FreezePlan): void {
    this.#plans.set(set, freeze);
  }

  #restart(): void {
    const { scheduler, schedule, boot } = this.#world;
    scheduler.after(schedule.restartMs, () => {
      if (this.#isWanted && boot === this.#world.boot) this.start();
    });
  }
}

async function run(
  schedule: WriterSchedule,
  options: RunOptions<WriterSwitchboard> = {},
): Promise<RunEnd> {
  const { fault = noFault, onEffect = () => {}, note = () => {} } = options;
  return withChance(schedule.seed, async () => {
    vi.stubEnv("ProgramData", "/simulated/ProgramData");
    vi.spyOn(Atomics, "wait").mockReturnValue("timed-out");
    try {
      const world = new WriterWorld({ schedule, fault, onEffect, note });
      const machine = new Machine(world);
      machine.start();
      for (const [index, plan] of schedule.backups.entries()) {
        const set = `set ${index + 1}`;
        machine.plan(set, plan.freeze);
        world.scheduler.after(plan.startMs, () => void runBackup(world, set, plan));
      }
      for (const { kind, atMs } of schedule.deeds) {
        world.scheduler.after(atMs, () => void perform(world, machine, kind));
      }
      await world.run(endOf(schedule) + REST_MS);
      // A service that hangs at its start, without a guardian, is ended by its shim or by somebody.
      if (world.violation === undefined && world.canThaw) world.check(nothingStaysFrozen(world));
      if (world.violation === undefined) await repair(world, machine);
      if (world.violation === undefined) world.check(nothingStaysFrozen(world));
      world.processes.endAll("is over");
      return { violation: world.violation, effects: world.processes.effects };
    } finally {
      vi.unstubAllEnvs();
    }
  });
}

function endOf({ backups: planned, deeds }: WriterSchedule): number {
  return Math.max(...planned.map(({ startMs }) => startMs), ...deeds.map(({ atMs }) => atMs));
}

/** When everything works again, a backup does too. */
async function repair(world: WriterWorld, machine: Machine): Promise<void> {
  const { scheduler, processes, disk } = world;
  world.note("everything works again");
  processes.isCalm = true;
  disk.fill(Number.MAX_SAFE_INTEGER);
  // An administrator ends what hangs.
  processes.endAll("is ended by an administrator");
  machine.start();
  const state: { end: BackupEnd | "hangs" } = { end: "hangs" };
  scheduler.after(5000, () => turnOn(world));
  scheduler.after(15_000, () => {
    const plan = { startMs: 0, freeze: works, copyMs: 100, isDeathSeen: true };
    void runBackup(world, "last set", plan).then((end) => {
      state.end = end;
      return end;
    });
  });
  await world.run(scheduler.now() + REST_MS);
  if (world.violation !== undefined || state.end === "good") return;
  world.check(broken("a backup works again", `the last backup: ${state.end}`));
}

function* smaller(schedule: WriterSchedule): Generator<WriterSchedule> {
  for (const backups of withoutOne(schedule.backups)) yield { ...schedule, backups };
  for (const deeds of withoutOne(schedule.deeds)) yield { ...schedule, deeds };
  for (const faults of withoutOne(schedule.faults)) yield { ...schedule, faults };
  for (const [at, backup] of schedule.backups.entries()) {
    const { dies, freeze, ...rest } = backup;
    const isPlain = freeze.kind === "works";
    const change = (one: typeof backup): WriterSchedule => ({
      ...schedule,
      backups: schedule.backups.with(at, one),
    });
    if (dies !== undefined) yield change({ ...rest, freeze });
    if (!isPlain) yield change({ ...backup, freeze: works });
  }
}

function show({ backups, deeds, faults, ...rest }: WriterSchedule): readonly string[] {
  return [
    showPart("machine", rest),
    ...backups.map((backup) => showPart("backup", backup)),
    ...deeds.map((deed) => showPart("deed", deed)),
    ...faults.map((fault) => showPart("fault", fault)),
  ];
}

/** Backups of a writer on the simulated machine. */
export const backups: Simulation<WriterSchedule, WriterSwitchboard> = {
  effects: writerEffects,
  leads: {},
  scheduleOf,
  withFault: (schedule, ...faults) => ({ ...schedule, faults: [...faults, ...schedule.faults] }),
  run,
  smaller,
  show,
};
