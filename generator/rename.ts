import { renameSync } from "node:fs";

/** The part of a rename that a test replaces. */
export interface RenameSystem {
  readonly rename: (from: string, to: string) => void;
  readonly waitMs: (ms: number) => void;
}

// What Windows says while a virus scanner or an indexer still has a new file open.
const transient: ReadonlySet<unknown> = new Set(["EPERM", "EACCES", "EBUSY"]);
const retryMs = 50;
const patienceMs = 3000;

const thisSystem: RenameSystem = {
  rename: renameSync,
  waitMs: (ms) => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  },
};

/**
 * Renames a file or a folder; on Windows, waits for up to three seconds for those who have it open.
 *
 * It blocks: a signal must not find a move that is half done.
 */
export function renamePatiently(from: string, to: string, system: RenameSystem = thisSystem): void {
  for (let waitedMs = 0; ; waitedMs += retryMs) {
    try {
      system.rename(from, to);
      return;
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (!transient.has(code) || waitedMs >= patienceMs) throw error;
      system.waitMs(retryMs);
    }
  }
}
