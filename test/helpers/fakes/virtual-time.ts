import { vi } from "vitest";

import type { Clock } from "../../../src/base/clock.ts";

/** Resolves like `setTimeout` of `node:timers/promises`, on the current global timers. */
function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(new DOMException("The operation was aborted", "AbortError"));
      return;
    }
    const abort = (): void => {
      clearTimeout(timer);
      reject(new DOMException("The operation was aborted", "AbortError"));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", abort);
  });
}

/** The clock of vitest's fake timers, or the machine's clock without fake timers. */
export const virtualClock: Clock = { now: () => performance.now(), wait };

/** Advances virtual time until `work` has settled, and returns its result. */
export async function passTime<T>(work: Promise<T>): Promise<T> {
  const progress = { settled: false };
  const outcome = work.finally(() => {
    progress.settled = true;
  });
  // The caller handles a rejection; this prevents an early report of it.
  outcome.catch(() => {});
  while (!progress.settled) await vi.advanceTimersByTimeAsync(50);
  return outcome;
}
