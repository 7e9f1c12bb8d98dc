import { parentPort, workerData } from "node:worker_threads";

import { errorText } from "../../src/base/errors.ts";
import { FuzzError, fuzz, readSeeds, type FuzzReport, type FuzzRun } from "./fuzz.ts";
import type { FuzzTarget } from "./target.ts";

/** What a worker is told. */
export interface WorkerOrder {
  readonly target: string;
  readonly seedsFolder: string;
  readonly run: FuzzRun;
  /** One number, where the worker writes which input it is at. */
  readonly progress: Int32Array;
}

/** What a worker answers: what it saw, or what failed at the input that it is at. */
export type WorkerAnswer = { readonly report: FuzzReport } | { readonly failure: string };

function answer(message: WorkerAnswer): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(message);
}

/** Serves one order with the targets of a table. */
export function work(targets: readonly FuzzTarget[]): void {
  const { target: name, seedsFolder, run, progress }: WorkerOrder = workerData;
  const target = targets.find((one) => one.name === name);
  if (target === undefined) throw new Error(`There is no target ${name}.`);
  try {
    const report = fuzz(target, readSeeds(seedsFolder, target), run, (index) =>
      Atomics.store(progress, 0, index),
    );
    answer({ report });
  } catch (error) {
    answer({ failure: errorText(error instanceof FuzzError ? error.cause : error) });
  }
}
