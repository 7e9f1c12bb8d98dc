import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

import { WsbError } from "../../base/errors.ts";
import { fileError } from "../../base/file-error.ts";
import { loadManifest } from "../../runtime/manifest/load.ts";
import {
  MANIFEST_FILE,
  SERVER_FILE,
  SERVER_MAP_FILE,
  requireAddin,
  type AddinManifest,
} from "../../runtime/manifest/manifest.ts";
import { SHIM_FILE } from "../../runtime/native/binding.ts";
import { findShim } from "./own-shim.ts";
import { bundleServer } from "./bundle-server.ts";
import { copyDotnet, findDotnetPackages, usesDotnet, type DotnetPackages } from "./dotnet-files.ts";

const PACKAGE_FILE = "package.json";

export interface BundleOptions {
  readonly manifestFile: string;
  /** Module whose default export is the add-in. */
  readonly entry: string;
  /** Folder to build into; made when absent. */
  readonly outFolder: string;
}

/** What a build has made. */
export interface BundledAddin {
  readonly files: readonly string[];
  /** What went into the folder, relative to the manifest's. */
  readonly sources: readonly string[];
}

/** What is built must not end up among, or over, what it is built from. */
function requireOwnFolder(outFolder: string, entry: string): void {
  const isAbove = !relative(outFolder, entry).startsWith("..");
  const foreign = existsSync(outFolder) && !existsSync(join(outFolder, SERVER_FILE));
  if (!isAbove && !(foreign && readdirSync(outFolder).length > 0)) return;
  throw new WsbError(
    "ERR_WSB_TARGET_EXISTS",
    `${outFolder} holds something else than a built add-in; nothing was written. Build into a folder of its own, such as dist.`,
  );
}

/** What a build starts from, looked at before anything is written. */
export interface BuildInputs {
  readonly manifest: AddinManifest;
  /** Path of the shim that goes into the add-in. */
  readonly shim: string;
}

/**
 * Checks manifest, entry and shim of an add-in that is to be built.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_MANIFEST`, or `ERR_WSB_BUILD` for a missing file.
 */
export function readBuildInputs({
  manifestFile,
  entry,
}: Pick<BundleOptions, "manifestFile" | "entry">): BuildInputs {
  const manifest = requireAddin(loadManifest(manifestFile), manifestFile, {
    to: "build",
    instead: "register the application without one: wsb-addin register",
  });
  if (!existsSync(entry)) {
    throw new WsbError(
      "ERR_WSB_BUILD",
      `There is no ${entry}. Write the module whose default export is defineAddin(…), or name it with --entry.`,
    );
  }
  const shim = findShim(dirname(manifestFile));
  return { manifest, shim };
}

/** How an entry is named from the project, as an import. */
export function entryImport(projectFolder: string, entry: string): string {
  return `./${relative(projectFolder, entry).replaceAll("\\", "/")}`;
}

/** Puts beside a server what it runs with; returns what went in of the packages of .NET handlers. */
function fillFolder(
  { manifestFile, outFolder }: BundleOptions,
  shim: string,
  dotnet: DotnetPackages | undefined,
): readonly string[] {
  const projectFolder = dirname(manifestFile);
  const copied = dotnet === undefined ? [] : copyDotnet(dotnet, projectFolder, outFolder);
  mkdirSync(outFolder, { recursive: true });
  // Says what server.js is, wherever the folder is copied to.
  const packageText = `${JSON.stringify({ private: true, type: "module" })}\n`;
  writeFileSync(join(outFolder, PACKAGE_FILE), packageText);
  copyFileSync(shim, join(outFolder, SHIM_FILE));
  copyFileSync(manifestFile, join(outFolder, MANIFEST_FILE));
  return copied;
}

/**
 * Builds an add-in into a folder of its own that needs no node_modules: `server.js` (handlers and
 * runtime in one file) and its source map, the shim, the manifest.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_MANIFEST`, `ERR_WSB_BUILD` with the bundler's text,
 * `ERR_WSB_TARGET_EXISTS` for a folder that holds something else, or `ERR_WSB_FILE`.
 */
export async function bundleAddin(options: BundleOptions): Promise<BundledAddin> {
  const { manifestFile, entry, outFolder } = options;
  const projectFolder = dirname(manifestFile);
  const { shim } = readBuildInputs(options);
  requireOwnFolder(outFolder, entry);
  const bundled = await bundleServer({
    projectFolder,
    entry: entryImport(projectFolder, entry),
    outFile: join(outFolder, SERVER_FILE),
    form: "script",
  });
  const dotnet = usesDotnet(bundled) ? findDotnetPackages(projectFolder) : undefined;
  const names = [SERVER_FILE, SERVER_MAP_FILE, PACKAGE_FILE, SHIM_FILE, MANIFEST_FILE];
  try {
    const copied = fillFolder(options, shim, dotnet);
    return {
      files: names.map((name) => join(outFolder, name)),
      sources: [...bundled, ...copied],
    };
  } catch (error) {
    throw fileError(`Cannot write to ${outFolder}`, "Choose another folder with --out.", error);
  }
}
