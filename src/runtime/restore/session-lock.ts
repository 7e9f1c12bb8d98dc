import { machineClock, type Clock } from "../../base/clock.ts";
import { WsbError } from "../../base/errors.ts";
import { errorsTo, type Emit } from "../events/emit.ts";
import type { HeldLock, NativeBinding } from "../native/binding.ts";
import type { LockOwner } from "./lock-owner.ts";
import { watchLock } from "./lock-watch.ts";
import { servicesLock, takeLock, type LockApi } from "./owned-lock.ts";

/** Runs work while no other process and no other call here stops or starts services for a restore. */
export type SessionLock = <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

export interface SessionLockOptions {
  readonly api: LockApi & Pick<NativeBinding, "endProcess">;
  /** Tells whom this process waits for, and which process it ended. */
  readonly emit: Emit;
  /** This process. */
  readonly self: LockOwner;
  /**
   * Whether a process that has the lock and shows no sign of life is ended: its event loop is
   * blocked, and nobody else can do anything. Otherwise it is only waited for.
   */
  readonly mayEndOwner: boolean;
  /**
   * How long a process that has the lock may show no sign of life, in milliseconds.
   *
   * @defaultValue 30,000
   */
  readonly silenceLimitMs?: number;
  /** @defaultValue this machine's */
  readonly clock?: Clock;
}

// Long enough for whoever holds it to stop or start a chain of services at their limits.
const WAIT_MS = 30 * 60_000;
// A wait for a lock cannot be aborted, so it is made of short waits.
const SLICE_MS = 1000;
// Far longer than a healthy server is busy with one thing, such as a write to a slow disk.
const SILENCE_LIMIT_MS = 30_000;

/**
 * Creates a lock for the whole machine; a process that ends gives it back.
 *
 * The lock throws {@link WsbError} `ERR_WSB_TIMEOUT` after half an hour, with the process that has
 * it, and the signal's reason when it aborts before the lock is taken.
 */
export function createSessionLock(options: SessionLockOptions): SessionLock {
  return async (work, signal) => {
    const held = await take(options, signal);
    try {
      signal?.throwIfAborted();
      return await work();
    } finally {
      held.release();
    }
  };
}

async function take(
  options: SessionLockOptions,
  signal: AbortSignal | undefined,
): Promise<HeldLock> {
  const { api, self, clock = machineClock, silenceLimitMs = SILENCE_LIMIT_MS } = options;
  const file = servicesLock();
  const report = errorsTo(options.emit);
  const watch = watchLock({ ...options, file, clock, silenceLimitMs, lookMs: SLICE_MS });
  const deadline = clock.now() + WAIT_MS;
  for (;;) {
    signal?.throwIfAborted();
    const held = await takeLock(api, { file, owner: self, timeoutMs: SLICE_MS, report });
    if (held !== null) return held;
    await watch.look();
    if (clock.now() >= deadline) {
      throw new WsbError(
        "ERR_WSB_TIMEOUT",
        `The services could not be taken over within ${WAIT_MS / 60_000} minutes. ${watch.describe()} Look for a service that hangs, or end that process.`,
      );
    }
  }
}
