import { readFileSync } from "node:fs";
import { join } from "node:path";

import { fileError, systemErrorName } from "./file-error.ts";
import { isObject } from "./json.ts";

/** The folder of a shim's source in a project. */
export const SHIM_FOLDER = "native";

/** Reads a package.json; returns `undefined` when it is missing or not a JSON document. */
function readFields(file: string): unknown {
  try {
    const fields: unknown = JSON.parse(readFileSync(file, "utf8"));
    return fields;
  } catch (error) {
    const errno = systemErrorName(error);
    if (error instanceof SyntaxError || errno === "ENOENT" || errno === "ENOTDIR") return undefined;
    throw fileError(`Cannot read ${file}`, "Check the path.", error);
  }
}

/**
 * Returns the version of wsb-addin from which a project's shim source was copied; `undefined` when
 * the project has no shim source.
 *
 * @throws {@link WsbError} `ERR_WSB_FILE` when a file cannot be read.
 */
export function shimSourceVersion(projectFolder: string): string | undefined {
  const fields = readFields(join(projectFolder, SHIM_FOLDER, "package.json"));
  const version = isObject(fields) ? fields["wsbAddinShim"] : undefined;
  return typeof version === "string" ? version : undefined;
}
