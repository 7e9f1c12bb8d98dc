import { expect, it } from "vitest";

import { explain, hunt } from "../simulation/campaign.ts";
import { Coverage } from "../simulation/coverage.ts";
import { restores } from "../simulation/run.ts";

// One worker runs them one after the other, beside the other tests.
const SCHEDULES = 10_000;
// Seeds that the shorter test does not use.
const firstSeeds = Array.from({ length: 10 }, (_, part) => 1_000_000 + part * SCHEDULES);

it.each(firstSeeds)(
  `finds nothing wrong in ${SCHEDULES} schedules from seed %i`,
  async (firstSeed) => {
    const coverage = new Coverage(restores.effects);
    const finding = await hunt(restores, { firstSeed, schedules: SCHEDULES, coverage });
    console.log(`${SCHEDULES} schedules from seed ${firstSeed}\n${coverage.lines.join("\n")}`);
    expect(finding === undefined ? "" : await explain(restores, finding)).toBe("");
  },
);
