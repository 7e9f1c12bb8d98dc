import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { WsbError } from "../../../base/errors.ts";
import { fileError } from "../../../base/file-error.ts";
import { loadManifest } from "../../../runtime/manifest/load.ts";
import {
  MANIFEST_FILE,
  SERVER_FILE,
  WRITER_FILE,
  type Manifest,
} from "../../../runtime/manifest/manifest.ts";
import { SHIM_FILE } from "../../../runtime/native/binding.ts";
import { besideExe, isPackedExe } from "../../../base/packed.ts";
import type { Installation } from "../../registration/plan.ts";
import { findServingNode } from "./serving-node.ts";

/** Returns the manifest of the packed add-in that contains this program. */
function ownManifest(): string | undefined {
  const folder = dirname(fileURLToPath(import.meta.url));
  const isPacked = existsSync(join(folder, SERVER_FILE));
  return besideExe(MANIFEST_FILE) ?? (isPacked ? join(folder, MANIFEST_FILE) : undefined);
}

/**
 * Returns the absolute path of the manifest: beside the program in a packed add-in, otherwise
 * relative to the working folder.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` if an exe gets another manifest than its own.
 */
export function manifestPath(manifest: string): string {
  const isDefault = manifest === MANIFEST_FILE;
  const own = ownManifest();
  if (own !== undefined && isDefault) return own;
  if (isPackedExe()) {
    throw new WsbError(
      "ERR_WSB_INVALID_ARGUMENT",
      `--manifest ${manifest} is not the manifest in ${process.execPath}. Omit --manifest.`,
    );
  }
  return resolve(manifest);
}

/** Creates the error for an add-in that is not built, or built from another manifest. */
function notBuilt(what: string): WsbError {
  return new WsbError(
    "ERR_WSB_BUILD",
    `${what}. Build the add-in first: npm run build. If it was built into a folder elsewhere, name the manifest there.`,
  );
}

/** Returns the scripts that are built of a manifest. */
function scriptsOf({ addin, writer }: Manifest): readonly string[] {
  return [
    ...(addin === undefined ? [] : [SERVER_FILE]),
    ...(writer.kind === "service" ? [WRITER_FILE] : []),
  ];
}

/** The folders beside a manifest that may hold what was built of it; `dist` first. */
function buildFolders(folder: string, scripts: readonly string[]): readonly string[] {
  const known = [join(folder, "dist"), folder];
  const others = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "node_modules")
    .map(({ name }) => join(folder, name))
    .filter((one) => !known.includes(one) && existsSync(join(one, MANIFEST_FILE)));
  return [...known, ...others].filter((one) =>
    scripts.every((script) => existsSync(join(one, script))),
  );
}

/** Tells whether a folder holds what was built of a manifest as it is now. */
function isBuildOf(manifest: Manifest, folder: string): boolean {
  const file = join(folder, MANIFEST_FILE);
  try {
    return existsSync(file) && JSON.stringify(loadManifest(file)) === JSON.stringify(manifest);
  } catch {
    // Another program's folder, or one that a build left half done.
    return false;
  }
}

function builtMs(folder: string, scripts: readonly string[]): number {
  return Math.max(...scripts.map((script) => statSync(join(folder, script)).mtimeMs));
}

/**
 * Finds the folder with what was built of a manifest: `dist` or another folder beside the manifest, or,
 * in a copied build, that of the manifest itself. Of several, it is the one that was built last.
 *
 * @throws {@link WsbError} `ERR_WSB_BUILD` when a file is missing, or when the manifest was changed
 * after the build.
 */
export function findBuild(manifestFile: string, manifest: Manifest): string {
  const folder = dirname(manifestFile);
  const scripts = scriptsOf(manifest);
  const [first, ...more] = buildFolders(folder, scripts);
  if (first === undefined) {
    const missing = scripts.find((one) => !existsSync(join(folder, "dist", one))) ?? SERVER_FILE;
    throw notBuilt(
      `There is no ${join(folder, "dist", missing)}, nor a build in a folder beside it`,
    );
  }
  // The server reads the manifest in its own folder, so both copies must be equal.
  const [built] = [first, ...more]
    .filter((one) => isBuildOf(manifest, one))
    .toSorted((one, other) => builtMs(other, scripts) - builtMs(one, scripts));
  for (const file of [SHIM_FILE, MANIFEST_FILE]) {
    const path = join(built ?? first, file);
    if (!existsSync(path)) throw notBuilt(`There is no ${path}`);
  }
  if (built === undefined) {
    throw notBuilt(`${manifestFile} was changed after the add-in was built into ${first}`);
  }
  return built;
}

/**
 * Finds the files that Windows starts.
 *
 * @param node The node.exe that the command line names; ignored in an exe, which contains Node.js.
 * @throws {@link WsbError} as {@link findBuild} and {@link findServingNode}.
 */
export function findInstallation(
  manifestFile: string,
  manifest: Manifest,
  node?: string,
): Installation {
  if (isPackedExe()) return { nodeExe: process.execPath };
  const scripts = scriptsOf(manifest);
  // Windows starts nothing for an application without an add-in whose writer is no service.
  if (scripts.length === 0) return { nodeExe: "" };
  const nodeExe = findServingNode(node);
  const folder = findBuild(manifestFile, manifest);
  return {
    nodeExe,
    ...(scripts.includes(SERVER_FILE) && { serverScript: join(folder, SERVER_FILE) }),
    ...(scripts.includes(WRITER_FILE) && { writerScript: join(folder, WRITER_FILE) }),
  };
}

/**
 * Reads a file from the command line.
 *
 * @throws {@link WsbError} `ERR_WSB_FILE` when it cannot be read.
 */
export function readInput(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw fileError(`Cannot read ${file}`, "Check the path.", error);
  }
}
