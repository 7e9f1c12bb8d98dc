import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { errorText } from "../../src/base/errors.ts";
import type { FuzzTarget } from "./target.ts";

/** The inputs of a target to run. */
export interface FuzzRun {
  readonly seed: number;
  /** The number of the first input. */
  readonly from: number;
  readonly runs: number;
}

export interface FuzzReport {
  readonly target: string;
  readonly seed: number;
  readonly accepted: number;
  readonly refused: number;
  readonly totalMs: number;
  /** The longest time for an input, in milliseconds. */
  readonly slowestMs: number;
  /** The number of that input. */
  readonly slowest: number;
}

/** The error for an input that a reader did not survive; its number and the seed reproduce it. */
export class FuzzError extends Error {
  readonly index: number;

  constructor(target: string, { seed }: FuzzRun, index: number, cause: unknown) {
    const again = `npm run fuzz -- --target ${target} --seed ${seed} --from ${index} --runs 1`;
    super(`${target}, input ${index}: ${errorText(cause)} Again: ${again}`, { cause });
    this.name = "FuzzError";
    this.index = index;
  }
}

/** Reads the seeds of a target. */
export function readSeeds(seedsFolder: string, { seeds }: FuzzTarget): readonly string[] {
  const folder = join(seedsFolder, seeds);
  return readdirSync(folder)
    .toSorted()
    .map((name) => readFileSync(join(folder, name), "utf8"));
}

/**
 * Runs a target on its inputs, one after the other, in this thread.
 *
 * @param onInput Called with the number of each input before it runs.
 * @throws {@link FuzzError} at the first input that the target does not survive.
 */
export function fuzz(
  target: FuzzTarget,
  seeds: readonly string[],
  run: FuzzRun,
  onInput: (index: number) => void = () => {},
): FuzzReport {
  const started = performance.now();
  const verdicts = { accepted: 0, refused: 0 };
  let [slowest, slowestMs] = [run.from, 0];
  for (let index = run.from; index < run.from + run.runs; index += 1) {
    onInput(index);
    const input = target.input(seeds, run.seed, index);
    const before = performance.now();
    try {
      verdicts[target.run(input)] += 1;
    } catch (error) {
      throw new FuzzError(target.name, run, index, error);
    }
    const tookMs = performance.now() - before;
    if (tookMs > slowestMs) [slowest, slowestMs] = [index, tookMs];
  }
  const totalMs = performance.now() - started;
  return { target: target.name, seed: run.seed, ...verdicts, totalMs, slowestMs, slowest };
}
