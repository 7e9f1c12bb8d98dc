import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

import { packageFile } from "../../base/package-root.ts";

/** An npm package that is in a bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** As package.json has it. */
  readonly license: string | undefined;
}

function readFields(text: string): BundledPackage | undefined {
  const fields: unknown = JSON.parse(text);
  if (typeof fields !== "object" || fields === null) return undefined;
  if (!("name" in fields) || !("version" in fields)) return undefined;
  const { name, version } = fields;
  if (typeof name !== "string" || typeof version !== "string") return undefined;
  const license =
    "license" in fields && typeof fields.license === "string" ? fields.license : undefined;
  return { name, version, license };
}

/** The package that a file belongs to, by the nearest package.json that names one. */
function packageOf(file: string): { folder: string; fields: BundledPackage } | undefined {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const manifest = join(folder, "package.json");
    const fields = existsSync(manifest) ? readFields(readFileSync(manifest, "utf8")) : undefined;
    if (fields !== undefined) return { folder, fields };
    if (folder === dirname(folder)) return undefined;
  }
}

/** What is bundled into the command line that packed add-ins carry. */
function packedMainPackages(): readonly BundledPackage[] {
  const list = packageFile("dist/cli/packed-main.packages.json");
  const packages: readonly BundledPackage[] = JSON.parse(readFileSync(list, "utf8"));
  return packages;
}

/**
 * Lists the npm packages of a packed add-in: those that its sources come from, the project's own left
 * out, and those of the command line.
 *
 * @param sources Files that went into the server, relative to `projectFolder`.
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
