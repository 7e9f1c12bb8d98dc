import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { isObject } from "../../base/json.ts";

/** An npm package in a bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** The fields of package.json. */
  readonly license: string | undefined;
}

/** The package that a file belongs to. */
export interface OwningPackage {
  readonly folder: string;
  readonly fields: BundledPackage;
}

function readFields(text: string): BundledPackage | undefined {
  const fields: unknown = JSON.parse(text);
  if (!isObject(fields)) return undefined;
  const { name, version, license } = fields;
  if (typeof name !== "string" || typeof version !== "string") return undefined;
  return { name, version, license: typeof license === "string" ? license : undefined };
}

/** Returns the package that a file belongs to, by the nearest package.json that names one. */
export function packageOf(file: string): OwningPackage | undefined {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const manifest = join(folder, "package.json");
    const fields = existsSync(manifest) ? readFields(readFileSync(manifest, "utf8")) : undefined;
    if (fields !== undefined) return { folder, fields };
    if (folder === dirname(folder)) return undefined;
  }
}
