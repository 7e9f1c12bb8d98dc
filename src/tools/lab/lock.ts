import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { isRunning } from "../../base/is-running.ts";

const POLL_MS = 100;

function readOwner(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function tryLock(path: string): boolean {
  try {
    writeFileSync(path, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/**
 * Runs `action` while no other process holds the lock file `path`.
 *
 * Takes over a lock whose process has ended. Waits without a limit until `signal` aborts.
 */
export async function withLock<T>(
  path: string,
  signal: AbortSignal | undefined,
  action: () => Promise<T>,
): Promise<T> {
  while (!tryLock(path)) {
    const owner = readOwner(path);
    const pid = Number(owner);
    if (owner !== undefined && owner !== "" && (!Number.isInteger(pid) || !isRunning(pid))) {
      rmSync(path, { force: true });
      continue;
    }
    await sleep(POLL_MS, undefined, signal === undefined ? {} : { signal });
  }
  try {
    return await action();
  } finally {
    rmSync(path, { force: true });
  }
}
