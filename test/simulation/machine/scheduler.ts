import type { Clock } from "../../../src/base/clock.ts";
import type { Signal } from "../../../src/base/platform-types.ts";

interface Entry {
  readonly dueMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** Virtual time: what is due runs one after the other, and what it leads to before the next. */
export class Scheduler implements Clock {
  #nowMs = 0;
  #order = 0;
  #queue: Entry[] = [];

  now(): number {
    return this.#nowMs;
  }

  /** @returns A function that cancels it. */
  after(delayMs: number, run: () => void): () => void {
    this.#order += 1;
    const entry = { dueMs: this.#nowMs + Math.max(0, delayMs), order: this.#order, run };
    const at = this.#queue.findIndex(({ dueMs }) => dueMs > entry.dueMs);
    this.#queue.splice(at === -1 ? this.#queue.length : at, 0, entry);
    return () => {
      this.#queue = this.#queue.filter((one) => one !== entry);
    };
  }

  wait(durationMs: number, signal?: Signal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        cancel();
        reject(new DOMException("The wait was aborted.", "AbortError"));
      };
      const cancel = this.after(durationMs, () => {
        signal?.removeEventListener("abort", abort);
        resolve();
      });
      if (signal?.aborted === true) abort();
      else signal?.addEventListener("abort", abort, { once: true });
    });
  }

  /** Lets time pass until some work is done. */
  async until<T>(work: Promise<T>): Promise<T> {
    const progress = { isSettled: false };
    const done = work.finally(() => {
      progress.isSettled = true;
    });
    done.catch(() => {});
    await settled();
    while (!progress.isSettled && (await this.step()));
    return done;
  }

  /**
   * Runs the next entry and everything that it leads to at once.
   *
   * @returns `false` when nothing is due any more.
   */
  async step(): Promise<boolean> {
    const entry = this.#queue.shift();
    if (entry === undefined) return false;
    this.#nowMs = entry.dueMs;
    entry.run();
    await settled();
    return true;
  }
}

/** Resolves when no promise has anything left to do. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
