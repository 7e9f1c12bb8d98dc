import { setTimeout as delay } from "node:timers/promises";

const STEP_MS = 20;

/**
 * Asks again and again until `ask` answers with something, for what gives no event (a process of
 * another system that ends, a file it writes).
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
