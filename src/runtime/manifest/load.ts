import { readFileSync } from "node:fs";

import { fileError } from "../../base/file-error.ts";
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
 * @throws {@link WsbError} `ERR_WSB_FILE` when it cannot be read, `ERR_WSB_INVALID_MANIFEST` when it
 * is not valid.
 */
export function loadManifest(file: string): Manifest {
  let text: string;
  try {
    text = readText(file);
  } catch (error) {
    throw fileError(
      `Cannot read the manifest ${file}`,
      "Run the command in the add-in's folder, or give the file with --manifest.",
      error,
    );
  }
  return parseManifest(text, file);
}
