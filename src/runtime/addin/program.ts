import { win32 } from "node:path";

import { WsbError, errorText, nativeFailure } from "../../base/errors.ts";
import { formatHresult } from "../../base/hresult.ts";
import type { NativeBinding, NativeProcess, NativeProcessOptions } from "../native/binding.ts";
import { formatCommandLine } from "./command-line.ts";
import type { Signal } from "../../base/platform-types.ts";

/** The meaning of a program's exit codes. -1 can also be written as 4294967295. */
export interface ExitCodes {
  /** The codes of success. @defaultValue 0 */
  readonly success?: readonly number[];
}

/** The command line, limits and exit codes of a program. */
export interface ProgramOptions {
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
   * @defaultValue the handler's own limit
   */
  readonly timeoutMs?: number;
  /** Ends the program, in addition to the handler's own signal. */
  readonly signal?: Signal;
  readonly exitCodes?: ExitCodes;
}

/** The result of a program that succeeded. */
export interface ProgramResult {
  readonly exitCode: number;
  /** The last 16 KiB of stdout and stderr. */
  readonly output: string;
}

/**
 * Runs a program and resolves when its exit code means success.
 *
 * The program runs with the add-in's account, which is LocalSystem, without a window, without a
 * shell and without input. The program and its child processes end together: when the program ends,
 * when the handler ends or its signal aborts, at the time limit, and when the add-in's process ends.
 * All have ended before the promise settles. The add-in's events contain the end of the program's
 * output.
 *
 * @throws {@link WsbError} `ERR_WSB_PROGRAM` when the program cannot be started, crashes or ends with
 * another code, `ERR_WSB_TIMEOUT` at `timeoutMs`, `ERR_WSB_INVALID_ARGUMENT` for invalid options; the
 * signal's reason when the signal aborted.
 */
export type RunProgram = (options: ProgramOptions) => Promise<ProgramResult>;

/** The surroundings of the programs of one handler. */
export interface ProgramRunnerOptions {
  readonly startProcess: NativeBinding["startProcess"];
  /** Ends every program that is still running. */
  readonly signal: Signal;
  readonly log: { info(message: string): void };
}

const OUTPUT_BYTES = 16 * 1024;
const LONGEST_COMMAND_LINE = 32_766;
/** The longest delay of a timer. */
export const LONGEST_TIMEOUT_MS: number = 2 ** 31 - 1;
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

/**
 * Returns this process's environment with changes, as `NAME=value`, each name once in whatever case, in
 * Windows' order. `undefined` removes a variable.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` for a name or a value that Windows does not take.
 */
export function environmentOf(changes: ProgramOptions["env"] = {}): readonly string[] {
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
export function planProcess(options: ProgramOptions): NativeProcessOptions {
  const { file, args = [], cwd = win32.dirname(file), timeoutMs } = options;
  assertFullPath(file, "The program's file");
  assertFullPath(cwd, "The program's cwd");
  // Windows would run it with cmd.exe, which has its own rules for arguments.
  if (/\.(?:bat|cmd)[. ]*$/iu.test(file)) {
    throw invalid(`${file} is a batch file, which needs a shell. Name the program that it calls.`);
  }
  if (args.some((argument) => argument.includes("\0"))) {
    throw invalid("An argument of the program has a NUL character. Windows would cut it there.");
  }
  if (timeoutMs !== undefined && !(timeoutMs > 0 && timeoutMs <= LONGEST_TIMEOUT_MS)) {
    throw invalid(`timeoutMs must be from 1 to ${LONGEST_TIMEOUT_MS}; it is ${timeoutMs}.`);
  }
  const commandLine = formatCommandLine(file, args);
  if (commandLine.length > LONGEST_COMMAND_LINE) {
    throw invalid(
      `The program's command line has ${commandLine.length} characters; Windows allows ${LONGEST_COMMAND_LINE}. Pass long lists in a file.`,
    );
  }
  const environment = environmentOf(options.env);
  const input = new Uint8Array();
  return { file, commandLine, folder: cwd, environment, input, outputBytes: OUTPUT_BYTES };
}

function startError(file: string, errorCode: FailureCode, error: unknown): WsbError {
  const failure = nativeFailure(error);
  const details = failure === undefined ? {} : { hresult: failure.hresult, api: failure.api };
  const code = failure === undefined ? "" : ` (${failure.api}, ${formatHresult(failure.hresult)})`;
  return new WsbError(
    errorCode,
    `Cannot start ${file}: ${errorText(error).replace(/[.\s]+$/u, "")}${code}. Check its path, and that the add-in's account can run it.`,
    { ...details, cause: error },
  );
}

function showExitCode(exitCode: number): string {
  return exitCode < FIRST_CRASH_CODE ? String(exitCode) : formatHresult(exitCode);
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

/** Formats how a program ended: its exit code and its last line. */
export function showEnd({ exitCode, output }: ProgramResult): string {
  return `exit code ${showExitCode(exitCode)}${lastLine(output)}`;
}

/** Tells whether a list has an exit code, as a signed or an unsigned number. */
export function hasExitCode(codes: readonly number[], exitCode: number): boolean {
  return codes.some((one) => one >>> 0 === exitCode);
}

/** Tells whether an exit code means a crash, unless a list gives it another meaning. */
export function isCrash(exitCode: number): boolean {
  return exitCode >= FIRST_CRASH_CODE;
}

/** The error for a program that crashed. */
export function crashError(code: FailureCode, file: string, result: ProgramResult): WsbError {
  return new WsbError(
    code,
    `${file} crashed: ${showEnd(result)}. Run it by hand with the same arguments.`,
  );
}

/** Throws unless the program succeeded. */
function assertSuccess({ file, exitCodes = {} }: ProgramOptions, result: ProgramResult): void {
  const { exitCode } = result;
  if (hasExitCode(exitCodes.success ?? [0], exitCode)) return;
  if (isCrash(exitCode)) throw crashError("ERR_WSB_PROGRAM", file, result);
  throw new WsbError(
    "ERR_WSB_PROGRAM",
    `${file} failed: ${showEnd(result)}. If this code means success, add it to exitCodes.success.`,
  );
}

/** Ends the process when a signal aborts; returns a function that stops listening. */
function endOnAbort(started: NativeProcess, signal: AbortSignal): () => void {
  const kill = (): void => started.kill();
  signal.addEventListener("abort", kill, { once: true });
  return () => signal.removeEventListener("abort", kill);
}

/** The meaning of a program's end to those who run it. */
export interface ProgramRule<Options extends ProgramOptions> {
  /** The code of the error for a program that does not start, or whose end is unknown. */
  readonly code: FailureCode;
  /** Throws unless the program succeeded. */
  readonly assertSuccess: (options: Options, result: ProgramResult) => void;
}

/** The code of the error for a program that crashes or does not start. */
export type FailureCode = "ERR_WSB_PROGRAM" | "ERR_WSB_CHECKER";

/** Returns a function that runs the programs of one handler. */
export function createProgramRunner(runner: ProgramRunnerOptions): RunProgram {
  const rule: ProgramRule<ProgramOptions> = { code: "ERR_WSB_PROGRAM", assertSuccess };
  return (options) => runProgram(options, runner, rule);
}

/** Runs a program until it, the handler, or its time ends. */
export async function runProgram<Options extends ProgramOptions>(
  options: Options,
  { startProcess, signal, log }: ProgramRunnerOptions,
  rule: ProgramRule<Options>,
): Promise<ProgramResult> {
  const plan = planProcess(options);
  const { file } = options;
  const limit = new AbortController();
  const signals = [signal, limit.signal];
  if (options.signal !== undefined) signals.push(options.signal);
  const stop = AbortSignal.any(signals);
  stop.throwIfAborted();
  const started = startOrExplain(startProcess, plan, rule.code);
  log.info(`${file} runs as process ${started.pid}.`);
  const forget = endOnAbort(started, stop);
  const stopLimit = startLimit(limit, options);
  const startedMs = performance.now();
  const { exitCode, output } = await started.ended;
  stopLimit();
  forget();
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  const tail = output === "" ? "It wrote nothing." : `The end of its output:\n${output}`;
  log.info(`${file} ${showHow(exitCode, stop)} after ${seconds} s. ${tail}`);
  stop.throwIfAborted();
  if (exitCode === null) {
    throw new WsbError(
      rule.code,
      `Cannot tell how ${file} ended: the machine is out of resources. Run it by hand with the same arguments.`,
    );
  }
  const result = { exitCode, output };
  rule.assertSuccess(options, result);
  return result;
}

function startOrExplain(
  startProcess: NativeBinding["startProcess"],
  plan: NativeProcessOptions,
  code: FailureCode,
): NativeProcess {
  try {
    return startProcess(plan);
  } catch (error) {
    throw startError(plan.file, code, error);
  }
}

/** Aborts at the program's own limit; returns a function that cancels the limit. */
function startLimit(limit: AbortController, { file, timeoutMs }: ProgramOptions): () => void {
  if (timeoutMs === undefined) return () => {};
  const onLimit = (): void =>
    limit.abort(
      new WsbError(
        "ERR_WSB_TIMEOUT",
        `${file} was killed because it ran for more than ${timeoutMs} ms. Raise timeoutMs if it needs longer.`,
      ),
    );
  const timer = setTimeout(onLimit, timeoutMs);
  return () => clearTimeout(timer);
}

function showHow(exitCode: number | null, stop: AbortSignal): string {
  if (exitCode === null) return "could not be killed and was abandoned";
  return stop.aborted ? "was killed" : `ended with exit code ${showExitCode(exitCode)}`;
}
