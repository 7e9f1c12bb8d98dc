#!/usr/bin/env node
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { WsbError, errorText } from "../src/errors.ts";
import { absoluteFolder, completeAnswers } from "./answers.ts";
import type { Answers, GivenAnswers } from "./answers.ts";
import * as report from "./report.ts";
import { TargetExistsError, openTarget, refuseUsedTarget } from "./target.ts";
import type { Target } from "./target.ts";
import { checkAnswers } from "./validate.ts";

interface Flags {
  readonly given: GivenAnswers;
  readonly show: "help" | "version" | undefined;
  readonly interactive: boolean;
  readonly json: boolean;
}

const exitCodes = { done: 0, failed: 1, wrongUsage: 2 };
const signalExitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };
const templates = fileURLToPath(new URL("templates", import.meta.url));

function readFlags(args: string[]): Flags {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      dir: { type: "string" },
      name: { type: "string" },
      identifier: { type: "string" },
      "writer-id": { type: "string" },
      service: { type: "string", multiple: true },
      yes: { type: "boolean", short: "y" },
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
      version: { type: "boolean" },
    },
  });
  const [folder, ...others] = positionals;
  if (others.length > 0 || (folder !== undefined && values.dir !== undefined)) {
    throw wrongUsage("Give one folder, as [dir] or with --dir; a name with blanks needs quotes.");
  }
  const json = values.json === true;
  const terminal = process.stdin.isTTY && process.stdout.isTTY;
  return {
    given: {
      name: values.name,
      folder: folder ?? values.dir,
      identifier: values.identifier,
      writerId: values["writer-id"],
      services: values.service,
    },
    show: values.help === true ? "help" : values.version === true ? "version" : undefined,
    interactive: terminal && !json && values.yes !== true,
    json,
  };
}

async function main(args: string[], currentFolder: string): Promise<string> {
  const { given, show, interactive, json } = readFlags(args);
  if (show !== undefined) return show === "help" ? report.help : `${report.version}\n`;
  refuseProblems(given);
  if (given.folder !== undefined) refuseUsedTarget(absoluteFolder(given.folder, currentFolder));
  const all = interactive ? await askForRest(given, currentFolder) : given;
  refuseProblems(all);
  const answers = completeAnswers(all, currentFolder);
  const files = await generate(answers, currentFolder);
  const outcome = { answers, files, currentFolder };
  return json ? report.outcomeAsJson(outcome) : report.outcomeAsText(outcome);
}

function refuseProblems(given: GivenAnswers): void {
  const problems = checkAnswers(given).map(({ flag, complaint }) => `${flag} ${complaint}.`);
  if (problems.length > 0) throw wrongUsage(problems.join("\n"));
}

async function askForRest(given: GivenAnswers, currentFolder: string): Promise<GivenAnswers> {
  const { addPromptAnswers } = await import("./plopfile.ts");
  const generator = await loadGenerator(given, currentFolder, currentFolder);
  return addPromptAnswers(given, await generator.runPrompts());
}

/** Runs the templates into a staging folder and moves the result in place: all of it or nothing. */
async function generate(answers: Answers, currentFolder: string): Promise<readonly string[]> {
  let target: Target | undefined;
  // Before the target is opened: from then on a signal finds someone to clean up.
  onSignal(() => target?.discard());
  target = openTarget(answers.folder);
  try {
    const generator = await loadGenerator({}, currentFolder, target.staging);
    const { failures } = await generator.runActions({ ...answers });
    const [failure] = failures;
    if (failure !== undefined) throw new Error(`${failure.error}. Nothing was created.`);
    return target.commit();
  } catch (error) {
    target.discard();
    throw error;
  }
}

async function loadGenerator(given: GivenAnswers, currentFolder: string, destination: string) {
  // Only now: --help and a refusal answer without the time it takes to load Plop.
  const [{ default: nodePlop }, { default: plopfile }] = await Promise.all([
    import("node-plop"),
    import("./plopfile.ts"),
  ]);
  const plop = await nodePlop("", { destBasePath: destination, force: false });
  plopfile(plop, { templates, given, currentFolder });
  return plop.getGenerator("addin");
}

function onSignal(cleanUp: () => void): void {
  for (const [signal, exitCode] of Object.entries(signalExitCodes)) {
    process.once(signal, () => {
      cleanUp();
      process.exit(exitCode);
    });
  }
}

function wrongUsage(message: string): WsbError {
  return new WsbError(
    "ERR_WSB_INVALID_ARGUMENT",
    `${message}\nRun create-wsb-addin --help for the flags.`,
  );
}

function reportFailure(thrown: unknown, json: boolean): number {
  const error = isParseArgsError(thrown) ? wrongUsage(withoutAdvice(thrown.message)) : thrown;
  const usage = error instanceof WsbError && error.code === "ERR_WSB_INVALID_ARGUMENT";
  const known = error instanceof WsbError || error instanceof TargetExistsError;
  const entries = error instanceof TargetExistsError ? error.entries : [];
  if (json) {
    const code = known ? error.code : "ERR_WSB_GENERATOR";
    process.stdout.write(report.failureAsJson(code, errorText(error), entries));
  } else {
    process.stderr.write(report.failureAsText(errorText(error), entries));
  }
  return usage ? exitCodes.wrongUsage : exitCodes.failed;
}

function isParseArgsError(error: unknown): error is Error {
  if (!(error instanceof Error) || !("code" in error)) return false;
  return String(error.code).startsWith("ERR_PARSE_ARGS_");
}

/** Node advises how to pass an unknown flag as a folder, which is never what was meant. */
function withoutAdvice(message: string): string {
  return message.replace(/ To specify a positional.*$/su, "");
}

const args = process.argv.slice(2);
try {
  process.stdout.write(await main(args, process.cwd()));
} catch (error) {
  process.exitCode = reportFailure(error, args.includes("--json"));
}
