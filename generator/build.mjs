// Bundles the generator: node generator/build.mjs [output folder]
import { createHash } from "node:crypto";
import { cpSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

import { copyShimSource } from "../tools/shim-source.mjs";
import { templateFunction, templateRuntime } from "./template-functions.mjs";
import { requireBanner, thirdPartyLicences } from "../tools/bundle.mjs";

const generator = fileURLToPath(new URL(".", import.meta.url));
const root = resolve(generator, "..");
const templates = join(root, "templates");
const output = resolve(process.argv[2] ?? join(generator, "dist"));

/** Inquirer is half of the bundle's start-up time and only a prompt needs it. */
const lazyInquirer = {
  name: "lazy-inquirer",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^inquirer$/ }, ({ importer }) =>
      /node-plop[\\/]src[\\/]node-plop\.js$/u.test(importer)
        ? { path: "inquirer", namespace: "lazy-inquirer" }
        : undefined,
    );
    onLoad({ filter: /.*/, namespace: "lazy-inquirer" }, () => ({
      resolveDir: generator,
      contents: `export default {
        registerPrompt() { throw new Error("this generator registers no prompt types"); },
        prompt: async (...questions) => (await import("inquirer")).default.prompt(...questions),
      };`,
    }));
  },
};

/** No prompt opens an editor; what it would need is a third of the bundle. */
const noEditorPrompt = {
  name: "no-editor-prompt",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@inquirer\/external-editor$/ }, () => ({
      path: "external-editor",
      namespace: "no-editor-prompt",
    }));
    onLoad({ filter: /.*/, namespace: "no-editor-prompt" }, () => ({
      contents: `export const editAsync = undefined;`,
    }));
  },
};

/** What is known of the templates at this time: see precompiled.ts. */
const precompiledTemplates = {
  name: "precompiled-templates",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]generator[\\/]precompiled\.ts$/ }, () => {
      const paths = templateFiles();
      const entries = paths
        .filter((path) => path.endsWith(".hbs"))
        .map((path) => {
          const text = readFileSync(join(templates, path), "utf8");
          const digest = createHash("sha256").update(text).digest("hex");
          return `[${JSON.stringify(digest)}, ${templateFunction(text)}]`;
        });
      return {
        contents: `${templateRuntime}
          export const precompiled = new Map([${entries.join(",\n")}]);
          export const templatePaths = ${JSON.stringify(paths)};`,
      };
    });
  },
};

/** Paths below `templates`, with forward slashes. */
function templateFiles() {
  return readdirSync(templates, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(templates, join(entry.parentPath, entry.name)).replaceAll(sep, "/"))
    .toSorted();
}

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node20",
  // What Node.js has to read is a tenth of what a scaffold takes.
  minify: true,
  legalComments: "none",
  metafile: true,
};

/** ES modules; what they load late is in files of its own, so that nobody waits who does not need it. */
async function buildModules(entryPoints, folder) {
  rmSync(join(folder, "chunks"), { recursive: true, force: true });
  const { metafile } = await build({
    ...common,
    entryPoints,
    outdir: folder,
    format: "esm",
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    banner: { js: requireBanner },
    plugins: [lazyInquirer, noEditorPrompt, precompiledTemplates],
  });
  return metafile;
}

// What the program loads late, and the entry that it is built from.
const lateModules = {
  "./ask.ts": join(generator, "ask.ts"),
  "./existing.ts": join(generator, "existing.ts"),
  handlebars: "handlebars",
};
const lateName = (path) => `late-${basename(path, ".ts")}`;

/** Leaves what the program loads late in the modules beside it. */
const lateModulesBeside = {
  name: "late-modules-beside",
  setup({ onResolve }) {
    onResolve({ filter: /.*/ }, ({ kind, path }) =>
      kind === "dynamic-import" && path in lateModules
        ? { path: `./${lateName(path)}.js`, external: true }
        : undefined,
    );
  },
};

/** A program in CommonJS: its first line runs a tenth sooner than that of an ES module. */
async function buildProgram(entry, folder) {
  const { metafile } = await build({
    ...common,
    entryPoints: [entry],
    outdir: folder,
    outExtension: { ".js": ".cjs" },
    format: "cjs",
    define: { "import.meta.dirname": "__dirname" },
    plugins: [lateModulesBeside, precompiledTemplates],
  });
  return metafile;
}

/** Puts templates beside a bundle, and the licences of what it contains. */
function addFiles(folder, packageName, ...metafiles) {
  rmSync(join(folder, "templates"), { recursive: true, force: true });
  cpSync(templates, join(folder, "templates"), { recursive: true });
  const outputs = Object.assign({}, ...metafiles.map((metafile) => metafile.outputs));
  writeFileSync(
    join(folder, "THIRD-PARTY-LICENSES.txt"),
    thirdPartyLicences(root, packageName, { outputs }),
  );
}

// What an earlier build has left under another name would be published.
for (const file of existsSync(output) ? readdirSync(output) : []) {
  if (file.startsWith("late-")) rmSync(join(output, file));
}
const program = await buildProgram(join(generator, "cli.ts"), output);
const late = await buildModules(
  Object.fromEntries(Object.entries(lateModules).map(([path, entry]) => [lateName(path), entry])),
  output,
);
addFiles(output, "create-wsb-addin", program, late);
// The package wsb-addin has it beside its generator already.
rmSync(join(output, "shim-source"), { recursive: true, force: true });
copyShimSource(root, join(output, "shim-source"));
// What wsb-addin generate and upgrade load: a scaffold needs no package beside wsb-addin for it.
if (process.argv[2] === undefined) {
  const folder = join(root, "dist", "generator");
  addFiles(folder, "wsb-addin", await buildModules([join(generator, "grow.ts")], folder));
}
