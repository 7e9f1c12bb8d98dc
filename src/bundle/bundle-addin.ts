import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";

import { build } from "esbuild";

import { WsbError, errorText } from "../errors.ts";
import { loadManifest } from "../manifest/load.ts";
import { MANIFEST_FILE } from "../manifest/manifest.ts";
import { SHIM_FILE, prebuiltShimPath } from "../native/binding.ts";

export interface BundleOptions {
  /** Folder with the manifest. */
  readonly projectFolder: string;
  /** Module whose default export is the add-in. */
  readonly entry: string;
  /** Folder to build into; made when absent. */
  readonly outFolder: string;
}

/** Name of the built server. */
export const SERVER_FILE = "server.js";

// Ends the process when the add-in is idle even if a handler has left a timer or a socket open.
function serverSource(entry: string): string {
  return `import { serve } from "wsb-addin/server";
import addin from ${JSON.stringify(entry)};
await serve(addin, import.meta.url);
process.exit(0);
`;
}

/**
 * Builds an add-in into a folder of its own that needs no node_modules: `server.js` (handlers and
 * runtime in one file), the shim, the manifest.
 *
 * @returns The files written.
 * @throws {@link WsbError} `ERR_WSB_INVALID_MANIFEST`, or `ERR_WSB_BUILD` with the bundler's text.
 */
export async function bundleAddin(options: BundleOptions): Promise<readonly string[]> {
  const { projectFolder, entry, outFolder } = options;
  const manifestFile = join(projectFolder, MANIFEST_FILE);
  if (loadManifest(manifestFile).addin === undefined) {
    throw new WsbError(
      "ERR_WSB_INVALID_MANIFEST",
      `${manifestFile} has no clsid: an application without an add-in has nothing to build. Run wsb-addin register.`,
    );
  }
  if (!existsSync(entry)) {
    throw new WsbError(
      "ERR_WSB_BUILD",
      `There is no ${entry}. Write the module whose default export is defineAddin(…), or name it with --entry.`,
    );
  }
  const shim = prebuiltShimPath();
  if (!existsSync(shim)) {
    throw new WsbError("ERR_WSB_BUILD", `The shim ${shim} is missing. Install wsb-addin again.`);
  }
  const server = join(outFolder, SERVER_FILE);
  try {
    await build({
      stdin: {
        contents: serverSource(`./${relative(projectFolder, entry).replaceAll("\\", "/")}`),
        resolveDir: projectFolder,
        sourcefile: "server-entry.js",
      },
      absWorkingDir: projectFolder,
      outfile: server,
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node20",
      logLevel: "silent",
    });
  } catch (error) {
    throw new WsbError("ERR_WSB_BUILD", `Cannot build ${entry}: ${errorText(error)}`, {
      cause: error,
    });
  }
  // Says what server.js is, wherever the folder is copied to.
  const packageFile = join(outFolder, "package.json");
  mkdirSync(outFolder, { recursive: true });
  writeFileSync(packageFile, `${JSON.stringify({ private: true, type: "module" })}\n`);
  copyFileSync(shim, join(outFolder, SHIM_FILE));
  copyFileSync(manifestFile, join(outFolder, MANIFEST_FILE));
  return [server, packageFile, join(outFolder, SHIM_FILE), join(outFolder, MANIFEST_FILE)];
}
