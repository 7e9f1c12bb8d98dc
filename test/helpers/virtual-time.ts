import { vi } from "vitest";

import type { Clock } from "../../src/base/clock.ts";

/** As `setTimeout` of `node:timers/promises`, on the global timers of now. */
function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
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

/** The clock that vitest's fake timers drive, or the machine's while there are none. */
export const virtualClock: Clock = { now: () => performance.now(), wait };

/** Lets virtual time pass until `work` has settled, and returns what it settled with. */
export async function passTime<T>(work: Promise<T>): Promise<T> {
  const progress = { settled: false };
  const outcome = work.finally(() => {
    progress.settled = true;
  });
  // Rejections are the caller's; this only keeps them from being reported before it looks.
  outcome.catch(() => {});
  while (!progress.settled) await vi.advanceTimersByTimeAsync(50);
  return outcome;
}
