#!/usr/bin/env node
import { fileURLToPath } from "node:url";
import { WsbError, errorText } from "../src/errors.ts";
import { absoluteFolder, completeAnswers } from "./answers.ts";
import type { Answers, GivenAnswers, Surroundings } from "./answers.ts";
import { ask, createProject } from "./create.ts";
import { addManifestAnswers } from "./existing.ts";
import { readFlags, wrongUsage } from "./flags.ts";
import type { Flags } from "./flags.ts";
import { filesOf, layersOf } from "./layers.ts";
import type { ProjectFile, Sources } from "./layers.ts";
import { thisMachine } from "./machine.ts";
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
  templates: fileURLToPath(new URL("templates", import.meta.url)),
  shim: fileURLToPath(new URL("shim-source", import.meta.url)),
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
  const given = settleFolder(flags, surroundings);
  const isInteractive = process.stdin.isTTY && process.stdout.isTTY && !flags.askNothing;
  const machine = thisMachine(process.env);
  const { merge } = flags;
  const all = isInteractive
    ? await ask({ ...surroundings, given, sources, machine, merge })
    : given;
  refuseProblems(all);
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

/** A folder that a flag names can be refused, or recognized, before anybody is asked anything. */
function settleFolder({ given, merge }: Flags, surroundings: Surroundings): GivenAnswers {
  if (given.folder === undefined) {
    if (merge) throw wrongUsage("--merge needs the folder to add to: [dir] or --dir.");
    return given;
  }
  const folder = absoluteFolder(given.folder, surroundings.currentFolder);
  if (merge) return addManifestAnswers(given, folder);
  refuseUsedTarget(folder, contentOf(completeAnswers(given, surroundings)).paths);
  return given;
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
  const usage = error instanceof WsbError && usageCodes.has(error.code);
  const collisions = error instanceof TargetExistsError ? error.collisions : [];
  if (json) {
    const code = error instanceof WsbError ? error.code : "ERR_WSB_GENERATOR";
    process.stdout.write(report.failureAsJson(code, errorText(error), collisions));
  } else {
    process.stderr.write(report.failureAsText(errorText(error), collisions));
  }
  return usage ? exitCodes.wrongUsage : exitCodes.failed;
}

const commandLine = process.argv.slice(2);
try {
  const userAgent = process.env["npm_config_user_agent"];
  process.stdout.write(await main(commandLine, { currentFolder: process.cwd(), userAgent }));
} catch (error) {
  process.exitCode = reportFailure(error, commandLine.includes("--json"));
}
