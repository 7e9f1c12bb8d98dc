import { describeError, errorSentence, type MapStack } from "../../base/error-chain.ts";
import type { Clock } from "../../base/clock.ts";
import { callWithin, originOf, type After } from "../addin/call-handler.ts";
import type { ThawReason } from "../events/definitions.ts";
import type { Emit } from "../events/emit.ts";
import type { NativeBinding } from "../native/binding.ts";
import type { WriterHandlers } from "./define-writer.ts";

/** Runs the handler `thaw` once; rejects when it fails, and at its limit. */
export type Thaw = (reason: ThawReason) => Promise<void>;

export interface ThawOptions {
  readonly handlers: Pick<WriterHandlers, "thaw">;
  readonly limitMs: number;
  readonly emit: Emit;
  readonly startProcess: NativeBinding["startProcess"];
  readonly after: After;
}

/**
 * Returns the one operation that lets the application write again. It needs nothing from the freeze:
 * any process of the kit can run it, at any time and repeatedly.
 */
export function createThaw({ handlers, ...setting }: ThawOptions): Thaw {
  return async (reason) => {
    await callWithin({ ...setting, handler: "thaw" }, (context) =>
      handlers.thaw?.({ reason }, context),
    );
  };
}

export interface ThawLoopOptions {
  readonly thaw: Thaw;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly mapStack: MapStack;
  /** The pauses between the tries. */
  readonly pausesMs: readonly number[];
  /** Whether the last pause repeats for ever. */
  readonly isEndless: boolean;
}

/** The tries of one thaw. */
export interface ThawLoop {
  /** The end of the first try; rejects when it fails. */
  readonly first: Promise<void>;
  readonly done: Promise<ThawEnd>;
}

/** How the tries end: the last one may fail, and the signal may abort. */
export type ThawEnd = "thawed" | "gave up" | "cancelled";

/**
 * Thaws until it works: an application must not stay frozen because a program failed once.
 *
 * @param signal Ends the tries, when somebody else has thawed.
 */
export function startThaw(
  options: ThawLoopOptions,
  reason: ThawReason,
  signal?: AbortSignal,
): ThawLoop {
  const first = tryThaw(options, reason, 1);
  return { first, done: goOn(options, reason, first, signal) };
}

async function goOn(
  options: ThawLoopOptions,
  reason: ThawReason,
  first: Promise<void>,
  signal: AbortSignal | undefined,
): Promise<ThawEnd> {
  const { clock, pausesMs, isEndless } = options;
  let attempt = first;
  for (let tries = 1; ; tries += 1) {
    if (await succeeds(attempt)) return "thawed";
    const pauseMs = pausesMs[tries - 1] ?? (isEndless ? pausesMs.at(-1) : undefined);
    if (pauseMs === undefined) return "gave up";
    await clock.wait(pauseMs);
    if (signal?.aborted === true) return "cancelled";
    attempt = tryThaw(options, reason, tries + 1);
  }
}

async function succeeds(attempt: Promise<void>): Promise<boolean> {
  try {
    await attempt;
    return true;
  } catch {
    return false;
  }
}

async function tryThaw(
  { thaw, emit, mapStack }: ThawLoopOptions,
  reason: ThawReason,
  tries: number,
): Promise<void> {
  try {
    await thaw(reason);
  } catch (error) {
    const { name, code = name, stack, causes } = describeError(originOf(error), mapStack);
    emit({
      event: "thawFailed",
      reason,
      tries,
      code,
      text: errorSentence(error),
      ...(stack === undefined ? {} : { stack }),
      ...(causes.length === 0 ? {} : { causes }),
    });
    throw error;
  }
}
