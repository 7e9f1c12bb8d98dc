#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeText } from "../src/base/decode-text.ts";
import { WsbError, errorText } from "../src/base/errors.ts";
import { codedFileError } from "../src/base/file-error.ts";
import { absoluteFolder, completeAnswers } from "./answers.ts";
import type { Answers, GivenAnswers, Surroundings } from "./answers.ts";
import { Interrupted, interruptSignal } from "./project-command.ts";
import { createProject } from "./create.ts";
import { addManifestAnswers } from "./existing-project.ts";
import { help, readFlags, wrongUsage } from "./flags.ts";
import type { Flags } from "./flags.ts";
import { thisMachine } from "./machine.ts";
import { listScripts, mergePackage } from "./merge-package.ts";
import type { PackageMerge } from "./merge-package.ts";
import { workflowObstacle, workspaceTodo } from "./place.ts";
import { startPlop } from "./plop.ts";
import type { Plop } from "./plop.ts";
import { projectFiles } from "./project-files.ts";
import type { ProjectFile, Sources } from "./project-files.ts";
import * as report from "./report.ts";
import { scaffoldRecordFile } from "./scaffold-record.ts";
import { TargetExistsError, findCollisions, refuseUsedTarget } from "./staging.ts";
import { checkAnswers } from "./validate.ts";

const exitCodes = { failed: 1, wrongUsage: 2 };
const usageCodes: ReadonlySet<string> = new Set([
  "ERR_WSB_INVALID_ARGUMENT",
  "ERR_WSB_INVALID_MANIFEST",
]);
const packageFile = "package.json";
const sources: Sources = {
  templates: join(import.meta.dirname, "templates"),
  shim: join(import.meta.dirname, "shim-source"),
};

async function main(args: readonly string[], surroundings: Surroundings): Promise<string> {
  const flags = readFlags(args);
  if (flags.show === "help") return help;
  if (flags.show === "version") return `${report.version}\n`;
  const { merge, isDryRun } = flags;
  refuseProblems(flags.given);
  const given = merge ? addExisting(flags.given, surroundings) : flags.given;
  const machine = thisMachine(process.env);
  const plop = await startPlop(sources, { ...surroundings, given, machine, merge });
  const all = isInteractive(flags) ? await ask(plop, { ...flags, given }, surroundings) : given;
  refuseProblems(all);
  const answers = completeAnswers(all, surroundings);
  const { files, paths } = contentOf(answers);
  const kept = merge ? findCollisions(answers.folder, paths) : [];
  if (!merge) refuseUsedTarget(answers.folder, paths);
  const missing = files.filter(({ path }) => !kept.includes(path));
  const edit = kept.includes(packageFile) ? mergeInto(plop, answers, files) : nothingToMerge;
  const edited = new Map(edit.text === undefined ? [] : [[packageFile, edit.text]]);
  if (!isDryRun) {
    await createProject(plop, { answers, files: missing, edited }, interruptSignal());
  }
  const outcome: report.Outcome = {
    answers,
    files: paths.filter((path) => !kept.includes(path)),
    kept: kept.filter((path) => !edited.has(path)),
    added: edit.added,
    todo: [...edit.todo, ...placeTodo(all, answers)],
    hasScripts: edit.hasScripts,
    missingServices: await machine.missingServices(answers.services),
    isDryRun,
    surroundings: {
      currentFolder: surroundings.currentFolder,
      platform: process.platform,
      programFiles: process.env["ProgramFiles"],
    },
  };
  return flags.json ? report.outcomeAsJson(outcome) : report.outcomeAsText(outcome);
}

const nothingToMerge: PackageMerge = { text: undefined, added: [], todo: [], hasScripts: true };

/** Adds to an existing package.json what the project needs. */
function mergeInto(plop: Plop, answers: Answers, files: readonly ProjectFile[]): PackageMerge {
  const template = plop.textsOf(
    files.filter(({ path }) => path === packageFile),
    answers,
  );
  const file = join(answers.folder, packageFile);
  const text = decodeText(readFileSync(file), { file, code: "ERR_WSB_INVALID_ARGUMENT" });
  const own = new Set(files.map(({ path }) => path));
  const scripts = listScripts(answers.folder).filter((path) => !own.has(path));
  return mergePackage(text, template.get(packageFile) ?? "", scripts);
}

/** Says what the place of the project in its repository leaves to its owner. */
function placeTodo(given: GivenAnswers, { place, commands }: Answers): readonly string[] {
  const obstacle = given.ci === "none" ? undefined : workflowObstacle(place);
  const { workspace } = place;
  const install =
    workspace === undefined || given.install !== true
      ? []
      : [
          `Install the packages: ${commands.install}. The packages of a workspace have one lock file.`,
        ];
  return [...(obstacle === undefined ? [] : [obstacle]), ...workspaceTodo(place), ...install];
}

function isInteractive({ askNothing }: Flags): boolean {
  return !askNothing && process.stdin.isTTY && process.stdout.isTTY;
}

/** Adds the answers that an existing project's manifest contains. */
function addExisting(given: GivenAnswers, { currentFolder }: Surroundings): GivenAnswers {
  if (given.folder === undefined) {
    throw wrongUsage("--merge needs the folder of the project: [dir] or --dir.");
  }
  return addManifestAnswers(given, absoluteFolder(given.folder, currentFolder));
}

/** Asks the questions that have no answer yet. */
function ask(
  plop: Plop,
  { given, merge }: Flags,
  surroundings: Surroundings,
): Promise<GivenAnswers> {
  if (given.folder !== undefined && !merge) {
    // Fails before the first question.
    const answers = completeAnswers(given, surroundings);
    refuseUsedTarget(answers.folder, contentOf(answers).paths);
  }
  return plop.ask();
}

/** The files of a project. */
interface Content {
  /** Files with a template. */
  readonly files: readonly ProjectFile[];
  /** Paths of all files, with the scaffold record. */
  readonly paths: readonly string[];
}

function contentOf(answers: Answers): Content {
  const files = projectFiles(sources, answers);
  return { files, paths: [...files.map(({ path }) => path), scaffoldRecordFile].toSorted() };
}

function refuseProblems(given: GivenAnswers): void {
  const problems = checkAnswers(given).map(({ flag, complaint }) => `${flag} ${complaint}.`);
  if (problems.length > 0) throw wrongUsage(problems.join("\n"));
}

/** Reports a failure and returns the exit code. */
function reportFailure(error: unknown, format: "json" | "text"): number {
  if (error instanceof Interrupted) {
    process.stderr.write(`${error.message}\n`);
    return error.exitCode;
  }
  const failure = codedFileError(error);
  const code = failure instanceof WsbError ? failure.code : "ERR_WSB_GENERATOR";
  const collisions = failure instanceof TargetExistsError ? failure.collisions : [];
  if (format === "json") {
    process.stdout.write(report.failureAsJson(code, errorText(failure), collisions));
  } else {
    process.stderr.write(report.failureAsText(code, errorText(failure), collisions));
  }
  return usageCodes.has(code) ? exitCodes.wrongUsage : exitCodes.failed;
}

async function run(args: readonly string[]): Promise<void> {
  try {
    const userAgent = process.env["npm_config_user_agent"];
    process.stdout.write(await main(args, { currentFolder: process.cwd(), userAgent }));
  } catch (error) {
    process.exitCode = reportFailure(error, args.includes("--json") ? "json" : "text");
  }
}

void run(process.argv.slice(2));
