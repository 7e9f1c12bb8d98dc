import { readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { isObject } from "../../base/json.ts";
import { MANIFEST_FILE } from "../../runtime/manifest/manifest.ts";

/** A built server and the project it was built from. */
export interface BuiltProject {
  readonly serverScript: string;
  readonly manifestFile: string;
}

function sourcesIn(mapFile: string): readonly string[] {
  const map: unknown = JSON.parse(readFileSync(mapFile, "utf8"));
  const sources: unknown = isObject(map) ? map["sources"] : undefined;
  return Array.isArray(sources) ? sources.filter((one) => typeof one === "string") : [];
}

function changedMs(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}

function sameContent(one: string, other: string): boolean {
  return readFileSync(one).equals(readFileSync(other));
}

/**
 * Returns the files of a project, relative to it, that changed after its server was built: sources,
 * and the manifest. Returns none if the build does not name its sources.
 */
export function changedSinceBuild({ serverScript, manifestFile }: BuiltProject): readonly string[] {
  try {
    const builtMs = changedMs(serverScript) ?? Number.POSITIVE_INFINITY;
    const folder = dirname(manifestFile);
    // Sources outside the project have the names of their packages, which are no paths here.
    const changed = sourcesIn(`${serverScript}.map`).filter(
      (source) => (changedMs(join(folder, source)) ?? 0) > builtMs,
    );
    const builtManifest = join(dirname(serverScript), MANIFEST_FILE);
    return sameContent(manifestFile, builtManifest)
      ? changed
      : [...changed, basename(manifestFile)];
  } catch {
    // What cannot be compared is not known to be older.
    return [];
  }
}
