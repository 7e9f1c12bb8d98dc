import { readFileSync } from "node:fs";

import { WsbError, errorText } from "../../base/errors.ts";
import { besideExe, packedFile } from "../../base/packed.ts";
import { MANIFEST_FILE, type Manifest } from "./manifest.ts";
import { parseManifest } from "./parse.ts";

/** Reads the text of a manifest. A packed exe uses its own and ignores a file beside it. */
function readText(file: string): string {
  if (file !== besideExe(MANIFEST_FILE)) return readFileSync(file, "utf8");
  return Buffer.from(packedFile(MANIFEST_FILE)).toString("utf8");
}

/**
 * Reads and checks a manifest file.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_MANIFEST` when it cannot be read or is not valid.
 */
export function loadManifest(file: string): Manifest {
  let text: string;
  try {
    text = readText(file);
  } catch (error) {
    throw new WsbError(
      "ERR_WSB_INVALID_MANIFEST",
      `Cannot read the manifest ${file}: ${errorText(error)}. Run the command in the add-in's folder, or give the file with --manifest.`,
      { cause: error },
    );
  }
  return parseManifest(text, file);
}
