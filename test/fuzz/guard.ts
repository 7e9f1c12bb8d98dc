import { Worker } from "node:worker_threads";

import { build } from "esbuild";

import { FuzzError, type FuzzReport, type FuzzRun } from "./fuzz.ts";
import type { WorkerAnswer, WorkerOrder } from "./worker.ts";

/** The limits of a target and its location. */
export interface GuardOptions {
  /** The module that exports the table `targets`. */
  readonly table: string;
  readonly worker: string;
  readonly seedsFolder: string;
  /** The longest time for an input, in milliseconds. */
  readonly limitMs: number;
  /** The memory limit of the thread, in MiB. */
  readonly memoryMib: number;
}

/** Builds the script of the thread. */
async function scriptOf({ table, worker }: GuardOptions): Promise<string> {
  const contents = `import { targets } from ${JSON.stringify(table)};
import { work } from ${JSON.stringify(worker)};
work(targets);`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: "." },
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    write: false,
    logLevel: "silent",
  });
  return outputFiles.map(({ text }) => text).join("");
}

/**
 * Runs a target in its own thread, which is terminated when an input takes too long or too much
 * memory: a hanging reader cannot be stopped from inside its thread.
 *
 * @throws {@link FuzzError} at the first input that the target does not survive.
 */
export async function guardedFuzz(
  target: string,
  run: FuzzRun,
  options: GuardOptions,
): Promise<FuzzReport> {
  const { seedsFolder, limitMs, memoryMib } = options;
  const progress = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  progress[0] = -1;
  const workerData: WorkerOrder = { target, seedsFolder, run, progress };
  const worker = new Worker(await scriptOf(options), {
    eval: true,
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: memoryMib },
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<FuzzReport>((resolve, reject) => {
      const failAt = (cause: unknown): void =>
        reject(new FuzzError(target, run, Atomics.load(progress, 0), cause));
      worker.once("message", (answer: WorkerAnswer) => {
        if ("report" in answer) resolve(answer.report);
        else failAt(answer.failure);
      });
      worker.once("error", failAt);
      worker.once("exit", (code) => failAt(new Error(`It ended the thread with ${code}.`)));
      timer = watch(progress, limitMs, () =>
        failAt(new Error(`It took longer than ${limitMs} ms.`)),
      );
    });
  } finally {
    clearInterval(timer);
    await worker.terminate();
  }
}

/** Calls back when the number in `progress` has not changed for the limit. */
function watch(progress: Int32Array, limitMs: number, onStuck: () => void): NodeJS.Timeout {
  let [last, since] = [-1, performance.now()];
  return setInterval(() => {
    const index = Atomics.load(progress, 0);
    if (index !== last) [last, since] = [index, performance.now()];
    // Before the first input, the thread is still starting.
    else if (index !== -1 && performance.now() - since > limitMs) onStuck();
  }, 100);
}
