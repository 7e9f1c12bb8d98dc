import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { FuzzError, readSeeds, type FuzzReport, type FuzzRun } from "./fuzz.ts";
import { guardFor } from "./limits.ts";
import { guardedFuzz } from "./guard.ts";
import { targets } from "./targets.ts";

const usage = `Usage: npm run fuzz -- [--target <name>] [--runs <number>] [--seed <number>] [--from <number>]
Targets: ${targets.map(({ name }) => name).join(", ")}`;

function show({ target, accepted, refused, totalMs, slowestMs, slowest }: FuzzReport): string {
  const seconds = (totalMs / 1000).toFixed(1);
  return `${target}: ${accepted} accepted, ${refused} refused in ${seconds} s; the slowest, input ${slowest}, took ${slowestMs.toFixed(1)} ms`;
}

/** Saves the input as JSON, which can represent half a surrogate pair. */
function keepInput(root: string, name: string, run: FuzzRun, { index }: FuzzError): string {
  const target = targets.find((one) => one.name === name);
  const folder = join(root, "build", "fuzz");
  const file = join(folder, `${name}-${run.seed}-${index}.json`);
  mkdirSync(folder, { recursive: true });
  const guard = guardFor(root);
  const input = target?.input(readSeeds(guard.seedsFolder, target), run.seed, index);
  writeFileSync(file, JSON.stringify(input));
  return file;
}

function readNumber(text: string): number {
  if (!/^\d{1,9}$/u.test(text)) throw new Error(`${JSON.stringify(text)} is not a number.`);
  return Number(text);
}

/**
 * Runs the targets in the command line.
 *
 * @param root The folder of the repository.
 * @returns The exit code.
 */
export async function main(root: string, args: readonly string[]): Promise<number> {
  let run: FuzzRun;
  let names: readonly string[];
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        target: { type: "string", multiple: true, default: targets.map(({ name }) => name) },
        runs: { type: "string", default: "100000" },
        seed: { type: "string", default: String(Date.now() % 1_000_000) },
        from: { type: "string", default: "0" },
      },
    });
    names = values.target;
    const unknown = names.find((name) => !targets.some((target) => target.name === name));
    if (unknown !== undefined) throw new Error(`Unknown target: ${JSON.stringify(unknown)}.`);
    const { runs, seed, from } = values;
    run = { runs: readNumber(runs), seed: readNumber(seed), from: readNumber(from) };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    return 2;
  }
  console.log(`${run.runs} inputs for each target, seed ${run.seed}`);
  const started = performance.now();
  let failures = 0;
  for (const name of names) {
    try {
      console.log(show(await guardedFuzz(name, run, guardFor(root))));
    } catch (error) {
      if (!(error instanceof FuzzError)) throw error;
      failures += 1;
      console.error(`${error.message}\nThe input is in ${keepInput(root, name, run, error)}`);
    }
  }
  console.log(`${((performance.now() - started) / 1000).toFixed(1)} s in all`);
  return failures === 0 ? 0 : 1;
}
