/**
 * Mutation tests of what a restore and a registration decide: npm run test:mutation -- [file or file:line …]
 *
 * Makes one decision wrong at a time and runs the unit tests that reach it. A mutant that no test
 * notices survives: it is a missing test, redundant code, or explained in explained.json.
 */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { bundleTests } from "./bundle-tests.ts";
import { readExplained, type Explained } from "./explained.ts";
import { findMutants, instrument, type Mutant } from "./mutants.ts";
import { TestRuns, type Failure, type Reached } from "./test-runs.ts";

const LEAST_PERCENT = 90;
const folders = ["src/runtime/restore", "src/base/durable-log", "src/tools/registration"];
// Loops over each byte of a log: behind switches they take minutes.
const leftOut = new Set(["crc32.ts", "filler.ts"]);

const VERDICTS = ["killed", "timed out", "explained", "survived"] as const;

type Verdict = (typeof VERDICTS)[number];

interface Judged {
  readonly mutant: Mutant;
  readonly verdict: Verdict;
}

function sourceFiles(root: string): readonly string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && !leftOut.has(name))
      .map((name) => `${folder}/${name}`)
      .toSorted(),
  );
}

/** Tells whether somebody asked for a mutant: all are meant when nothing is named. */
function isAsked({ file, line }: Mutant, args: readonly string[]): boolean {
  if (args.length === 0) return true;
  return args.some((arg) => {
    const [name = "", at] = arg.split(":");
    return file.includes(name) && (at === undefined || Number(at) === line);
  });
}

/** Judges the mutants of one source file. What noticed the last ones is asked first. */
async function judge(
  mutants: readonly (readonly [number, Mutant])[],
  runs: TestRuns,
  reached: readonly Reached[],
): Promise<readonly Judged[]> {
  const kills = new Map<string, number>();
  const judged: Judged[] = [];
  for (const [id, mutant] of mutants) {
    const files = reached
      .filter(({ ids }) => ids.has(id))
      .map(({ file }) => file)
      .toSorted((one, other) => (kills.get(other) ?? 0) - (kills.get(one) ?? 0));
    const killer = files.length === 0 ? undefined : await runs.firstFailure(files, id);
    if (killer !== undefined) kills.set(killer.file, (kills.get(killer.file) ?? 0) + 1);
    const verdict = verdictOf(killer);
    if (verdict !== "killed") console.log(`${verdict}: ${show(mutant)}`);
    judged.push({ mutant, verdict });
  }
  return judged;
}

function verdictOf(failure: Failure | undefined): Verdict {
  if (failure === undefined) return "survived";
  return failure.isTimeOut ? "timed out" : "killed";
}

function show({ file, line, within, change }: Mutant): string {
  return `${file}:${line} ${within === "" ? "" : `(${within}) `}${change}`;
}

const HEADER = [
  `| file | mutants | ${VERDICTS.join(" | ")} | score |`,
  `|---|--:|${VERDICTS.map(() => "--:|").join("")}--:|`,
].join("\n");

function row(name: string, judged: readonly Judged[]): string {
  const counts = VERDICTS.map((verdict) => judged.filter((one) => one.verdict === verdict).length);
  const percent = percentOf(judged).toFixed(1);
  return `| ${name} | ${judged.length} | ${counts.join(" | ")} | ${percent} % |`;
}

/** The share that was killed, or timed out, of those that a test can notice. */
function percentOf(judged: readonly Judged[]): number {
  const counted = judged.filter(({ verdict }) => verdict !== "explained");
  const noticed = counted.filter(({ verdict }) => verdict !== "survived");
  return counted.length === 0 ? 100 : (100 * noticed.length) / counted.length;
}

/** Explanations of mutants that are no longer there. */
function outdated(explained: readonly Explained[], mutants: readonly Mutant[]): readonly string[] {
  return explained
    .filter((one) => !mutants.some((mutant) => one.isFor(mutant)))
    .map(({ text }) => `explained.json names a mutant that does not exist: ${text}`);
}

export async function main(root: string, args: readonly string[]): Promise<number> {
  const mutants: Mutant[] = [];
  const code = new Map<string, string>();
  for (const file of sourceFiles(root)) {
    const source = readFileSync(join(root, file), "utf8");
    const found = findMutants(file, source);
    code.set(join(root, file), instrument(source, found, mutants.length));
    mutants.push(...found);
  }
  const explained = readExplained(join(root, "test", "mutation", "explained.json"));
  const problems = outdated(explained, mutants);
  await bundleTests(root, code);
  const runs = await TestRuns.start(root);
  const all: Judged[] = [];
  const rows: string[] = [];
  try {
    const reached = await runs.reach();
    for (const file of new Set(mutants.map((mutant) => mutant.file))) {
      const asked = [...mutants.entries()].filter(
        ([, mutant]) => mutant.file === file && isAsked(mutant, args),
      );
      const isExplained = (mutant: Mutant): boolean => explained.some((one) => one.isFor(mutant));
      const judged = [
        ...(await judge(
          asked.filter(([, mutant]) => !isExplained(mutant)),
          runs,
          reached,
        )),
        ...asked
          .filter(([, mutant]) => isExplained(mutant))
          .map(([, mutant]): Judged => ({ mutant, verdict: "explained" })),
      ];
      if (judged.length > 0) rows.push(row(file, judged));
      all.push(...judged);
    }
  } finally {
    await runs.close();
  }
  console.log(["", HEADER, ...rows, row("all", all), "", ...problems].join("\n"));
  return problems.length === 0 && percentOf(all) >= LEAST_PERCENT ? 0 : 1;
}
