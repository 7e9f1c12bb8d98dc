import { accessSync, constants } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Finds a program on the PATH; ignores relative entries of the PATH.
 *
 * @param name The program's name, with its extension on Windows.
 * @param first Folders to search before the PATH.
 */
export function findProgram(name: string, first: readonly string[] = []): string | undefined {
  const folders = [...first, ...(process.env["PATH"] ?? "").split(delimiter)].filter(isAbsolute);
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}
