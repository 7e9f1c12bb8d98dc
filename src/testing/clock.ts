import type { Clock } from "../base/clock.ts";
import type { Signal } from "../base/platform-types.ts";

interface Alarm {
  readonly atMs: number;
  readonly ring: () => void;
}

/** Lets everything go on that waits for nothing but promises. */
function settle(): Promise<void> {
  return new Promise((done) => {
    setImmediate(done);
  });
}

/**
 * Time as the kit sees it in a test: it stands still until somebody moves it, and what the kit waits
 * for passes at once. Timers of a handler's own are not on it.
 */
export class TestClock implements Clock {
  #nowMs = 0;
  readonly #alarms = new Set<Alarm>();

  now(): number {
    return this.#nowMs;
  }

  /** Moves time on by `ms` milliseconds; time limits that it reaches expire, in their order. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settle();
    for (;;) {
      const [next] = [...this.#alarms].toSorted((one, other) => one.atMs - other.atMs);
      if (next === undefined || next.atMs > untilMs) break;
      this.#alarms.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.ring();
      await settle();
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  async wait(ms: number, signal?: Signal): Promise<void> {
    signal?.throwIfAborted();
    await this.advance(ms);
    signal?.throwIfAborted();
  }

  /** Calls `ring` once, `ms` milliseconds from now; returns what takes that back. */
  after(ms: number, ring: () => void): () => void {
    const alarm = { atMs: this.#nowMs + ms, ring };
    this.#alarms.add(alarm);
    return () => {
      this.#alarms.delete(alarm);
    };
  }
}
