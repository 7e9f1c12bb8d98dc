import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";

/** Lets this process run on these cores only; what it starts from then on inherits that. */
function confine(cores: string): void {
  spawnSync("taskset", ["--all-tasks", "--cpu-list", "--pid", cores, String(process.pid)]);
}

/**
 * Does work that starts a lab, and everything in that lab, on one core.
 *
 * Between processes of Wine a call goes from one to the next, and only one of them has anything to
 * do. On which core the kernel wakes it, settles by chance and moves a call by half of its time; on
 * one core what is left is the work.
 */
export async function onOneCore<T>(work: () => Promise<T>): Promise<T> {
  confine("0");
  try {
    return await work();
  } finally {
    confine(`0-${availableParallelism() - 1}`);
  }
}
