import { statSync } from "node:fs";

/** Tells whether a path is that of a file. */
export type FileTest = (path: string) => boolean;

/** Looks for the file on this machine's disks. */
export const isFileHere: FileTest = (path) =>
  statSync(path, { throwIfNoEntry: false })?.isFile() === true;
