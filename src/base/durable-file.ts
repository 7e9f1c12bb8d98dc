import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from "node:fs";

import { whenFree } from "./when-free.ts";

/**
 * Replaces a file as a whole: after a crash or a power cut it holds either the old or the new text.
 *
 * Flushes the new text to the disk before it replaces the old. Retries for half a second while
 * another process holds the file open.
 *
 * @throws The error of the file system; the file then still holds the old text.
 */
export function writeDurably(file: string, text: string): void {
  const temporary = `${file}.new`;
  const descriptor = openSync(temporary, "w");
  try {
    // Not writeSync: on a disk that is nearly full, it writes a part and reports success.
    writeFileSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  whenFree(() => renameSync(temporary, file));
}
