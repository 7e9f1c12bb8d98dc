/** Runs before each test file: switches one mutant on, and notes which mutants the tests reach. */
import { writeFileSync } from "node:fs";

import { afterAll, beforeEach, inject } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    /** The mutant that is on; -1 for none. */
    readonly mutant: number;
    /** The file for the mutants that are reached, or "". */
    readonly hitsFile: string;
  }
}

declare global {
  var mutationSwitch: ((id: number) => boolean) | undefined;
}

// A mutant that does not end comes by its own or another switch again and again.
const LIMIT_MS = 10_000;
const CALLS_A_LOOK = 10_000;

const active = inject("mutant");
const hitsFile = inject("hitsFile");
const hits = new Set<number>();
// Tests replace the clock.
const now = performance.now.bind(performance);
let calls = 0;
let startMs = now();
let isOver = false;

globalThis.mutationSwitch = (id) => {
  hits.add(id);
  calls += 1;
  if (calls % CALLS_A_LOOK === 0) isOver = now() - startMs > LIMIT_MS;
  if (isOver) throw new Error("The mutant does not end.");
  return id === active;
};

beforeEach(() => {
  startMs = now();
  isOver = false;
});

afterAll(() => {
  if (hitsFile !== "") writeFileSync(hitsFile, JSON.stringify([...hits]));
});
