import { expect, it } from "vitest";

import { explain, hitEachEffect, hunt } from "./campaign.ts";
import { Coverage } from "./coverage.ts";
import type { Simulation } from "./simulation.ts";
import { traceOf } from "./trace.ts";

/** A fault of the kit that was found once, and a switch that brings it back. */
export interface KnownFault<Fault, Deed> {
  /** The fault in a few words. */
  readonly name: string;
  readonly fault: Fault;
  /** The schedules in which it must be found. */
  readonly within: number;
  /** What it must break. @defaultValue any */
  readonly invariant?: string;
  /** What somebody does in each of them, for a fault that needs it. */
  readonly deed?: Deed;
}

/** A shrunk schedule that once broke an invariant. */
export interface FoundFault<Schedule> {
  /** What went wrong in a few words. */
  readonly name: string;
  readonly schedule: Schedule;
}

export interface SimulationTests<Schedule, Fault, Deed> {
  readonly knownFaults: readonly KnownFault<Fault, Deed>[];
  readonly foundFaults: readonly FoundFault<Schedule>[];
  /** A schedule in which somebody does this besides. */
  readonly withDeed: (schedule: Schedule, deed: Deed) => Schedule;
}

// The exhaustive tests run far more. Another seed is for those who look for faults.
const SCHEDULES = Number(process.env["SIMULATION_SCHEDULES"] ?? 200);
const FIRST_SEED = Number(process.env["SIMULATION_SEED"] ?? 1);
// Seconds, on a machine that has nothing else to do.
const LIMIT_MS = 300_000;

/** Tests that a simulation finds nothing wrong, except the faults that are brought back. */
export function testSimulation<Schedule extends { readonly seed: number }, Fault, Deed>(
  simulation: Simulation<Schedule, Fault>,
  { knownFaults, foundFaults, withDeed }: SimulationTests<Schedule, Fault, Deed>,
): void {
  const title = `finds nothing wrong in ${SCHEDULES} schedules, with each fault at each effect`;
  it(title, { timeout: LIMIT_MS }, async () => {
    const coverage = new Coverage(simulation.effects);
    const finding =
      (await hunt(simulation, { firstSeed: FIRST_SEED, schedules: SCHEDULES, coverage })) ??
      (await hitEachEffect(simulation, FIRST_SEED, coverage));
    console.log(`${SCHEDULES} schedules from seed ${FIRST_SEED}\n${coverage.lines.join("\n")}`);
    expect(finding === undefined ? "" : await explain(simulation, finding)).toBe("");
    expect(coverage.missing).toEqual([]);
  });

  it("runs the same for the same seed", async () => {
    for (const seed of [FIRST_SEED, FIRST_SEED + 1, FIRST_SEED + 2]) {
      const schedule = simulation.scheduleOf(seed);
      expect(await traceOf(simulation, schedule)).toBe(await traceOf(simulation, schedule));
    }
  });

  it.each(knownFaults)("finds within $within schedules $name", async (known) => {
    const { name, fault, within, invariant, deed } = known;
    const finding = await hunt(simulation, {
      firstSeed: FIRST_SEED,
      schedules: within,
      fault,
      invariant,
      change: (schedule) => (deed === undefined ? schedule : withDeed(schedule, deed)),
    });
    console.log(`${name}: ${finding?.schedules} schedules, ${finding?.invariant}`);
    expect(finding).toBeDefined();
  });

  it.each(foundFaults)("no longer finds $name", async ({ schedule }) => {
    const { violation } = await simulation.run(schedule);
    expect(violation).toBeUndefined();
  });
}
