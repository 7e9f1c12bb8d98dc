import { expect, it } from "vitest";

import { guardedFuzz } from "../fuzz/guard.ts";
import { guardFor } from "../fuzz/limits.ts";
import { targets } from "../fuzz/targets.ts";
import { repository } from "../generator/generator.ts";

const RUNS = 100_000;
const seed = Date.now() % 1_000_000;

it.each(targets)(`$name survives ${RUNS} generated inputs (seed ${seed})`, async ({ name }) => {
  const run = { seed, from: 0, runs: RUNS };
  const { accepted, refused } = await guardedFuzz(name, run, guardFor(repository));
  expect(accepted + refused).toBe(RUNS);
});
