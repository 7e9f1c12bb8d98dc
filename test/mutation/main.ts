/**
 * Mutation tests of what a restore, a registration and a writer decide: npm run test:mutation -- [file or file:line …]
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

/** A folder whose decisions are held to its own tests: what others notice by chance does not count. */
interface Area {
  readonly folder: string;
  readonly tests: readonly string[];
}

const areas: readonly Area[] = [
  { folder: "src/base/durable-log", tests: ["test/unit/base/durable-log"] },
  {
    folder: "src/runtime/restore",
    tests: ["test/unit/runtime/restore", "test/unit/compatibility/journal.test.ts"],
  },
  { folder: "src/tools/registration", tests: ["test/unit/tools/registration"] },
  { folder: "src/runtime/writer", tests: ["test/unit/runtime/writer"] },
];
// Loops over each byte of a log: behind switches they take minutes.
const leftOut = new Set(["crc32.ts", "filler.ts"]);

const VERDICTS = ["killed", "timed out", "explained", "survived"] as const;

type Verdict = (typeof VERDICTS)[number];

interface Judged {
  readonly mutant: Mutant;
  readonly verdict: Verdict;
}

interface AreaResult {
  /** All that the area has. */
  readonly mutants: readonly Mutant[];
  readonly judged: readonly Judged[];
}

function sourceFiles(root: string, { folder }: Area): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !leftOut.has(name))
    .map((name) => `${folder}/${name}`)
    .toSorted();
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

/** Judges the mutants of one area that somebody asked for, file by file. */
async function judgeArea(
  root: string,
  area: Area,
  {
    args,
    explained,
  }: { readonly args: readonly string[]; readonly explained: readonly Explained[] },
): Promise<AreaResult> {
  const mutants: Mutant[] = [];
  const code = new Map<string, string>();
  for (const file of sourceFiles(root, area)) {
    const source = readFileSync(join(root, file), "utf8");
    const found = findMutants(file, source);
    code.set(join(root, file), instrument(source, found, mutants.length));
    mutants.push(...found);
  }
  const asked = [...mutants.entries()].filter(([, mutant]) => isAsked(mutant, args));
  if (asked.length === 0) return { mutants, judged: [] };
  await bundleTests(root, area.tests, code);
  const runs = await TestRuns.start(root);
  const judged: Judged[] = [];
  try {
    const reached = await runs.reach();
    const isExplained = (mutant: Mutant): boolean => explained.some((one) => one.isFor(mutant));
    for (const file of code.keys()) {
      const own = asked.filter(([, mutant]) => join(root, mutant.file) === file);
      const open = own.filter(([, mutant]) => !isExplained(mutant));
      judged.push(...(await judge(open, runs, reached)));
      for (const [, mutant] of own)
        if (isExplained(mutant)) judged.push({ mutant, verdict: "explained" });
    }
  } finally {
    await runs.close();
  }
  return { mutants, judged };
}

function rowsOf(judged: readonly Judged[]): readonly string[] {
  const files = new Set(judged.map(({ mutant }) => mutant.file));
  return [...files].map((file) =>
    row(
      file,
      judged.filter(({ mutant }) => mutant.file === file),
    ),
  );
}

export async function main(root: string, args: readonly string[]): Promise<number> {
  const explained = readExplained(join(root, "test", "mutation", "explained.json"));
  const results: AreaResult[] = [];
  for (const area of areas) results.push(await judgeArea(root, area, { args, explained }));
  const judged = results.flatMap((one) => one.judged);
  const problems = outdated(
    explained,
    results.flatMap(({ mutants }) => mutants),
  );
  console.log(["", HEADER, ...rowsOf(judged), row("all", judged), "", ...problems].join("\n"));
  return problems.length === 0 && percentOf(judged) >= LEAST_PERCENT ? 0 : 1;
}
