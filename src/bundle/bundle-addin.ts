import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, relative } from "node:path";

import type { Plugin } from "esbuild";

import { WsbError, errorText } from "../errors.ts";
import { loadManifest } from "../manifest/load.ts";
import { MANIFEST_FILE, SERVER_FILE } from "../manifest/manifest.ts";
import { SHIM_FILE, prebuiltShimPath } from "../native/binding.ts";

type Esbuild = typeof import("esbuild");

export interface BundleOptions {
  readonly manifestFile: string;
  /** Module whose default export is the add-in. */
  readonly entry: string;
  /** Folder to build into; made when absent. */
  readonly outFolder: string;
}

const REQUIRE =
  'import { createRequire as __wsbCreateRequire } from "node:module"; const require = __wsbCreateRequire(import.meta.url);';

// Handlers are loaded late, so that a module that throws at the top is told to the log. It ends the
// process when the add-in is idle even if a handler has left a timer or a socket open.
function serverSource(entry: string): string {
  return `import { serve } from "wsb-addin/server";
process.exit(await serve(() => import(${JSON.stringify(entry)}), import.meta.url));
`;
}

const bundling = {
  bundle: true,
  platform: "node",
  format: "esm",
  logLevel: "silent",
} as const;

/**
 * Checks that the entry has a default export, and returns the optional packages that are not there.
 *
 * esbuild leaves an import that fails inside `try` as it is. At run time Node.js would look for it in
 * the node_modules of every folder above, and anybody may make one at the root of a drive.
 */
async function requireBundled(
  build: Esbuild["build"],
  entry: string,
  outFolder: string,
): Promise<readonly string[]> {
  const { metafile } = await build({
    entryPoints: [entry],
    outdir: outFolder,
    ...bundling,
    metafile: true,
    write: false,
  });
  const outputs = Object.values(metafile.outputs);
  if (!outputs.some((output) => output.exports.includes("default"))) {
    throw new Error("it has no default export. Write: export default defineAddin({ … })");
  }
  return outputs
    .flatMap((output) => output.imports)
    .filter(({ external, path }) => external === true && !isBuiltin(path))
    .map(({ path }) => path);
}

/** Makes modules fail to load, as they would where nobody has planted them. */
function failingModules(names: readonly string[]): Plugin {
  const namespace = "absent";
  return {
    name: namespace,
    setup(build) {
      build.onResolve({ filter: /.*/ }, ({ path }) =>
        names.includes(path) ? { path, namespace } : undefined,
      );
      build.onLoad({ filter: /.*/, namespace }, ({ path }) => ({
        contents: `throw Object.assign(new Error(${JSON.stringify(`Cannot find module '${path}'`)}), { code: "MODULE_NOT_FOUND" });`,
      }));
    },
  };
}

/** What is built must not end up among, or over, what it is built from. */
function requireOwnFolder(outFolder: string, entry: string): void {
  const isAbove = !relative(outFolder, entry).startsWith("..");
  const foreign = existsSync(outFolder) && !existsSync(join(outFolder, SERVER_FILE));
  if (!isAbove && !(foreign && readdirSync(outFolder).length > 0)) return;
  throw new WsbError(
    "ERR_WSB_INVALID_ARGUMENT",
    `${outFolder} holds something else than a built add-in; nothing was written. Build into a folder of its own, such as dist.`,
  );
}

/**
 * Builds an add-in into a folder of its own that needs no node_modules: `server.js` (handlers and
 * runtime in one file), the shim, the manifest.
 *
 * @returns The files written.
 * @throws {@link WsbError} `ERR_WSB_INVALID_MANIFEST`, or `ERR_WSB_BUILD` with the bundler's text.
 */
export async function bundleAddin(options: BundleOptions): Promise<readonly string[]> {
  const { manifestFile, entry, outFolder } = options;
  const projectFolder = dirname(manifestFile);
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
  requireOwnFolder(outFolder, entry);
  const server = join(outFolder, SERVER_FILE);
  try {
    // Loaded here, because every other command does without it.
    const { build } = await import("esbuild");
    const absent = await requireBundled(build, entry, outFolder);
    await build({
      stdin: {
        contents: serverSource(`./${relative(projectFolder, entry).replaceAll("\\", "/")}`),
        resolveDir: projectFolder,
        sourcefile: "server-entry.js",
      },
      absWorkingDir: projectFolder,
      outfile: server,
      ...bundling,
      target: "node20",
      // CommonJS packages ask for it; the bundle itself is an ES module.
      banner: { js: REQUIRE },
      plugins: [failingModules(absent)],
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
