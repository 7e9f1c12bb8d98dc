import { win32 } from "node:path";

import { WsbError, errorText, nativeFailure } from "../../base/errors.ts";
import { formatHresult } from "../../base/hresult.ts";
import type { NativeBinding, NativeProcess, NativeProcessOptions } from "../native/binding.ts";
import { formatCommandLine } from "./command-line.ts";
import type { Signal } from "../../base/platform-types.ts";

/** What a checker's exit codes mean; codes as Windows has them, -1 also as 4294967295. */
export interface CheckerExitCodes {
  /** @defaultValue 0 */
  readonly consistent?: readonly number[];
  /**
   * @defaultValue Every other code but those from 0xC0000000 on, with which a program crashes.
   */
  readonly inconsistent?: readonly number[];
}

/** A command-line program that checks files, and how to run it. */
export interface CheckerOptions {
  /** Full path of the program: an `.exe`, for no shell runs it. */
  readonly file: string;
  /** Each arrives as it is, blanks and quotes included. @defaultValue none */
  readonly args?: readonly string[];
  /** Full path of its working folder. @defaultValue The folder of `file`. */
  readonly cwd?: string;
  /** Variables on top of the add-in's own; `undefined` takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Longest time it may run, in milliseconds. @defaultValue As long as the check itself. */
  readonly timeoutMs?: number;
  /** Ends it, beside the check's own signal. */
  readonly signal?: Signal;
  readonly exitCodes?: CheckerExitCodes;
}

/** What a checker that found everything consistent has said. */
export interface CheckerResult {
  readonly exitCode: number;
  /** The last 16 KiB of what it wrote to stdout and stderr. */
  readonly output: string;
}

/**
 * Runs a checker and resolves when it says that all is consistent.
 *
 * The program runs as the add-in does, as LocalSystem, without a window, a shell or an input. It and
 * everything that it starts end together: when the program itself does, when the check is aborted,
 * at the time limit, and when the add-in's process ends. When this settles, all of them have gone.
 * The end of what it wrote is in the add-in's log.
 *
 * @throws {@link WsbError} `ERR_WSB_INCONSISTENT` when its exit code says so, `ERR_WSB_CHECKER` when
 * it cannot be started, crashes or ends with a code without a meaning, `ERR_WSB_TIMEOUT` at
 * `timeoutMs`, `ERR_WSB_INVALID_ARGUMENT` for options that cannot be meant; the signal's reason when
 * the check was aborted.
 */
export type RunChecker = (options: CheckerOptions) => Promise<CheckerResult>;

export interface CheckerRunnerOptions {
  readonly startProcess: NativeBinding["startProcess"];
  /** Ends every program that still runs. */
  readonly signal: Signal;
  readonly log: { info(message: string): void };
}

const OUTPUT_BYTES = 16 * 1024;
const LONGEST_COMMAND_LINE = 32_766;
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;
const LONGEST_QUOTE = 200;
// NTSTATUS of severity "error" (ntstatus.h): an unhandled exception, a DLL that is missing.
const FIRST_CRASH_CODE = 0xc0000000;

function invalid(message: string): WsbError {
  return new WsbError("ERR_WSB_INVALID_ARGUMENT", message);
}

function assertFullPath(path: string, what: string): void {
  if (!/^(?:[a-z]:[\\/]|\\\\)/iu.test(path) || /["\0]/u.test(path)) {
    throw invalid(
      `${what} must be a full path, C:\\…, and not ${JSON.stringify(path)}: nothing looks for it elsewhere.`,
    );
  }
}

/** `NAME=value`, each name once, in Windows' order. */
function environmentOf(changes: CheckerOptions["env"] = {}): readonly string[] {
  const variables = new Map<string, string>();
  for (const [name, value] of Object.entries(changes)) {
    if (name === "" || /[=\0]/u.test(name) || value?.includes("\0") === true) {
      throw invalid(`There can be no variable ${JSON.stringify(name)}, or not with this value.`);
    }
  }
  for (const [name, value] of [...Object.entries(process.env), ...Object.entries(changes)]) {
    // Windows does not tell Path from PATH.
    if (value === undefined) variables.delete(name.toUpperCase());
    else variables.set(name.toUpperCase(), `${name}=${value}`);
  }
  return [...variables].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, variable]) => variable);
}

/** Checks the options and turns them into what Windows starts a program with. */
function planProcess(options: CheckerOptions): NativeProcessOptions {
  const { file, args = [], cwd = win32.dirname(file), timeoutMs } = options;
  assertFullPath(file, "The checker's file");
  assertFullPath(cwd, "The checker's cwd");
  // Windows would have cmd.exe run it, which reads arguments by rules of its own.
  if (/\.(?:bat|cmd)[. ]*$/iu.test(file)) {
    throw invalid(
      `${file} is a batch file, which only a shell can run. Name the program it calls.`,
    );
  }
  if (args.some((argument) => argument.includes("\0"))) {
    throw invalid("An argument of the checker has a NUL character, where Windows would cut it.");
  }
  if (timeoutMs !== undefined && !(timeoutMs > 0 && timeoutMs <= LONGEST_TIMEOUT_MS)) {
    throw invalid(`timeoutMs must be from 1 to ${LONGEST_TIMEOUT_MS}, and not ${timeoutMs}.`);
  }
  const commandLine = formatCommandLine(file, args);
  if (commandLine.length > LONGEST_COMMAND_LINE) {
    throw invalid(
      `The checker's command line has ${commandLine.length} characters; Windows takes ${LONGEST_COMMAND_LINE}. Hand long lists over in a file.`,
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
    `Cannot start ${file}: ${errorText(error).replace(/[.\s]+$/u, "")}${code}. Check its path, and that the account of the add-in can run it.`,
    { ...details, cause: error },
  );
}

function showExitCode(exitCode: number): string {
  return exitCode < FIRST_CRASH_CODE ? String(exitCode) : formatHresult(exitCode);
}

/** What an exit code means. */
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

/** The last line with something in it, for a sentence. */
function lastLine(output: string): string {
  const line =
    output
      .trimEnd()
      .split(/[\r\n]/u)
      .at(-1)
      ?.trim() ?? "";
  return line === "" ? "" : ` (${JSON.stringify(line.slice(0, LONGEST_QUOTE))})`;
}

/** Returns normally for a checker that found everything consistent. */
function assertConsistent(options: CheckerOptions, { exitCode, output }: CheckerResult): void {
  const { file, exitCodes } = options;
  const end = `exit code ${showExitCode(exitCode)}${lastLine(output)}`;
  switch (judgeExitCode(exitCode, exitCodes)) {
    case "consistent":
      return;
    case "inconsistent":
      throw new WsbError(
        "ERR_WSB_INCONSISTENT",
        `${file} did not find the component consistent: ${end}. Mend its files, then back up again.`,
      );
    case "crash":
      throw new WsbError(
        "ERR_WSB_CHECKER",
        `${file} crashed: ${end}. Run it by hand with the same arguments.`,
      );
    case "unknown":
      throw new WsbError(
        "ERR_WSB_CHECKER",
        `${file} ended with a code that stands in neither list of exitCodes: ${end}. Look its meaning up and add it to one.`,
      );
  }
}

/** Ends the process when one of the signals aborts; returns how to stop listening. */
function endOnAbort(started: NativeProcess, signal: AbortSignal): () => void {
  const kill = (): void => started.kill();
  signal.addEventListener("abort", kill, { once: true });
  return () => signal.removeEventListener("abort", kill);
}

/** Makes what runs the checkers of one check. */
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
          `${file} was ended because it ran for more than ${timeoutMs} ms. Raise timeoutMs if it needs longer.`,
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
        ? "was given up, because Windows could not end it,"
        : stop.aborted
          ? "was ended"
          : `ended with exit code ${showExitCode(exitCode)}`;
    const tail = output === "" ? "It wrote nothing." : `It wrote, in the end:\n${output}`;
    log.info(`${file} ${how} after ${seconds} s. ${tail}`);
    stop.throwIfAborted();
    if (exitCode === null) {
      throw new WsbError(
        "ERR_WSB_CHECKER",
        `Nobody knows how ${file} ended: the machine is out of resources. Run it by hand with the same arguments.`,
      );
    }
    const result = { exitCode, output };
    assertConsistent(options, result);
    return result;
  };
}
