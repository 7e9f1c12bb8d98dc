import { systemErrorName } from "./file-error.ts";

// A virus scanner or a reader may hold a file open for a moment; Windows then refuses to replace it.
// While a file is being replaced, Windows refuses to open it.
const TRIES = 20;
const PAUSE_MS = 25;
const heldNames = new Set<unknown>(["EPERM", "EACCES", "EBUSY"]);

/** Blocks the thread. */
export function pause(durationMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, durationMs);
}

function isHeldFile(error: unknown): boolean {
  return heldNames.has(systemErrorName(error));
}

/**
 * Does a file operation, and retries it for half a second while another process holds the file.
 *
 * @param isHeld Tells whether an error means that; by default, those of node:fs.
 */
export function whenFree<T>(work: () => T, isHeld: (error: unknown) => boolean = isHeldFile): T {
  for (let tries = 1; ; tries += 1) {
    try {
      return work();
    } catch (error) {
      if (tries === TRIES || !isHeld(error)) throw error;
    }
    pause(PAUSE_MS);
  }
}
