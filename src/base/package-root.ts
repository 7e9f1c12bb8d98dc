import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { isObject } from "./json.ts";

function isKit(folder: string): boolean {
  const file = join(folder, "package.json");
  if (!existsSync(file)) return false;
  const fields: unknown = JSON.parse(readFileSync(file, "utf8"));
  return isObject(fields) && fields["name"] === "wsb-addin";
}

/**
 * Returns the folder of the package wsb-addin that contains this module, as source or bundled.
 *
 * @returns `undefined` in a built add-in, which carries the module without the package.
 */
function packageRoot(): string | undefined {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (isKit(folder)) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}

/**
 * Returns the path of a file in the package wsb-addin, whether or not the file exists.
 *
 * @param path The path below the package's folder, with forward slashes.
 */
export function packageFile(path: string): string {
  return join(packageRoot() ?? dirname(fileURLToPath(import.meta.url)), path);
}
