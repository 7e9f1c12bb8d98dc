import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from "node:fs";

// A scanner or a reader may hold a file for a moment, and Windows then refuses to replace it; while
// it is replaced, Windows refuses to open it.
const TRIES = 20;
const PAUSE_MS = 25;
const heldCodes = new Set<unknown>(["EPERM", "EACCES", "EBUSY"]);

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

function pause(durationMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, durationMs);
}

function whenFree<T>(work: () => T): T {
  for (let tries = 1; ; tries += 1) {
    try {
      return work();
    } catch (error) {
      if (tries === TRIES || !heldCodes.has(codeOf(error))) throw error;
    }
    pause(PAUSE_MS);
  }
}

/**
 * Replaces `file` as a whole: after a crash or a power cut it holds the old text or the new one.
 *
 * The text is flushed to the disk before it takes the file's name. A file that somebody holds open
 * is tried again for half a second.
 *
 * @throws The error of the file system; the old text stands then.
 */
export function writeDurably(file: string, text: string): void {
  const temporary = `${file}.new`;
  const descriptor = openSync(temporary, "w");
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  whenFree(() => renameSync(temporary, file));
}

/** Reads a file that {@link writeDurably} may be replacing at this moment. */
export function readDurably(file: string): string {
  return whenFree(() => readFileSync(file, "utf8"));
}

/** Bytes in a file that {@link writeDurably} may be replacing at this moment. */
export function sizeDurably(file: string): number {
  return whenFree(() => statSync(file).size);
}

/** Whether a file system's error says that there is no such file or folder. */
export function isMissingFile(error: unknown): boolean {
  return codeOf(error) === "ENOENT";
}
