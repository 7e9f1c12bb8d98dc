import { Worker } from "node:worker_threads";

import { build } from "esbuild";

import { FuzzError, type FuzzReport, type FuzzRun } from "./fuzz.ts";
import type { WorkerAnswer, WorkerOrder } from "./worker.ts";

/** Bounds that a target must keep, and where it is. */
export interface GuardOptions {
  /** Module that exports the table `targets`. */
  readonly table: string;
  readonly worker: string;
  readonly seedsFolder: string;
  /** Longest time for one input, in milliseconds. */
  readonly limitMs: number;
  /** Most memory that the thread may hold on to, in MiB. */
  readonly memoryMib: number;
}

/** What runs in the thread, in one script. */
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
 * Runs a target in a thread of its own, which is ended when one input takes too long or too much
 * memory: a reader that hangs cannot be stopped from within.
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

/** Calls back when the number in `progress` has stayed the same for the limit. */
function watch(progress: Int32Array, limitMs: number, onStuck: () => void): NodeJS.Timeout {
  let [last, since] = [-1, performance.now()];
  return setInterval(() => {
    const index = Atomics.load(progress, 0);
    if (index !== last) [last, since] = [index, performance.now()];
    // Before the first input the thread is still being started.
    else if (index !== -1 && performance.now() - since > limitMs) onStuck();
  }, 100);
}
