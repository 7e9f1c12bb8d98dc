import type { Clock } from "../base/clock.ts";
import type { Signal } from "../base/platform-types.ts";

interface Alarm {
  readonly atMs: number;
  readonly ring: () => void;
}

/** Waits until all pending promise callbacks have run. */
function settle(): Promise<void> {
  return new Promise((done) => {
    setImmediate(done);
  });
}

/**
 * The kit's clock in a test. It stands still until the test advances it, and the kit's own waits
 * pass at once. It does not affect a handler's own timers.
 */
export class TestClock implements Clock {
  #nowMs = 0;
  readonly #alarms = new Set<Alarm>();

  now(): number {
    return this.#nowMs;
  }

  /** Advances the time by `ms` milliseconds; time limits on the way expire in order. */
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

  /** Calls `ring` once, `ms` milliseconds from now; returns a function that cancels the call. */
  after(ms: number, ring: () => void): () => void {
    const alarm = { atMs: this.#nowMs + ms, ring };
    this.#alarms.add(alarm);
    return () => {
      this.#alarms.delete(alarm);
    };
  }
}
