import { expect, it } from "vitest";

import { explain, hitEachEffect, hunt } from "./campaign.ts";
import { Coverage } from "./coverage.ts";
import { knownFaults } from "./faults.ts";
import { foundFaults } from "./found.ts";
import { restores } from "./run.ts";
import { withDeed } from "./schedule.ts";
import { traceOf } from "./trace.ts";

// The exhaustive tests run far more. Another seed is for those who look for faults.
const SCHEDULES = Number(process.env["SIMULATION_SCHEDULES"] ?? 200);
const FIRST_SEED = Number(process.env["SIMULATION_SEED"] ?? 1);

// Seconds, on a machine that has nothing else to do.
const LIMIT_MS = 300_000;

it(
  `finds nothing wrong in ${SCHEDULES} schedules, with each fault at each effect`,
  { timeout: LIMIT_MS },
  async () => {
    const coverage = new Coverage(restores.effects);
    const finding =
      (await hunt(restores, { firstSeed: FIRST_SEED, schedules: SCHEDULES, coverage })) ??
      (await hitEachEffect(restores, FIRST_SEED, coverage));
    console.log(`${SCHEDULES} schedules from seed ${FIRST_SEED}\n${coverage.lines.join("\n")}`);
    expect(finding === undefined ? "" : await explain(restores, finding)).toBe("");
    expect(coverage.missing).toEqual([]);
  },
);

it("runs the same for the same seed", async () => {
  for (const seed of [FIRST_SEED, FIRST_SEED + 1, FIRST_SEED + 2]) {
    const schedule = restores.scheduleOf(seed);
    expect(await traceOf(restores, schedule)).toBe(await traceOf(restores, schedule));
  }
});

it.each(knownFaults)(
  "finds within $within schedules $name",
  async ({ name, fault, within, deed }) => {
    const finding = await hunt(restores, {
      firstSeed: FIRST_SEED,
      schedules: within,
      fault,
      change: deed && ((schedule) => withDeed(schedule, deed)),
    });
    console.log(`${name}: ${finding?.schedules} schedules, ${finding?.invariant}`);
    expect(finding).toBeDefined();
  },
);

it.each(foundFaults)("no longer finds $name", async ({ schedule }) => {
  const { violation } = await restores.run(schedule);
  expect(violation).toBeUndefined();
});
