import { statSync } from "node:fs";

/** Whether `path` is a file that can be found now. */
export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
