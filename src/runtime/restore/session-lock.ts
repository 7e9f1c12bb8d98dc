import { WsbError } from "../../base/errors.ts";
import { lockAddin, type LockApi } from "./addin-lock.ts";

/** Runs work while no other process and no other call here changes the session of an add-in. */
export type SessionLock = <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

// Long enough for whoever holds it to stop or start a chain of services at their limits.
const WAIT_MS = 30 * 60_000;
// A wait for a lock cannot be aborted, so it is made of short waits.
const SLICE_MS = 1000;

/**
 * A lock for the whole machine; a process that ends gives it back.
 *
 * @throws {@link WsbError} `ERR_WSB_TIMEOUT` after half an hour; the signal's reason when it aborts
 * before the lock is taken.
 */
export function createSessionLock(api: LockApi, clsid: string): SessionLock {
  return async (work, signal) => {
    const deadline = performance.now() + WAIT_MS;
    for (;;) {
      signal?.throwIfAborted();
      const held = await lockAddin(api, clsid, "session", SLICE_MS);
      if (held !== null) {
        try {
          signal?.throwIfAborted();
          return await work();
        } finally {
          held.release();
        }
      }
      if (performance.now() >= deadline) {
        throw new WsbError(
          "ERR_WSB_TIMEOUT",
          `Another process has been stopping or starting services of this add-in for ${WAIT_MS / 60_000} minutes. Look for a service that hangs.`,
        );
      }
    }
  };
}
