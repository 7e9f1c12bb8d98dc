import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { labFolder } from "../src/tools/lab/folder.ts";
import { labInfo } from "../src/tools/lab/info.ts";
import type { WineLab } from "../src/tools/lab/lab.ts";
import { ProgramStuckError, makeBed } from "./bed.ts";
import { withTable } from "./documents.ts";
import { currentCommit, describeMachine } from "./machine.ts";
import { activation } from "./measures/activation.ts";
import { calls } from "./measures/calls.ts";
import { crowd } from "./measures/crowd.ts";
import { freeze } from "./measures/freeze.ts";
import type { Measure } from "./measures/measure.ts";
import { growth } from "./measures/growth.ts";
import { memory } from "./measures/memory.ts";
import { registration } from "./measures/registration.ts";
import { scaffolding } from "./measures/scaffolding.ts";
import { services } from "./measures/services.ts";
import { sizes } from "./measures/sizes.ts";
import { onOneCore } from "./one-core.ts";
import { readOptions, type BenchOptions } from "./options.ts";
import type { Result } from "./result.ts";
import { asText, type Report } from "./table.ts";

const measures: readonly Measure[] = [
  calls,
  activation,
  crowd,
  services,
  freeze,
  growth,
  memory,
  registration,
  scaffolding,
  sizes,
];

function selected({ only }: BenchOptions): readonly Measure[] {
  const unknown = only.filter((name) => !measures.some((measure) => measure.name === name));
  if (unknown.length > 0) {
    const names = measures.map(({ name }) => name).join(", ");
    throw new TypeError(`Unknown measure: ${unknown.join(", ")}. The measures are: ${names}`);
  }
  return only.length === 0 ? measures : measures.filter(({ name }) => only.includes(name));
}

/** Runs measures one after the other in their own lab, and prints the results of each. */
async function runAll(
  root: string,
  lab: WineLab,
  chosen: readonly Measure[],
  isQuick: boolean,
): Promise<readonly Result[]> {
  if (chosen.length === 0) return [];
  let bed = await makeBed(root, lab);
  const results: Result[] = [];
  try {
    for (const measure of chosen) {
      // Flushes the files of the previous part before the next one measures.
      execFileSync("sync");
      let found: readonly Result[];
      try {
        found = await measure.run({ root, bed, isQuick });
      } catch (error) {
        if (!(error instanceof ProgramStuckError)) throw error;
        console.error(`${error.message} Measuring this part again in a new lab.`);
        await bed.remove();
        bed = await makeBed(root, lab);
        found = await measure.run({ root, bed, isQuick });
      }
      console.log(`\n${measure.name}, compared with ${measure.peer}\n${asText(found)}`);
      results.push(...found);
    }
  } finally {
    await bed.remove();
  }
  return results;
}

async function measureAll(root: string, options: BenchOptions): Promise<Report> {
  const lab = labInfo(labFolder());
  if (lab?.kind !== "wine") throw new Error("The bench needs the lab on Linux. Run: npm run setup");
  const chosen = selected(options);
  const started = performance.now();
  const run = (measured: readonly Measure[]): Promise<readonly Result[]> =>
    runAll(root, lab, measured, options.isQuick);
  const results = [
    ...(await onOneCore(() => run(chosen.filter(({ isOnOneCore }) => isOnOneCore === true)))),
    ...(await run(chosen.filter(({ isOnOneCore }) => isOnOneCore !== true))),
  ];
  console.log(`\n${((performance.now() - started) / 1000).toFixed(0)} s`);
  const date = new Date().toISOString().slice(0, "2026-01-31".length);
  return { machine: describeMachine(lab), date, commit: currentCommit(root), results };
}

function writeTables(root: string, report: Report): void {
  for (const name of ["README.md", "docs/bench.md"] as const) {
    const file = join(root, name);
    writeFileSync(file, withTable(name, readFileSync(file, "utf8"), report));
  }
}

/** Runs `npm run bench`; tools/bench.mjs has built the programs. */
export async function main(root: string, args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  const file = join(root, "bench", "results.json");
  if (options.isTables) {
    writeTables(root, JSON.parse(readFileSync(file, "utf8")));
    return;
  }
  const report = await measureAll(root, options);
  // A partial or quick run is not recorded.
  if (options.isQuick || options.only.length > 0) return;
  writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`);
  writeTables(root, report);
}
