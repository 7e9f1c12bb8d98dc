import { parentPort, workerData } from "node:worker_threads";

import { errorText } from "../../src/base/errors.ts";
import { FuzzError, fuzz, readSeeds, type FuzzReport, type FuzzRun } from "./fuzz.ts";
import type { FuzzTarget } from "./target.ts";

/** The order to a worker. */
export interface WorkerOrder {
  readonly target: string;
  readonly seedsFolder: string;
  readonly run: FuzzRun;
  /** A number where the worker stores the index of its current input. */
  readonly progress: Int32Array;
}

/** The answer of a worker: its report, or the failure at its current input. */
export type WorkerAnswer = { readonly report: FuzzReport } | { readonly failure: string };

function answer(message: WorkerAnswer): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(message);
}

/** Executes an order with the targets of a table. */
export function work(targets: readonly FuzzTarget[]): void {
  const { target: name, seedsFolder, run, progress }: WorkerOrder = workerData;
  const target = targets.find((one) => one.name === name);
  if (target === undefined) throw new Error(`Unknown target: ${name}.`);
  try {
    const report = fuzz(target, readSeeds(seedsFolder, target), run, (index) =>
      Atomics.store(progress, 0, index),
    );
    answer({ report });
  } catch (error) {
    answer({ failure: errorText(error instanceof FuzzError ? error.cause : error) });
  }
}
