import { errorSentence } from "../../base/error-chain.ts";
import { WsbError, isWsbErrorCode, type WsbErrorCode } from "../../base/errors.ts";
import type { AnyHandlerName } from "../../base/handler-name.ts";
import type { HandlerContext } from "./define-addin.ts";
import { openContext, type HandlerSetting } from "./handler-context.ts";
import { rejectOnAbort, timeoutError } from "./limit.ts";

/**
 * Runs a handler with its context, and waits for it, but not after its signal has aborted.
 *
 * @throws The handler's error, or the signal's reason.
 */
export async function callHandler<T>(
  setting: HandlerSetting,
  run: (context: HandlerContext) => T | Promise<T>,
): Promise<T> {
  const { signal } = setting;
  signal.throwIfAborted();
  const { context, close } = openContext(setting);
  try {
    const result = await Promise.race([run(context), rejectOnAbort(signal)]);
    // A handler may return when it sees the abort, although its work is incomplete.
    signal.throwIfAborted();
    return result;
  } finally {
    close();
  }
}

/** Calls back once, `ms` milliseconds from now; returns a function that cancels the call. */
export type After = (ms: number, ring: () => void) => () => void;

/** Measures limits in real time. */
export const afterRealTime: After = (ms, ring) => {
  const timer = setTimeout(ring, ms);
  return () => clearTimeout(timer);
};

/** The surroundings of a handler that no COM call of its own runs. */
export interface LimitedSetting extends Omit<HandlerSetting, "signal"> {
  readonly limitMs: number;
  /** Ends the handler earlier, such as the signal of the call that it is a part of. */
  readonly signal?: AbortSignal | undefined;
  readonly after: After;
}

/**
 * Runs a handler like {@link callHandler}, within its own limit.
 *
 * @throws {@link HandlerFailure}
 */
export async function callWithin<T>(
  { limitMs, signal, after, ...setting }: LimitedSetting,
  run: (context: HandlerContext) => T | Promise<T>,
): Promise<T> {
  const { handler } = setting;
  const limit = new AbortController();
  const either = signal === undefined ? limit.signal : AbortSignal.any([limit.signal, signal]);
  const stopLimit = after(limitMs, () => limit.abort(timeoutError(handler, limitMs)));
  try {
    return await callHandler({ ...setting, signal: either }, run);
  } catch (error) {
    throw new HandlerFailure(handler, error);
  } finally {
    stopLimit();
  }
}

function codeOf(error: unknown): WsbErrorCode {
  const code = typeof error === "object" && error !== null && "code" in error && error.code;
  return isWsbErrorCode(code) ? code : "ERR_WSB_HANDLER";
}

/** The failure of a handler that was called on behalf of another one. `cause` is its error. */
export class HandlerFailure extends WsbError {
  readonly handler: AnyHandlerName;

  constructor(handler: AnyHandlerName, cause: unknown) {
    super(codeOf(cause), errorSentence(cause), { cause });
    this.handler = handler;
  }
}

/** Returns what a handler threw; an error that is no handler's failure is its own origin. */
export function originOf(error: unknown): unknown {
  return error instanceof HandlerFailure ? error.cause : error;
}

// Bounds a chain of causes that a handler made circular.
const MAX_CAUSES = 10;

/** Finds the handler's failure that an error is or has as a cause; `undefined` without one. */
export function findHandlerFailure(error: unknown): HandlerFailure | undefined {
  let one = error;
  for (let depth = 0; depth < MAX_CAUSES && one instanceof WsbError; depth += 1) {
    if (one instanceof HandlerFailure) return one;
    one = one.cause;
  }
  return undefined;
}
