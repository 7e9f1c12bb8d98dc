import { createHash } from "node:crypto";
import { basename, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

import { packageOf } from "./package-of.ts";

/** Name of the module that a bundle begins with, which is in no project. */
export const ENTRY_SOURCE = "server-entry.js";

/** A source map as esbuild writes it. */
export interface MapInputs {
  readonly text: string;
  /** Folder that the map's sources are relative to. */
  readonly projectFolder: string;
  /** What the map is of. */
  readonly script: Uint8Array;
}

/** A source as the map names it. */
interface NamedSource {
  readonly name: string;
  /** Whether it is no code of the add-in's developer or of a package of theirs. */
  readonly isOfKit: boolean;
}

const KIT = "wsb-addin";

/** Names a file outside the project by its package: where it lies is this machine's own affair. */
function nameOutside(file: string): NamedSource {
  const owner = packageOf(file);
  if (owner === undefined) return { name: basename(file), isOfKit: false };
  const path = relative(owner.folder, file).replaceAll(sep, "/");
  // A clone of the kit has more than the kit: the add-ins that its tests build.
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
 * Makes the source map that goes with a built server of what esbuild has written.
 *
 * Its sources are named from the project, those of packages by the package, and it has neither their
 * text nor a path of this machine. The kit's own are on its list of sources to ignore. It has the
 * digest of its script, because one of the two files may be copied without the other.
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
