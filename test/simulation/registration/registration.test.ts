import { expect, it } from "vitest";

import { explain, hitEachEffect, hunt } from "../campaign.ts";
import { Coverage } from "../coverage.ts";
import { traceOf } from "../trace.ts";
import { knownFaults } from "./faults.ts";
import { foundFaults } from "./found.ts";
import { registrations } from "./run.ts";
import { withDeed } from "./schedule.ts";

// The exhaustive tests run far more. Another seed is for those who look for faults.
const SCHEDULES = Number(process.env["SIMULATION_SCHEDULES"] ?? 200);
const FIRST_SEED = Number(process.env["SIMULATION_SEED"] ?? 1);

// Seconds, on a machine that has nothing else to do.
const LIMIT_MS = 300_000;

it(
  `finds nothing wrong in ${SCHEDULES} schedules, with each fault at each effect`,
  { timeout: LIMIT_MS },
  async () => {
    const coverage = new Coverage(registrations.effects);
    const finding =
      (await hunt(registrations, { firstSeed: FIRST_SEED, schedules: SCHEDULES, coverage })) ??
      (await hitEachEffect(registrations, FIRST_SEED, coverage));
    console.log(`${SCHEDULES} schedules from seed ${FIRST_SEED}\n${coverage.lines.join("\n")}`);
    expect(finding === undefined ? "" : await explain(registrations, finding)).toBe("");
    expect(coverage.missing).toEqual([]);
  },
);

it("runs the same for the same seed", async () => {
  for (const seed of [FIRST_SEED, FIRST_SEED + 1, FIRST_SEED + 2]) {
    const schedule = registrations.scheduleOf(seed);
    expect(await traceOf(registrations, schedule)).toBe(await traceOf(registrations, schedule));
  }
});

it.each(knownFaults)(
  "finds within $within schedules $name",
  async ({ name, fault, within, deed, invariant }) => {
    const finding = await hunt(registrations, {
      firstSeed: FIRST_SEED,
      schedules: within,
      fault,
      invariant,
      change: deed && ((schedule) => withDeed(schedule, deed)),
    });
    console.log(`${name}: ${finding?.schedules} schedules, ${finding?.invariant}`);
    expect(finding).toBeDefined();
  },
);

it.each(foundFaults)("no longer finds $name", async ({ schedule }) => {
  const { violation } = await registrations.run(schedule);
  expect(violation).toBeUndefined();
});
