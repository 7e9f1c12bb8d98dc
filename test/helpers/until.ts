import { setTimeout as delay } from "node:timers/promises";

const STEP_MS = 20;

/**
 * Polls until `ask` returns a value, for conditions without an event (the end of a process of
 * another system, a file that it writes).
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  limitMs = 20_000,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`${what} did not happen in ${limitMs} ms`);
    await delay(STEP_MS);
  }
}
