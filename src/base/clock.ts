import { setTimeout as delay } from "node:timers/promises";

import type { Signal } from "./platform-types.ts";

/** A source of time and a way to wait, for code that polls. */
export interface Clock {
  /** Returns milliseconds that never go back. */
  now(): number;
  /** Waits `ms` milliseconds; rejects when the signal aborts. */
  wait(ms: number, signal?: Signal): Promise<void>;
}

/** The clock of this machine. */
export const machineClock: Clock = {
  now: () => performance.now(),
  wait: (ms, signal) => delay(ms, undefined, signal === undefined ? {} : { signal }),
};
