import { readFileSync } from "node:fs";
import { join } from "node:path";

import { isObject } from "./json.ts";

/** Folder of a shim's source in a project. */
export const SHIM_FOLDER = "native";

/**
 * Version of wsb-addin that the shim's source in a project was copied from; `undefined` when the
 * project has no source of a shim.
 */
export function shimSourceVersion(projectFolder: string): string | undefined {
  try {
    const text = readFileSync(join(projectFolder, SHIM_FOLDER, "package.json"), "utf8");
    const fields: unknown = JSON.parse(text);
    const version = isObject(fields) ? fields["wsbAddinShim"] : undefined;
    return typeof version === "string" ? version : undefined;
  } catch {
    return undefined;
  }
}
