import { readText, readValue, requireReading, type Reading } from "../../base/document/read.ts";
import { manifestDefinition } from "./definition.ts";
import type { Manifest } from "./manifest.ts";

const NAME = "the manifest";

/**
 * Checks a parsed `wsb-addin.json` and returns the manifest or all its problems.
 *
 * An unknown field is a problem: a misspelt limit must not silently become the default.
 */
export function readManifest(value: unknown): Reading<Manifest> {
  return readValue(manifestDefinition, value, NAME);
}

/**
 * Reads a manifest from the text of its file.
 *
 * @param file The file's path, for messages.
 * @throws {@link WsbError} `ERR_WSB_INVALID_MANIFEST`; the message lists at most 20 problems.
 */
export function parseManifest(text: string, file: string): Manifest {
  return requireReading(readText(manifestDefinition, text, NAME), {
    code: "ERR_WSB_INVALID_MANIFEST",
    heading: `${file} is not a valid manifest`,
  });
}
