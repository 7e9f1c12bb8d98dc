import { readFileSync } from "node:fs";

import { WsbError, errorText } from "../errors.ts";
import type { Manifest } from "./manifest.ts";
import { parseManifest } from "./parse.ts";

/**
 * Reads and checks a manifest file.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_MANIFEST` when it cannot be read or is not valid.
 */
export function loadManifest(file: string): Manifest {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new WsbError(
      "ERR_WSB_INVALID_MANIFEST",
      `Cannot read the manifest ${file}: ${errorText(error)}. Run the command in the add-in's folder, or name the file with --manifest.`,
      { cause: error },
    );
  }
  return parseManifest(text, file);
}
