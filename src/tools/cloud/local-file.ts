import { statSync } from "node:fs";

/** Returns whether a path is a file. */
export type FileTest = (path: string) => boolean;

/** Checks the disks of this machine. */
export const isFileHere: FileTest = (path) =>
  statSync(path, { throwIfNoEntry: false })?.isFile() === true;
