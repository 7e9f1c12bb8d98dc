import { vi } from "vitest";

import { lateCrypto } from "../../src/base/late-modules.ts";
import { Random } from "../fuzz/random.ts";
import { perform } from "./actors/administrator.ts";
import { runClient, type Servers } from "./actors/client.ts";
import { recover } from "./actors/guardian.ts";
import { openServices } from "./actors/kit.ts";
import {
  everyCallIsAnswered,
  everySessionCanBeEnded,
  nothingStaysStoppedInSilence,
  startTypesArePutBack,
  type Violation,
} from "./invariants.ts";
import type { EffectKind, FaultKind } from "./machine/processes.ts";
import type { Schedule } from "./schedule.ts";
import { noFault, type Switch } from "./switches.ts";
import { World } from "./world.ts";

export interface RunOptions {
  /** @defaultValue the kit as it is */
  readonly fault?: Switch;
  readonly onEffect?: (effect: EffectKind, fault: FaultKind | undefined) => void;
  readonly note?: (line: string) => void;
}

export interface RunEnd {
  readonly violation: Violation | undefined;
  readonly effects: number;
}

// A wait for the lock of half an hour, and its half hour again.
const LIMIT_MS = 2 * 3_600_000;

/** Replaces the sources of chance and of the date until {@link restoreChance}. */
function replaceChance(seed: number): void {
  const random = new Random(seed, 2);
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.spyOn(Math, "random").mockImplementation(() => random.below(2 ** 30) / 2 ** 30);
  let sessions = 0;
  vi.spyOn(lateCrypto(), "randomUUID").mockImplementation(() => {
    sessions += 1;
    return `00000000-0000-4000-8000-${String(sessions).padStart(12, "0")}`;
  });
}

function restoreChance(): void {
  vi.restoreAllMocks();
  vi.useRealTimers();
}

/** Runs a schedule to its end, or to the first check that fails. */
export async function run(schedule: Schedule, options: RunOptions = {}): Promise<RunEnd> {
  const { fault = noFault, onEffect = () => {}, note = () => {} } = options;
  replaceChance(schedule.seed);
  try {
    const world = new World({ schedule, fault, onEffect, note });
    begin(world);
    await world.run(LIMIT_MS);
    if (world.violation === undefined) finalChecks(world);
    if (world.violation === undefined) await repair(world);
    world.processes.endAll("is over");
    return { violation: world.violation, effects: world.processes.effects };
  } finally {
    restoreChance();
  }
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
    let outcome = "hangs";
    world.truth.choose(addin);
    const choice = { decision: "start", force: true, role: "administrator" } as const;
    void recover(world, addin, choice).then((end) => {
      outcome = end;
      return end;
    });
    await world.run(world.scheduler.now() + LIMIT_MS);
    if (world.violation === undefined) world.check(everySessionCanBeEnded(world, addin, outcome));
  }
}

function finalChecks(world: World): void {
  world.check(everyCallIsAnswered(world));
  world.check(nothingStaysStoppedInSilence(world));
  world.check(startTypesArePutBack(world));
}
