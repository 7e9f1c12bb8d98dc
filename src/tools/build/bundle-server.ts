import { writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join } from "node:path";

import type { BuildOptions, BuildResult, Plugin } from "esbuild";

import { makeFolders } from "../../base/make-folders.ts";
import { WsbError, errorText } from "../../base/errors.ts";
import { fileError } from "../../base/file-error.ts";
import { packageFile } from "../../base/package-root.ts";
import { SERVER_FILE, WRITER_FILE } from "../../runtime/manifest/manifest.ts";
import { ENTRY_SOURCE, finishMap } from "./source-map.ts";

type Esbuild = typeof import("esbuild");

/**
 * What a bundle becomes: the script of an add-in's server for node.exe, that of a writer's service, or
 * an exe that contains the server.
 */
export type ServerForm = "script" | "writer" | "exe";

export interface BundleServerOptions {
  /** Folder from which imports are resolved. */
  readonly projectFolder: string;
  /** Module whose default export is the add-in or the writer, relative to `projectFolder`. */
  readonly entry: string;
  /** Output file; the source map is written beside it. */
  readonly outFile: string;
  readonly form: ServerForm;
}

const REQUIRE =
  'import { createRequire as __wsbCreateRequire } from "node:module"; const require = __wsbCreateRequire(import.meta.url);';

// In an exe, the path of the exe replaces the path of the script.
const EXE_URL =
  'const __wsbUrl = require("node:url").pathToFileURL(process.execPath).href, __wsbPath = process.execPath, __wsbFolder = require("node:path").dirname(__wsbPath);';

/** The command line of packed add-ins, one file. */
export function packedMain(): string {
  return packageFile("dist/cli/packed-main.js");
}

// Loads the handlers late, so that an error at their top level becomes an event. Ends the process when
// the add-in is idle, even if a handler left a timer or a socket open.
function scriptSource(entry: string): string {
  return `import { serve } from "wsb-addin/server";
process.exit(await serve(() => import(${JSON.stringify(entry)}), import.meta.url));
`;
}

// As above: the service and its guardian end when their work is done.
function writerSource(entry: string): string {
  return `import { serveWriter } from "wsb-addin/writer";
process.exit(await serveWriter(() => import(${JSON.stringify(entry)}), { moduleUrl: import.meta.url }));
`;
}

// Arguments of COM begin with a hyphen; commands do not.
function exeSource(entry: string): string {
  return `import { serve } from "wsb-addin/server";
if (/^(?:[a-z]|-h$|--help$)/u.test(process.argv[2] ?? "")) {
  import(${JSON.stringify(packedMain())});
} else {
  serve(() => import(${JSON.stringify(entry)}), import.meta.url).then((code) => process.exit(code));
}
`;
}

/** What depends on the form of a bundle. */
interface FormFacts {
  /** The text of a bundle's first module. */
  readonly source: (entry: string) => string;
  /** The function that the entry calls. */
  readonly definition: string;
  /** The option that names another entry. */
  readonly option: string;
  /** The name of the script. */
  readonly script: string;
}

const server = { definition: "defineAddin", option: "--entry", script: SERVER_FILE };

/** What is known of each form. */
export const FORMS: Readonly<Record<ServerForm, FormFacts>> = {
  script: { ...server, source: scriptSource },
  exe: { ...server, source: exeSource },
  writer: {
    source: writerSource,
    definition: "defineWriter",
    option: "--writer-entry",
    script: WRITER_FILE,
  },
};

const bundling = {
  bundle: true,
  platform: "node",
  format: "esm",
  logLevel: "silent",
} as const;

function formOptions(form: ServerForm): BuildOptions {
  switch (form) {
    case "script":
    case "writer":
      // CommonJS packages need it; the bundle itself is an ES module.
      return { format: "esm", banner: { js: REQUIRE } };
    case "exe":
      // Node.js 20 to 24 supports only this format in an exe.
      return {
        format: "cjs",
        banner: { js: EXE_URL },
        define: {
          "import.meta.url": "__wsbUrl",
          "import.meta.filename": "__wsbPath",
          "import.meta.dirname": "__wsbFolder",
        },
      };
  }
}

/**
 * Checks that the entry has a default export, and returns the missing optional packages.
 *
 * esbuild keeps an import that fails inside `try`. At run time, Node.js would search for it in the
 * node_modules of every folder above, and every user can create one at the root of a drive.
 */
async function requireBundled(
  build: Esbuild["build"],
  { entry, projectFolder, outFile, form }: BundleServerOptions,
): Promise<readonly string[]> {
  const { metafile } = await build({
    entryPoints: [entry],
    absWorkingDir: projectFolder,
    outfile: outFile,
    ...bundling,
    metafile: true,
    write: false,
  });
  const outputs = Object.values(metafile.outputs);
  if (!outputs.some((output) => output.exports.includes("default"))) {
    throw new Error(
      `The module has no default export. Write: export default ${FORMS[form].definition}({ … })`,
    );
  }
  return outputs
    .flatMap((output) => output.imports)
    .filter(({ external, path }) => external === true && !isBuiltin(path))
    .map(({ path }) => path);
}

/** Makes modules fail to load, so that nobody can plant them. */
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

type Outputs = BuildResult<{ write: false }>["outputFiles"];

function writeOutputs(
  outputs: Outputs,
  { projectFolder, outFile, form }: BundleServerOptions,
): void {
  const map = outputs.find(({ path }) => path.endsWith(".map"));
  const script = outputs.find(({ path }) => path.endsWith(".js"));
  if (map === undefined || script === undefined) throw new Error("esbuild wrote no source map");
  const folder = dirname(outFile);
  makeFolders(folder);
  const mapText = finishMap({ text: map.text, projectFolder, script: script.contents });
  writeFileSync(join(folder, `${FORMS[form].script}.map`), mapText);
  writeFileSync(outFile, script.contents);
}

/** A bundle in memory. */
interface Bundle {
  /** Its source files, relative to the project. */
  readonly sources: readonly string[];
  readonly outputFiles: Outputs;
}

async function makeBundle(options: BundleServerOptions): Promise<Bundle> {
  const { projectFolder, entry, form } = options;
  const { source, option, script } = FORMS[form];
  try {
    // Loaded here, because no other command needs it.
    const { build } = await import("esbuild");
    const absent = await requireBundled(build, options);
    const { metafile, outputFiles } = await build({
      stdin: {
        contents: source(entry),
        resolveDir: projectFolder,
        sourcefile: ENTRY_SOURCE,
      },
      absWorkingDir: projectFolder,
      // Not the output folder: the source map names its sources relative to this folder.
      outfile: join(projectFolder, script),
      ...bundling,
      ...formOptions(form),
      target: "node20",
      // The script does not refer to the map, which is read only after a failure.
      sourcemap: "external",
      sourcesContent: false,
      metafile: true,
      write: false,
      plugins: [failingModules(absent)],
    });
    return { sources: Object.keys(metafile.inputs), outputFiles };
  } catch (error) {
    throw new WsbError(
      "ERR_WSB_BUILD",
      `Cannot build ${entry}: ${errorText(error)}\nCorrect these modules, or name another one with ${option}.`,
      {
        cause: error,
      },
    );
  }
}

/**
 * Bundles handlers and runtime into one file and writes its source map beside it.
 *
 * @returns The source files, relative to `projectFolder`.
 * @throws {@link WsbError} `ERR_WSB_BUILD` with the bundler's text, `ERR_WSB_FILE` if a file cannot be
 * written.
 */
export async function bundleServer(options: BundleServerOptions): Promise<readonly string[]> {
  const { sources, outputFiles } = await makeBundle(options);
  try {
    writeOutputs(outputFiles, options);
  } catch (error) {
    throw fileError(`Cannot write ${options.outFile}`, "Choose another folder with --out.", error);
  }
  return sources;
}
