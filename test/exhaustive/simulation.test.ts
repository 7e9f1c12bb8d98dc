import { expect, it } from "vitest";

import { explain, hunt } from "../simulation/campaign.ts";
import { Coverage } from "../simulation/coverage.ts";
import { registrations } from "../simulation/registration/run.ts";
import { restores } from "../simulation/run.ts";
import type { Simulation } from "../simulation/simulation.ts";
import { backups } from "../simulation/writer/run.ts";

// One worker runs them one after the other, beside the other tests.
const SCHEDULES = 10_000;
// Seeds that the shorter tests do not use.
const firstSeeds = Array.from({ length: 10 }, (_, part) => 1_000_000 + part * SCHEDULES);

async function findNothing<Schedule extends { readonly seed: number }, Fault>(
  simulation: Simulation<Schedule, Fault>,
  firstSeed: number,
): Promise<void> {
  const coverage = new Coverage(simulation.effects);
  const finding = await hunt(simulation, { firstSeed, schedules: SCHEDULES, coverage });
  console.log(`${SCHEDULES} schedules from seed ${firstSeed}\n${coverage.lines.join("\n")}`);
  expect(finding === undefined ? "" : await explain(simulation, finding)).toBe("");
}

it.each(firstSeeds)(`restores: nothing wrong in ${SCHEDULES} schedules from seed %i`, (firstSeed) =>
  findNothing(restores, firstSeed),
);

it.each(firstSeeds)(
  `registrations: nothing wrong in ${SCHEDULES} schedules from seed %i`,
  (firstSeed) => findNothing(registrations, firstSeed),
);

it.each(firstSeeds)(`backups: nothing wrong in ${SCHEDULES} schedules from seed %i`, (firstSeed) =>
  findNothing(backups, firstSeed),
);
