import { VSS_FREEZE_MS, type WriterTimeouts } from "../manifest/writer-settings.ts";

/**
 * How far the limits of service, guardian and application lie apart: the service thaws first, then its
 * guardian, and both before the application's limit.
 */
export const GUARDIAN_LEAD_MS = 500;

/** The limits of a freeze, in milliseconds. */
export interface FreezeLimits {
  /** The limit of the handler `freeze`. */
  readonly freezeMs: number;
  /** The longest time from the freeze's end to the thaw. */
  readonly frozenMs: number;
}

/** How often a guardian looks whether a freeze has begun: `freeze` has no time to tell it. */
export const GUARDIAN_LOOK_MS = 250;

/** The time that a guardian has to start. One of an earlier service may have to thaw before. */
export const GUARDIAN_START_MS = 15_000;

// JavaScript answers at a handler's limit. The shim's later limit covers a blocked event loop.
const BLOCKED_LOOP_MS = 2000;

/**
 * The time that a guardian gives a freeze that it sees, until an order comes: the application may be
 * frozen already. Without one for longer, VSS has been told that the freeze failed.
 */
export function firstOrderMs({ freezeMs, frozenMs }: FreezeLimits): number {
  return Math.min(plus(freezeMs), frozenMs - GUARDIAN_LEAD_MS - GUARDIAN_LOOK_MS);
}

function plus(handlersMs: number): number {
  return handlersMs + BLOCKED_LOOP_MS;
}

/** Returns the limits of VSS's events for the shim: those of their handlers, and of what the kit does. */
export function eventLimits(timeoutsMs: WriterTimeouts): WriterTimeouts {
  const { thaw } = timeoutsMs;
  return {
    prepareBackup: plus(timeoutsMs.prepareBackup),
    prepareSnapshot: plus(timeoutsMs.prepareSnapshot + GUARDIAN_START_MS),
    freeze: Math.min(VSS_FREEZE_MS, plus(timeoutsMs.freeze)),
    thaw: plus(thaw),
    postSnapshot: plus(timeoutsMs.postSnapshot),
    abort: plus(timeoutsMs.abort + thaw),
    backupComplete: plus(timeoutsMs.backupComplete),
    backupShutdown: plus(timeoutsMs.backupShutdown + thaw),
  };
}
