import { vi } from "vitest";

import { lateCrypto } from "../../src/base/late-modules.ts";
import { Random } from "../fuzz/random.ts";

/** Runs work whose chance, date and timers depend on a seed and on the schedule alone. */
export async function withChance<T>(seed: number, work: () => Promise<T>): Promise<T> {
  const random = new Random(seed, 2);
  // Timers of the kit are limits: the schedule has its own clock, and no timer comes to its end.
  vi.useFakeTimers({
    toFake: ["Date", "setTimeout", "clearTimeout", "setInterval", "clearInterval"],
  });
  vi.spyOn(Math, "random").mockImplementation(() => random.below(2 ** 30) / 2 ** 30);
  let ids = 0;
  vi.spyOn(lateCrypto(), "randomUUID").mockImplementation(() => {
    ids += 1;
    return `00000000-0000-4000-8000-${String(ids).padStart(12, "0")}`;
  });
  try {
    return await work();
  } finally {
    vi.restoreAllMocks();
    vi.useRealTimers();
  }
}
