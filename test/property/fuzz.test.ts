import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { targets as faulty } from "../fixtures/fuzz/targets.ts";
import { fuzz, readSeeds } from "../fuzz/fuzz.ts";
import { guardedFuzz } from "../fuzz/guard.ts";
import { guardFor } from "../fuzz/limits.ts";
import type { FuzzTarget } from "../fuzz/target.ts";
import { targets } from "../fuzz/targets.ts";
import { repository } from "../generator/generator.ts";

const RUNS = 1000;
const SEED = 1;

const guard = guardFor(repository);
const fixtures = join(repository, "test/fixtures/fuzz");
const faults = {
  ...guard,
  table: join(fixtures, "targets.ts"),
  seedsFolder: join(fixtures, "seeds"),
  limitMs: 1000,
  memoryMib: 32,
};

function inputsOf(target: FuzzTarget, seeds: readonly string[], seed: number): readonly string[] {
  return Array.from({ length: 50 }, (_, index) => target.input(seeds, seed, seeds.length + index));
}

describe.each(targets)("the reader of $name", (target) => {
  const seeds = readSeeds(guard.seedsFolder, target);

  it(`survives ${RUNS} generated inputs`, () => {
    const report = fuzz(target, seeds, { seed: SEED, from: 0, runs: RUNS });
    expect(report.accepted + report.refused).toBe(RUNS);
    // Inputs that are all valid or all invalid would prove nothing.
    expect(report.accepted).toBeGreaterThan(RUNS / 40);
    expect(report.refused).toBeGreaterThan(RUNS / 40);
    expect(report.slowestMs).toBeLessThan(guard.limitMs);
  });

  it("gets the same inputs for the same seed, and others for another seed", () => {
    const inputs = inputsOf(target, seeds, 1);
    expect(inputsOf(target, seeds, 1)).toEqual(inputs);
    expect(inputsOf(target, seeds, 2)).not.toEqual(inputs);
    expect(new Set(inputs).size).toBeGreaterThan(40);
  });

  it("gets every seed unchanged", () => {
    const texts = seeds.map((_, index) => target.input(seeds, SEED, index));
    if (target.name === target.seeds) expect(texts).toEqual(seeds);
    for (const text of texts) target.run(text);
  });
});

describe("a guarded run", () => {
  const run = { seed: SEED, from: 0, runs: 10 };

  it("returns a report", async () => {
    expect(await guardedFuzz("refuses", run, faults)).toMatchObject({
      target: "refuses",
      seed: SEED,
      accepted: 9,
      refused: 1,
    });
  });

  it.each(faulty.filter(({ name }) => name !== "refuses" && name !== "contradicts itself"))(
    "names the input at which a reader $name",
    async ({ name }) => {
      await expect(guardedFuzz(name, run, faults)).rejects.toMatchObject({
        name: "FuzzError",
        index: 2,
      });
    },
  );

  it("names the input at which a reader fails, whatever it throws", async () => {
    await expect(guardedFuzz("contradicts itself", run, faults)).rejects.toMatchObject({
      name: "FuzzError",
      index: 0,
    });
  });

  it("begins at the given input", async () => {
    expect(await guardedFuzz("crashes", { ...run, from: 3 }, faults)).toMatchObject({
      accepted: 10,
    });
  });
});
