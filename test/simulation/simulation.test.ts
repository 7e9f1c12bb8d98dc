import { expect, it } from "vitest";

import { explain, hunt } from "./campaign.ts";
import { Coverage } from "./coverage.ts";
import { knownFaults } from "./faults.ts";

// The exhaustive tests run far more. Another seed is for those who look for faults.
const SCHEDULES = Number(process.env["SIMULATION_SCHEDULES"] ?? 200);
const FIRST_SEED = Number(process.env["SIMULATION_SEED"] ?? 1);

it(`finds nothing wrong in ${SCHEDULES} schedules`, async () => {
  const coverage = new Coverage();
  const finding = await hunt({ firstSeed: FIRST_SEED, schedules: SCHEDULES, coverage });
  const text = finding === undefined ? "" : await explain(finding);
  console.log(`${SCHEDULES} schedules from seed ${FIRST_SEED}\n${coverage.lines.join("\n")}`);
  expect(text).toBe("");
});

it.each(knownFaults)("finds $name", async ({ name, fault }) => {
  const finding = await hunt({ firstSeed: FIRST_SEED, schedules: SCHEDULES, fault });
  console.log(`${name}: ${finding?.schedules} schedules, ${finding?.invariant}`);
  expect(finding).toBeDefined();
});
