#!/usr/bin/env node
import { join } from "node:path";
import { errorText, isWsbErrorCode } from "../src/base/errors.ts";
import { absoluteFolder, completeAnswers } from "./answers.ts";
import type { Answers, GivenAnswers, Surroundings } from "./answers.ts";
import { createProject } from "./create.ts";
import { readFlags, wrongUsage } from "./flags.ts";
import { filesOf, layersOf } from "./layers.ts";
import type { ProjectFile, Sources } from "./layers.ts";
import { recordFile } from "./record.ts";
import * as report from "./report.ts";
import { Interrupted, interruptSignal } from "./signals.ts";
import { TargetExistsError, findCollisions, refuseUsedTarget } from "./target.ts";
import { checkAnswers } from "./validate.ts";

const exitCodes = { failed: 1, wrongUsage: 2 };
const usageCodes: ReadonlySet<string> = new Set([
  "ERR_WSB_INVALID_ARGUMENT",
  "ERR_WSB_INVALID_MANIFEST",
]);
const sources: Sources = {
  templates: join(import.meta.dirname, "templates"),
  shim: join(import.meta.dirname, "shim-source"),
};

/** What a project consists of: the files to make, and their paths with that of the record. */
interface Content {
  readonly files: readonly ProjectFile[];
  readonly paths: readonly string[];
}

async function main(args: readonly string[], surroundings: Surroundings): Promise<string> {
  const flags = readFlags(args);
  if (flags.show !== undefined) {
    return flags.show === "help" ? report.help : `${report.version}\n`;
  }
  refuseProblems(flags.given);
  const { merge } = flags;
  const given = merge ? await addExisting(flags.given, surroundings) : flags.given;
  // In this order: to look at the streams takes longer than the rest of this function.
  const isInteractive = !flags.askNothing && process.stdin.isTTY && process.stdout.isTTY;
  const all = isInteractive ? await askWhatIsOpen(given, merge, surroundings) : given;
  if (all !== flags.given) refuseProblems(all);
  const answers = completeAnswers(all, surroundings);
  const { files, paths } = contentOf(answers);
  const kept = merge ? findCollisions(answers.folder, paths) : [];
  if (!merge) refuseUsedTarget(answers.folder, paths);
  const missing = files.filter(({ path }) => !kept.includes(path));
  if (!flags.dryRun) await createProject(answers, missing, interruptSignal());
  const outcome = {
    answers,
    files: paths.filter((path) => !kept.includes(path)),
    kept,
    isDryRun: flags.dryRun,
    currentFolder: surroundings.currentFolder,
  };
  return flags.json ? report.outcomeAsJson(outcome) : report.outcomeAsText(outcome);
}

/** What a project that is there already says of itself need not be asked. */
async function addExisting(
  given: GivenAnswers,
  { currentFolder }: Surroundings,
): Promise<GivenAnswers> {
  if (given.folder === undefined) {
    throw wrongUsage("--merge needs the folder to add to: [dir] or --dir.");
  }
  const { addManifestAnswers } = await import("./existing.ts");
  return addManifestAnswers(given, absoluteFolder(given.folder, currentFolder));
}

async function askWhatIsOpen(
  given: GivenAnswers,
  merge: boolean,
  surroundings: Surroundings,
): Promise<GivenAnswers> {
  if (given.folder !== undefined && !merge) {
    // Before anybody has answered anything.
    const answers = completeAnswers(given, surroundings);
    refuseUsedTarget(answers.folder, contentOf(answers).paths);
  }
  const { ask } = await import("./ask.ts");
  return ask({ ...surroundings, given, sources, merge });
}

function contentOf(answers: Answers): Content {
  const files = filesOf(sources, layersOf(answers));
  return { files, paths: [...files.map(({ path }) => path), recordFile].toSorted() };
}

function refuseProblems(given: GivenAnswers): void {
  const problems = checkAnswers(given).map(({ flag, complaint }) => `${flag} ${complaint}.`);
  if (problems.length > 0) throw wrongUsage(problems.join("\n"));
}

function reportFailure(error: unknown, json: boolean): number {
  if (error instanceof Interrupted) {
    process.stderr.write(`${error.message}\n`);
    return error.exitCode;
  }
  // What is loaded late throws errors of a class of its own.
  const given = error instanceof Error && "code" in error ? error.code : undefined;
  const code = isWsbErrorCode(given) ? given : "ERR_WSB_GENERATOR";
  const collisions = error instanceof TargetExistsError ? error.collisions : [];
  if (json) {
    process.stdout.write(report.failureAsJson(code, errorText(error), collisions));
  } else {
    process.stderr.write(report.failureAsText(errorText(error), collisions));
  }
  return usageCodes.has(code) ? exitCodes.wrongUsage : exitCodes.failed;
}

async function run(args: readonly string[]): Promise<void> {
  try {
    const userAgent = process.env["npm_config_user_agent"];
    process.stdout.write(await main(args, { currentFolder: process.cwd(), userAgent }));
  } catch (error) {
    process.exitCode = reportFailure(error, args.includes("--json"));
  }
}

// Not awaited: the bundle is no ES module, see build.mjs.
void run(process.argv.slice(2));
