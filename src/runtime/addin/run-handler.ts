import { WsbError, errorText, nativeFailure } from "../../base/errors.ts";
import { lateCrypto } from "../../base/late-modules.ts";
import { commandHere } from "../../base/own-command.ts";
import type { Emit } from "../events/emit.ts";
import type { NativeBinding, NativeProcess, NativeProcessEnd } from "../native/binding.ts";
import {
  MAX_REQUEST_BYTES,
  answeredError,
  findAnswer,
  formatOrder,
  isAnswerOf,
  type HandlerAnswer,
  type HandlerAnswers,
  type HandlerRequests,
  type LoneHandler,
  type OrderOf,
} from "./handler-protocol.ts";
import { failureFields } from "./failure.ts";
import { HANDLER_ARGUMENT } from "./modes.ts";
import { LONGEST_TIMEOUT_MS, planProcess } from "./program.ts";
import type { SelfCommand } from "./self-command.ts";

// The time that the process has beyond the handler's limit, to start and to answer.
const START_MS = 10_000;

// More than an answer with a long text; what a handler prints after it is little.
const OUTPUT_BYTES = 256 * 1024;

export interface RunHandlerOptions {
  readonly startProcess: NativeBinding["startProcess"];
  /** Receives the failure of a process that could not report it. */
  readonly emit: Emit;
  /** The handler's limit, in milliseconds: of the session, or of the manifest. */
  readonly timeoutMs: number;
  /** Kills the process. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a handler in a process of its own and waits until the process has ended, with every process
 * that it started. The process also ends when this process ends.
 *
 * What the handler prints is not read. Its messages and its failure are events; each failure is one.
 *
 * @param command How to start the add-in's server: `selfCommand([])` in one of its processes.
 * @returns `noHandler` when the add-in does not have this handler.
 * @throws {@link WsbError} `ERR_WSB_HANDLER` when the handler fails, crashes or ends its process,
 * `ERR_WSB_TIMEOUT` when it is killed ten seconds after its limit or fails at the limit; the
 * signal's reason after an abort.
 */
export async function runHandlerProcess<Name extends LoneHandler>(
  command: SelfCommand,
  name: Name,
  request: HandlerRequests[Name],
  options: RunHandlerOptions,
): Promise<HandlerAnswers[Name]> {
  const { signal } = options;
  signal?.throwIfAborted();
  let answer: HandlerAnswers[Name] | Failed;
  try {
    answer = await askProcess(command, name, request, options);
  } catch (error) {
    signal?.throwIfAborted();
    const failure = failureFields(name, error, (frames) => frames);
    options.emit({ event: "handlerFailed", method: name, ...failure });
    throw error;
  }
  if (typeof answer === "object") throw answeredError(answer);
  return answer;
}

/** The answer of a process whose handler has failed. */
type Failed = Extract<HandlerAnswer, { readonly answer: "failed" }>;

/** Runs the process of a handler until it ends, and returns its answer. */
async function askProcess<Name extends LoneHandler>(
  command: SelfCommand,
  name: Name,
  request: HandlerRequests[Name],
  { startProcess, timeoutMs, signal }: RunHandlerOptions,
): Promise<HandlerAnswers[Name] | Failed> {
  const marker = lateCrypto().randomUUID();
  const started = start(command, name, {
    startProcess,
    input: inputOf({ handler: name, marker, limitMs: timeoutMs, request }),
  });
  const limitMs = Math.min(timeoutMs + START_MS, LONGEST_TIMEOUT_MS);
  const { end, isLate } = await endOf(started, limitMs, signal);
  signal?.throwIfAborted();
  const answer = findAnswer(end.output, marker);
  if (answer?.answer === "failed") return answer;
  if (answer !== undefined && isAnswerOf(name, answer.answer)) return answer.answer;
  throw isLate ? lateError(name, limitMs) : noAnswerError(name, end);
}

function inputOf(order: OrderOf<LoneHandler>): Uint8Array {
  const input = formatOrder(order);
  const { handler } = order;
  if (input.length <= MAX_REQUEST_BYTES) return input;
  throw new WsbError(
    "ERR_WSB_HANDLER",
    `${handler} cannot run, because its request has ${input.length} bytes; ${MAX_REQUEST_BYTES} are allowed. Restore fewer components at once.`,
  );
}

function start(
  { program, args }: SelfCommand,
  name: LoneHandler,
  { startProcess, input }: Pick<RunHandlerOptions, "startProcess"> & { readonly input: Uint8Array },
): NativeProcess {
  const plan = planProcess({ file: program, args: [...args, HANDLER_ARGUMENT, name] });
  try {
    return startProcess({ ...plan, input, outputBytes: OUTPUT_BYTES });
  } catch (error) {
    const failure = nativeFailure(error);
    throw new WsbError(
      "ERR_WSB_HANDLER",
      `Cannot start the process of ${name}: ${errorText(error)}. Check that ${program} exists.`,
      { ...(failure && { hresult: failure.hresult, api: failure.api }), cause: error },
    );
  }
}

/** Waits for a process, but not after its limit or the abort, when it is killed. */
async function endOf(
  started: NativeProcess,
  limitMs: number,
  signal: AbortSignal | undefined,
): Promise<{ readonly end: NativeProcessEnd; readonly isLate: boolean }> {
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    started.kill();
  }, limitMs);
  const kill = (): void => started.kill();
  signal?.addEventListener("abort", kill, { once: true });
  try {
    return { end: await started.ended, isLate };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", kill);
  }
}

function lateError(name: LoneHandler, limitMs: number): WsbError {
  return new WsbError(
    "ERR_WSB_TIMEOUT",
    `The process of ${name} was killed, because it gave no answer within ${limitMs} ms. A handler that blocks the event loop cannot be aborted.`,
  );
}

function noAnswerError(name: LoneHandler, { exitCode }: NativeProcessEnd): WsbError {
  return new WsbError(
    "ERR_WSB_HANDLER",
    `The process of ${name} ended with exit code ${exitCode ?? "unknown"} and without an answer. See its messages: ${commandHere("log")}`,
  );
}
