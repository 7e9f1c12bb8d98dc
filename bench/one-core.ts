import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";

/** Restricts this process, and the processes that it starts from now on, to some cores. */
function confine(cores: string): void {
  spawnSync("taskset", ["--all-tasks", "--cpu-list", "--pid", cores, String(process.pid)]);
}

/**
 * Runs work, and everything in the lab that it starts, on one core.
 *
 * A call passes from one Wine process to the next, and only one of them works at a time. The kernel
 * chooses its core at random, which changes the duration of a call by half. On one core, only the
 * work is measured.
 */
export async function onOneCore<T>(work: () => Promise<T>): Promise<T> {
  confine("0");
  try {
    return await work();
  } finally {
    confine(`0-${availableParallelism() - 1}`);
  }
}
