import { WsbError } from "../../base/errors.ts";
import {
  crashError,
  hasExitCode,
  isCrash,
  runProgram,
  showEnd,
  type ExitCodes,
  type ProgramOptions,
  type ProgramResult,
  type ProgramRule,
  type ProgramRunnerOptions,
} from "./program.ts";

/** The meaning of a checker's exit codes. -1 can also be written as 4294967295. */
export interface CheckerExitCodes extends ExitCodes {
  /** @defaultValue the codes of `success` */
  readonly consistent?: readonly number[];
  /**
   * @defaultValue Every other code below 0xC0000000; codes from there on mean a crash.
   */
  readonly inconsistent?: readonly number[];
}

/** The command line, limits and exit codes of a program that checks files. */
export interface CheckerOptions extends ProgramOptions {
  readonly exitCodes?: CheckerExitCodes;
}

/** The result of a checker that found everything consistent. */
export type CheckerResult = ProgramResult;

/**
 * Runs a checker and resolves when its exit code means "consistent"; otherwise like `run` of every
 * handler.
 *
 * @throws {@link WsbError} `ERR_WSB_INCONSISTENT` when the exit code means "inconsistent",
 * `ERR_WSB_CHECKER` when the program cannot be started, crashes or ends with an unknown code,
 * `ERR_WSB_TIMEOUT` at `timeoutMs`, `ERR_WSB_INVALID_ARGUMENT` for invalid options; the signal's
 * reason when the check was aborted.
 */
export type RunChecker = (options: CheckerOptions) => Promise<CheckerResult>;

/** Returns the meaning of an exit code. */
export function judgeExitCode(
  exitCode: number,
  { success = [0], consistent = success, inconsistent }: CheckerExitCodes = {},
): "consistent" | "inconsistent" | "crash" | "unknown" {
  if (hasExitCode(consistent, exitCode)) return "consistent";
  if (inconsistent !== undefined && hasExitCode(inconsistent, exitCode)) return "inconsistent";
  if (isCrash(exitCode)) return "crash";
  return inconsistent === undefined ? "inconsistent" : "unknown";
}

/** Throws unless the checker found everything consistent. */
function assertConsistent({ file, exitCodes }: CheckerOptions, result: CheckerResult): void {
  switch (judgeExitCode(result.exitCode, exitCodes)) {
    case "consistent":
      return;
    case "inconsistent":
      throw new WsbError(
        "ERR_WSB_INCONSISTENT",
        `${file} found the component inconsistent: ${showEnd(result)}. Repair its files, then back up again.`,
      );
    case "crash":
      throw crashError("ERR_WSB_CHECKER", file, result);
    case "unknown":
      throw new WsbError(
        "ERR_WSB_CHECKER",
        `${file} ended with a code that exitCodes does not list: ${showEnd(result)}. Look up its meaning and add it.`,
      );
  }
}

/** Returns a function that runs the checkers of one check. */
export function createCheckerRunner(runner: ProgramRunnerOptions): RunChecker {
  const rule: ProgramRule<CheckerOptions> = {
    code: "ERR_WSB_CHECKER",
    assertSuccess: assertConsistent,
  };
  return (options) => runProgram(options, runner, rule);
}
