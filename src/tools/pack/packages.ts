import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { packageFile } from "../../base/package-root.ts";
import { packageOf, type BundledPackage } from "../build/package-of.ts";

/** Returns the packages in the command line of packed add-ins. */
function packedMainPackages(): readonly BundledPackage[] {
  const list = packageFile("dist/cli/packed-main.packages.json");
  const packages: readonly BundledPackage[] = JSON.parse(readFileSync(list, "utf8"));
  return packages;
}

/**
 * Lists the npm packages of a packed add-in: the packages of its sources, without the project, and
 * the packages of the command line.
 *
 * @param sources The files in the server, relative to `projectFolder`.
 */
export function listPackages(
  projectFolder: string,
  sources: readonly string[],
): readonly BundledPackage[] {
  const found = new Map<string, BundledPackage>();
  const add = (one: BundledPackage): void => {
    found.set(`${one.name}@${one.version}`, one);
  };
  for (const source of sources) {
    const owner = packageOf(resolve(projectFolder, source));
    if (owner !== undefined && resolve(owner.folder) !== resolve(projectFolder)) add(owner.fields);
  }
  packedMainPackages().forEach(add);
  return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}
