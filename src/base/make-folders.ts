import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

import { systemErrorName } from "./file-error.ts";

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/**
 * Creates a folder and its missing parents; one that exists is fine. Node.js' own recursive mkdir
 * never ends where the system says ENOENT to a new folder in an existing one, as in /proc.
 *
 * @throws the file system's error.
 */
export function makeFolders(folder: string): void {
  if (isFolder(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolders(parent);
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process was faster.
    if (systemErrorName(error) !== "EEXIST" || !isFolder(folder)) throw error;
  }
}
