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
  var mutationState:
    | {
        active: number;
        calls: number;
        startMs: number;
        isOver: boolean;
        readonly hits: Set<number>;
      }
    | undefined;
}

// A mutant that does not end comes by its own or another switch again and again.
const LIMIT_MS = 10_000;
const CALLS_A_LOOK = 10_000;

// One worker runs file after file, and the modules that it keeps know the first switch.
const state = (globalThis.mutationState ??= {
  active: -1,
  calls: 0,
  startMs: 0,
  isOver: false,
  hits: new Set(),
});
// Tests replace the clock.
const now = performance.now.bind(performance);
const hitsFile = inject("hitsFile");

state.active = inject("mutant");
state.hits.clear();
globalThis.mutationSwitch ??= (id) => {
  state.hits.add(id);
  state.calls += 1;
  if (state.calls % CALLS_A_LOOK === 0) state.isOver = now() - state.startMs > LIMIT_MS;
  if (state.isOver) throw new Error("The mutant does not end.");
  return id === state.active;
};

beforeEach(() => {
  state.startMs = now();
  state.isOver = false;
});

afterAll(() => {
  if (hitsFile !== "") writeFileSync(hitsFile, JSON.stringify([...state.hits]));
});
