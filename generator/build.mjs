// Bundles the generator: node generator/build.mjs [output folder]
import { createHash } from "node:crypto";
import { cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import Handlebars from "handlebars";

import { copyShimSource } from "../tools/shim-source.mjs";
import { requireBanner, thirdPartyLicences } from "../tools/bundle.mjs";

const generator = fileURLToPath(new URL(".", import.meta.url));
const root = resolve(generator, "..");
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

/** The templates as functions: see precompiled.ts. */
const precompiledTemplates = {
  name: "precompiled-templates",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]generator[\\/]precompiled\.ts$/ }, () => {
      const entries = templateFiles().map((file) => {
        const text = readFileSync(file, "utf8");
        const digest = createHash("sha256").update(text).digest("hex");
        /** @type {unknown} Its source, whatever Handlebars' types say. */
        const source = Handlebars.precompile(text);
        if (typeof source !== "string") throw new Error(`${file} cannot be compiled`);
        return `[${JSON.stringify(digest)}, ${source}]`;
      });
      return { contents: `export const precompiled = new Map([${entries.join(",\n")}]);` };
    });
  },
};

function templateFiles() {
  const folder = join(root, "templates");
  return readdirSync(folder, { recursive: true })
    .filter((path) => path.endsWith(".hbs"))
    .toSorted()
    .map((path) => join(folder, path));
}

/**
 * Bundles one entry, with the templates and the licences of what it contains beside it. What it
 * loads late is in files of its own, so that nobody waits for it who does not need it.
 */
async function bundle(entry, folder, packageName) {
  rmSync(join(folder, "chunks"), { recursive: true, force: true });
  const { metafile } = await build({
    entryPoints: [join(generator, entry)],
    outdir: folder,
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    absWorkingDir: root,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    // Names stay readable in a stack trace.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    banner: { js: requireBanner },
    plugins: [lazyInquirer, noEditorPrompt, precompiledTemplates],
    metafile: true,
  });
  rmSync(join(folder, "templates"), { recursive: true, force: true });
  cpSync(join(root, "templates"), join(folder, "templates"), { recursive: true });
  writeFileSync(
    join(folder, "THIRD-PARTY-LICENSES.txt"),
    thirdPartyLicences(root, packageName, metafile),
  );
}

await bundle("cli.ts", output, "create-wsb-addin");
// The package wsb-addin has it beside its generator already.
rmSync(join(output, "shim-source"), { recursive: true, force: true });
copyShimSource(root, join(output, "shim-source"));
// What wsb-addin generate and upgrade load: a scaffold needs no package beside wsb-addin for it.
if (process.argv[2] === undefined) {
  await bundle("grow.ts", join(root, "dist", "generator"), "wsb-addin");
}
