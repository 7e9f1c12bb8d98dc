// Bundles the generator into one file: node generator/build.mjs [output folder]
import { cpSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

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

/** Bundles one entry, with the templates and the licences of what it contains beside it. */
async function bundle(entry, outfile, packageName) {
  const folder = dirname(outfile);
  const { metafile } = await build({
    entryPoints: [join(generator, entry)],
    outfile,
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
    plugins: [lazyInquirer, noEditorPrompt],
    metafile: true,
  });
  rmSync(join(folder, "templates"), { recursive: true, force: true });
  cpSync(join(root, "templates"), join(folder, "templates"), { recursive: true });
  writeFileSync(
    join(folder, "THIRD-PARTY-LICENSES.txt"),
    thirdPartyLicences(root, packageName, metafile),
  );
}

await bundle("cli.ts", join(output, "cli.js"), "create-wsb-addin");
// The package wsb-addin has it beside its generator already.
rmSync(join(output, "shim-source"), { recursive: true, force: true });
copyShimSource(root, join(output, "shim-source"));
// What wsb-addin generate and upgrade load: a scaffold needs no package beside wsb-addin for it.
if (process.argv[2] === undefined) {
  await bundle("grow.ts", join(root, "dist", "generator", "grow.js"), "wsb-addin");
}
