import { win32 } from "node:path";

import { WsbError, errorText, nativeFailure } from "../../base/errors.ts";
import { formatHresult } from "../../base/hresult.ts";
import type { NativeBinding, NativeProcess, NativeProcessOptions } from "../native/binding.ts";
import { formatCommandLine } from "./command-line.ts";
import type { Signal } from "../../base/platform-types.ts";

/** The meaning of a checker's exit codes. -1 can also be written as 4294967295. */
export interface CheckerExitCodes {
  /** @defaultValue 0 */
  readonly consistent?: readonly number[];
  /**
   * @defaultValue Every other code below 0xC0000000; codes from there on mean a crash.
   */
  readonly inconsistent?: readonly number[];
}

/** The command line, limits and exit codes of a program that checks files. */
export interface CheckerOptions {
  /** The program's full path: an `.exe`, because no shell runs it. */
  readonly file: string;
  /** Passed unchanged, with blanks and quotes. @defaultValue none */
  readonly args?: readonly string[];
  /** The full path of the working folder. @defaultValue The folder of `file`. */
  readonly cwd?: string;
  /** Variables to add to the add-in's own; `undefined` removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /**
   * The longest time that the program may run, in milliseconds.
   *
   * @defaultValue the check's own limit
   */
  readonly timeoutMs?: number;
  /** Ends the program, in addition to the check's own signal. */
  readonly signal?: Signal;
  readonly exitCodes?: CheckerExitCodes;
}

/** The result of a checker that found everything consistent. */
export interface CheckerResult {
  readonly exitCode: number;
  /** The last 16 KiB of stdout and stderr. */
  readonly output: string;
}

/**
 * Runs a checker and resolves when its exit code means "consistent".
 *
 * The program runs as LocalSystem, like the add-in, without a window, without a shell and without
 * input. The program and its child processes end together: when the program ends, when the check is
 * aborted, at the time limit, and when the add-in's process ends. All have ended before the promise
 * settles. The add-in's events contain the end of the program's output.
 *
 * @throws {@link WsbError} `ERR_WSB_INCONSISTENT` when the exit code means "inconsistent",
 * `ERR_WSB_CHECKER` when the program cannot be started, crashes or ends with an unknown code,
 * `ERR_WSB_TIMEOUT` at `timeoutMs`, `ERR_WSB_INVALID_ARGUMENT` for invalid options; the signal's
 * reason when the check was aborted.
 */
export type RunChecker = (options: CheckerOptions) => Promise<CheckerResult>;

export interface CheckerRunnerOptions {
  readonly startProcess: NativeBinding["startProcess"];
  /** Ends every program that is still running. */
  readonly signal: Signal;
  readonly log: { info(message: string): void };
}

const OUTPUT_BYTES = 16 * 1024;
const LONGEST_COMMAND_LINE = 32_766;
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;
const LONGEST_QUOTE = 200;
// NTSTATUS of severity "error" (ntstatus.h): an unhandled exception or a missing DLL.
const FIRST_CRASH_CODE = 0xc0000000;

function invalid(message: string): WsbError {
  return new WsbError("ERR_WSB_INVALID_ARGUMENT", message);
}

function assertFullPath(path: string, what: string): void {
  if (!/^(?:[a-z]:[\\/]|\\\\)/iu.test(path) || /["\0]/u.test(path)) {
    throw invalid(`${what} must be a full path such as C:\\…; it is ${JSON.stringify(path)}.`);
  }
}

/** Returns the environment as `NAME=value`, each name once, in Windows' order. */
function environmentOf(changes: CheckerOptions["env"] = {}): readonly string[] {
  const variables = new Map<string, string>();
  for (const [name, value] of Object.entries(changes)) {
    if (name === "" || /[=\0]/u.test(name) || value?.includes("\0") === true) {
      throw invalid(`The variable ${JSON.stringify(name)} has an invalid name or value.`);
    }
  }
  for (const [name, value] of [...Object.entries(process.env), ...Object.entries(changes)]) {
    // To Windows, Path and PATH are the same variable.
    if (value === undefined) variables.delete(name.toUpperCase());
    else variables.set(name.toUpperCase(), `${name}=${value}`);
  }
  return [...variables].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, variable]) => variable);
}

/** Checks the options and converts them to the shim's options. */
function planProcess(options: CheckerOptions): NativeProcessOptions {
  const { file, args = [], cwd = win32.dirname(file), timeoutMs } = options;
  assertFullPath(file, "The checker's file");
  assertFullPath(cwd, "The checker's cwd");
  // Windows would run it with cmd.exe, which has its own rules for arguments.
  if (/\.(?:bat|cmd)[. ]*$/iu.test(file)) {
    throw invalid(`${file} is a batch file, which needs a shell. Name the program that it calls.`);
  }
  if (args.some((argument) => argument.includes("\0"))) {
    throw invalid("An argument of the checker has a NUL character. Windows would cut it there.");
  }
  if (timeoutMs !== undefined && !(timeoutMs > 0 && timeoutMs <= LONGEST_TIMEOUT_MS)) {
    throw invalid(`timeoutMs must be from 1 to ${LONGEST_TIMEOUT_MS}; it is ${timeoutMs}.`);
  }
  const commandLine = formatCommandLine(file, args);
  if (commandLine.length > LONGEST_COMMAND_LINE) {
    throw invalid(
      `The checker's command line has ${commandLine.length} characters; Windows allows ${LONGEST_COMMAND_LINE}. Pass long lists in a file.`,
    );
  }
  const environment = environmentOf(options.env);
  return { file, commandLine, folder: cwd, environment, outputBytes: OUTPUT_BYTES };
}

function startError(file: string, error: unknown): WsbError {
  const failure = nativeFailure(error);
  const details = failure === undefined ? {} : { hresult: failure.hresult, api: failure.api };
  const code = failure === undefined ? "" : ` (${failure.api}, ${formatHresult(failure.hresult)})`;
  return new WsbError(
    "ERR_WSB_CHECKER",
    `Cannot start ${file}: ${errorText(error).replace(/[.\s]+$/u, "")}${code}. Check its path, and that the add-in's account can run it.`,
    { ...details, cause: error },
  );
}

function showExitCode(exitCode: number): string {
  return exitCode < FIRST_CRASH_CODE ? String(exitCode) : formatHresult(exitCode);
}

/** Returns the meaning of an exit code. */
export function judgeExitCode(
  exitCode: number,
  { consistent = [0], inconsistent }: CheckerExitCodes = {},
): "consistent" | "inconsistent" | "crash" | "unknown" {
  const isIn = (codes: readonly number[]): boolean => codes.some((one) => one >>> 0 === exitCode);
  if (isIn(consistent)) return "consistent";
  if (inconsistent !== undefined && isIn(inconsistent)) return "inconsistent";
  if (exitCode >= FIRST_CRASH_CODE) return "crash";
  return inconsistent === undefined ? "inconsistent" : "unknown";
}

/** Returns the last non-blank line in parentheses, or `""`. */
function lastLine(output: string): string {
  const line =
    output
      .trimEnd()
      .split(/[\r\n]/u)
      .at(-1)
      ?.trim() ?? "";
  return line === "" ? "" : ` (${JSON.stringify(line.slice(0, LONGEST_QUOTE))})`;
}

/** Throws unless the checker found everything consistent. */
function assertConsistent(options: CheckerOptions, { exitCode, output }: CheckerResult): void {
  const { file, exitCodes } = options;
  const end = `exit code ${showExitCode(exitCode)}${lastLine(output)}`;
  switch (judgeExitCode(exitCode, exitCodes)) {
    case "consistent":
      return;
    case "inconsistent":
      throw new WsbError(
        "ERR_WSB_INCONSISTENT",
        `${file} found the component inconsistent: ${end}. Repair its files, then back up again.`,
      );
    case "crash":
      throw new WsbError(
        "ERR_WSB_CHECKER",
        `${file} crashed: ${end}. Run it by hand with the same arguments.`,
      );
    case "unknown":
      throw new WsbError(
        "ERR_WSB_CHECKER",
        `${file} ended with a code that exitCodes does not list: ${end}. Look up its meaning and add it.`,
      );
  }
}

/** Ends the process when a signal aborts; returns a function that stops listening. */
function endOnAbort(started: NativeProcess, signal: AbortSignal): () => void {
  const kill = (): void => started.kill();
  signal.addEventListener("abort", kill, { once: true });
  return () => signal.removeEventListener("abort", kill);
}

/** Returns a function that runs the checkers of one check. */
export function createCheckerRunner(runner: CheckerRunnerOptions): RunChecker {
  const { startProcess, log } = runner;
  return async (options) => {
    const plan = planProcess(options);
    const { file, timeoutMs } = options;
    const limit = new AbortController();
    const signals = [runner.signal, limit.signal];
    if (options.signal !== undefined) signals.push(options.signal);
    const stop = AbortSignal.any(signals);
    stop.throwIfAborted();
    let started: NativeProcess;
    try {
      started = startProcess(plan);
    } catch (error) {
      throw startError(file, error);
    }
    log.info(`${file} runs as process ${started.pid}.`);
    const forget = endOnAbort(started, stop);
    const onLimit = (): void =>
      limit.abort(
        new WsbError(
          "ERR_WSB_TIMEOUT",
          `${file} was killed because it ran for more than ${timeoutMs} ms. Raise timeoutMs if it needs longer.`,
        ),
      );
    const timer = timeoutMs === undefined ? undefined : setTimeout(onLimit, timeoutMs);
    const startedMs = performance.now();
    const { exitCode, output } = await started.ended;
    clearTimeout(timer);
    forget();
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    const how =
      exitCode === null
        ? "could not be killed and was abandoned"
        : stop.aborted
          ? "was killed"
          : `ended with exit code ${showExitCode(exitCode)}`;
    const tail = output === "" ? "It wrote nothing." : `The end of its output:\n${output}`;
    log.info(`${file} ${how} after ${seconds} s. ${tail}`);
    stop.throwIfAborted();
    if (exitCode === null) {
      throw new WsbError(
        "ERR_WSB_CHECKER",
        `Cannot tell how ${file} ended: the machine is out of resources. Run it by hand with the same arguments.`,
      );
    }
    const result = { exitCode, output };
    assertConsistent(options, result);
    return result;
  };
}
