import { readFileSync } from "node:fs";

import { decodeText } from "../../base/decode-text.ts";
import { fileError } from "../../base/file-error.ts";
import { besideExe, packedFile } from "../../base/packed.ts";
import { MANIFEST_FILE, type Manifest } from "./manifest.ts";
import { parseManifest } from "./parse.ts";

/** Reads a manifest. A packed exe uses its own and ignores a file beside it. */
function readBytes(file: string): Uint8Array {
  if (file !== besideExe(MANIFEST_FILE)) return readFileSync(file);
  return packedFile(MANIFEST_FILE);
}

/**
 * Reads and checks a manifest file.
 *
 * @throws {@link WsbError} `ERR_WSB_FILE` when it cannot be read, `ERR_WSB_INVALID_MANIFEST` when it
 * is not valid.
 */
export function loadManifest(file: string): Manifest {
  let bytes: Uint8Array;
  try {
    bytes = readBytes(file);
  } catch (error) {
    throw fileError(
      `Cannot read the manifest ${file}`,
      "Run the command in the add-in's folder, or give the file with --manifest.",
      error,
    );
  }
  return parseManifest(decodeText(bytes, { file, code: "ERR_WSB_INVALID_MANIFEST" }), file);
}
