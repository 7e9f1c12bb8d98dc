import { randomUUID } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";

import { makeFolders } from "../../base/make-folders.ts";
import { WsbError } from "../../base/errors.ts";
import { fileError } from "../../base/file-error.ts";
import { loadManifest } from "../../runtime/manifest/load.ts";
import {
  MANIFEST_FILE,
  SERVER_FILE,
  WRITER_FILE,
  requireAddin,
  type AddinManifest,
  type Manifest,
} from "../../runtime/manifest/manifest.ts";
import { SHIM_FILE } from "../../runtime/native/binding.ts";
import { findShim } from "./own-shim.ts";
import { bundleServer, FORMS, type ServerForm } from "./bundle-server.ts";
import { copyDotnet, findDotnetPackages, usesDotnet, type DotnetPackages } from "./dotnet-files.ts";

const PACKAGE_FILE = "package.json";

export interface BundleOptions {
  readonly manifestFile: string;
  /** Module whose default export is the add-in. */
  readonly entry: string;
  /**
   * Module whose default export is the writer, if the manifest's writer is a service.
   *
   * @defaultValue `src/writer.ts` of the project
   */
  readonly writerEntry?: string;
  /** Output folder; created if it does not exist. */
  readonly outFolder: string;
}

/** The result of a build. */
export interface BundledAddin {
  readonly files: readonly string[];
  /** The written files, relative to the manifest's folder. */
  readonly sources: readonly string[];
}

/** Refuses an output folder that has other files, so that a build never overwrites its sources. */
function requireOwnFolder(outFolder: string, entry: string): void {
  const isAbove = !relative(outFolder, entry).startsWith("..");
  const isOwn = [SERVER_FILE, WRITER_FILE].some((name) => existsSync(join(outFolder, name)));
  const foreign = existsSync(outFolder) && !isOwn;
  const isFile = foreign && !statSync(outFolder).isDirectory();
  if (!isAbove && !isFile && !(foreign && readdirSync(outFolder).length > 0)) return;
  throw new WsbError(
    "ERR_WSB_TARGET_EXISTS",
    `${outFolder} ${isFile ? "is a file" : "has files that do not belong to a built add-in"}; nothing was written. Use another folder, for example dist.`,
  );
}

/** A script of a build, and the module that it is made of. */
interface Script {
  readonly form: Exclude<ServerForm, "exe">;
  readonly entry: string;
}

function requireEntry({ entry, form }: Script): void {
  if (existsSync(entry)) return;
  const { definition, option } = FORMS[form];
  throw new WsbError(
    "ERR_WSB_BUILD",
    `${entry} does not exist. Write this module with the default export ${definition}(…), or name another with ${option}.`,
  );
}

/** The checked inputs of a build. */
export interface BuildInputs {
  readonly manifest: AddinManifest;
  /** Path of the shim for the add-in. */
  readonly shim: string;
}

const purpose = {
  to: "build",
  instead: "register the application without one: wsb-addin register",
};

/**
 * Checks manifest, entry and shim of an add-in before the build.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_MANIFEST`, or `ERR_WSB_BUILD` for a missing file.
 */
export function readBuildInputs({
  manifestFile,
  entry,
}: Pick<BundleOptions, "manifestFile" | "entry">): BuildInputs {
  const manifest = requireAddin(loadManifest(manifestFile), manifestFile, purpose);
  requireEntry({ entry, form: "script" });
  const shim = findShim(dirname(manifestFile));
  return { manifest, shim };
}

/** Returns the import path of an entry, relative to the project. */
export function entryImport(projectFolder: string, entry: string): string {
  return `./${relative(projectFolder, entry).replaceAll("\\", "/")}`;
}

/** Returns the scripts of a manifest: of its add-in, of the service of its writer, or of both. */
function scriptsOf(
  manifest: Manifest,
  { manifestFile, entry, writerEntry }: BundleOptions,
): readonly Script[] {
  const server: Script = { form: "script", entry };
  if (manifest.writer.kind !== "service") {
    requireAddin(manifest, manifestFile, purpose);
    return [server];
  }
  const ofWriter = writerEntry ?? join(dirname(manifestFile), "src", "writer.ts");
  const writer: Script = { form: "writer", entry: ofWriter };
  return manifest.addin === undefined ? [writer] : [server, writer];
}

const REPLACED = ".replaced-";

/**
 * Puts the shim into its place. A server that lingers has the old one loaded: Windows lets nobody
 * write into it, but everybody rename it.
 */
function placeShim(shim: string, target: string): void {
  removeReplaced(dirname(target));
  if (existsSync(target)) {
    if (readFileSync(target).equals(readFileSync(shim))) return;
    renameSync(target, `${target}${REPLACED}${randomUUID()}`);
  }
  copyFileSync(shim, target);
  removeReplaced(dirname(target));
}

/** Removes earlier shims that nobody has loaded any more. */
function removeReplaced(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(`${SHIM_FILE}${REPLACED}`)) continue;
    try {
      rmSync(join(folder, name));
    } catch {
      // The next build tries again.
    }
  }
}

/** Writes the other files of a server; returns the copied files of the packages for .NET handlers. */
function fillFolder(
  { manifestFile, outFolder }: BundleOptions,
  shim: string,
  dotnet: DotnetPackages | undefined,
): readonly string[] {
  const projectFolder = dirname(manifestFile);
  const copied = dotnet === undefined ? [] : copyDotnet(dotnet, projectFolder, outFolder);
  makeFolders(outFolder);
  // Sets the module type of server.js in every folder.
  const packageText = `${JSON.stringify({ private: true, type: "module" })}\n`;
  writeFileSync(join(outFolder, PACKAGE_FILE), packageText);
  placeShim(shim, join(outFolder, SHIM_FILE));
  copyFileSync(manifestFile, join(outFolder, MANIFEST_FILE));
  return copied;
}

/**
 * Builds an add-in into one folder that needs no node_modules: `server.js` (handlers and runtime in one
 * file), its source map, the shim and the manifest; and `writer.js` with its map if the manifest's
 * writer is a service.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_MANIFEST`, `ERR_WSB_BUILD` with the bundler's text,
 * `ERR_WSB_TARGET_EXISTS` for a folder with other files, or `ERR_WSB_FILE`.
 */
export async function bundleAddin(options: BundleOptions): Promise<BundledAddin> {
  const { manifestFile, outFolder } = options;
  const projectFolder = dirname(manifestFile);
  const scripts = scriptsOf(loadManifest(manifestFile), options);
  for (const script of scripts) requireEntry(script);
  const shim = findShim(projectFolder);
  for (const { entry } of scripts) requireOwnFolder(outFolder, entry);
  const bundled: string[] = [];
  for (const { form, entry } of scripts) {
    const outFile = join(outFolder, FORMS[form].script);
    const from = { projectFolder, entry: entryImport(projectFolder, entry) };
    bundled.push(...(await bundleServer({ ...from, outFile, form })));
  }
  const dotnet = usesDotnet(bundled) ? findDotnetPackages(projectFolder) : undefined;
  const built = scripts.map(({ form }) => FORMS[form].script);
  const names = [
    ...built.flatMap((name) => [name, `${name}.map`]),
    PACKAGE_FILE,
    SHIM_FILE,
    MANIFEST_FILE,
  ];
  try {
    const copied = fillFolder(options, shim, dotnet);
    return {
      files: names.map((name) => join(outFolder, name)),
      sources: [...new Set([...bundled, ...copied])],
    };
  } catch (error) {
    throw fileError(`Cannot write to ${outFolder}`, "Choose another folder with --out.", error);
  }
}
