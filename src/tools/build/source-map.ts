import { createHash } from "node:crypto";
import { basename, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

import { packageOf } from "./package-of.ts";

/** Name of the first module of a bundle, which is in no project. */
export const ENTRY_SOURCE = "server-entry.js";

/** A source map in the form of esbuild. */
export interface MapInputs {
  readonly text: string;
  /** Folder of the map's relative sources. */
  readonly projectFolder: string;
  /** The script of the map. */
  readonly script: Uint8Array;
}

/** A source in the map. */
interface NamedSource {
  readonly name: string;
  /** Whether it is code of wsb-addin. */
  readonly isOfKit: boolean;
}

const KIT = "wsb-addin";

/** Names a file outside the project by its package, without a path of this machine. */
function nameOutside(file: string): NamedSource {
  const owner = packageOf(file);
  if (owner === undefined) return { name: basename(file), isOfKit: false };
  const path = relative(owner.folder, file).replaceAll(sep, "/");
  // A clone of wsb-addin also contains the add-ins of its tests.
  const isOfKit = owner.fields.name === KIT && /^(?:dist|src)\//u.test(path);
  return { name: `${owner.fields.name}/${path}`, isOfKit };
}

function nameSource(source: string, projectFolder: string): NamedSource {
  const inModules = `/${source}`.lastIndexOf("/node_modules/");
  if (inModules !== -1) {
    const name = source.slice(inModules);
    return { name, isOfKit: name.startsWith(`node_modules/${KIT}/`) };
  }
  if (!/^(?:\.\.?\/|\/|file:|[A-Za-z]:[\\/])/u.test(source)) {
    return { name: source, isOfKit: source === ENTRY_SOURCE };
  }
  const file = source.startsWith("file:")
    ? fileURLToPath(source)
    : resolve(projectFolder, decodeURIComponent(source));
  const { name, isOfKit } = nameOutside(file);
  return { name: name.split("/").map(encodeURIComponent).join("/"), isOfKit };
}

function readMap(text: string): {
  readonly sources: readonly string[];
  readonly mappings: string;
  readonly names: readonly string[];
} {
  return JSON.parse(text);
}

/**
 * Creates the source map of a built server from esbuild's.
 *
 * It names sources relative to the project or by their package, and contains neither their text nor
 * paths of this machine. It lists the sources of wsb-addin as ignored. It contains the digest of its
 * script, because one of the two files may be copied without the other.
 *
 * @see https://tc39.es/ecma426/
 */
export function finishMap({ text, projectFolder, script }: MapInputs): string {
  const { sources, names, mappings } = readMap(text);
  const named = sources.map((source) => nameSource(source, projectFolder));
  return JSON.stringify({
    version: 3,
    sources: named.map(({ name }) => name),
    names,
    mappings,
    ignoreList: named.flatMap(({ isOfKit }, index) => (isOfKit ? [index] : [])),
    x_scriptSha256: createHash("sha256").update(script).digest("hex"),
  });
}
