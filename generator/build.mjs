// Bundles the generator into one file: node generator/build.mjs [output folder]
import { cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

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

const { metafile } = await build({
  entryPoints: [join(generator, "cli.ts")],
  outfile: join(output, "cli.js"),
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  // Names stay readable in a stack trace.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: "none",
  banner: {
    js: 'import { createRequire as createRequireForBundle } from "node:module"; const require = createRequireForBundle(import.meta.url);',
  },
  plugins: [lazyInquirer, noEditorPrompt],
  metafile: true,
});
rmSync(join(output, "templates"), { recursive: true, force: true });
cpSync(join(root, "templates"), join(output, "templates"), { recursive: true });
writeFileSync(join(output, "THIRD-PARTY-LICENSES.txt"), licenceTexts(bundledPackages(metafile)));

/** Folders of the packages that contribute to the bundle. */
function bundledPackages({ outputs }) {
  const folders = Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => {
      const folder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/u.exec(file)?.[0];
      return folder === undefined || bytesInOutput === 0 ? [] : [folder];
    }),
  );
  return [...new Set(folders)].toSorted();
}

function licenceTexts(folders) {
  const sections = folders.map((folder) => {
    const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    return `${manifest.name} ${manifest.version} (${manifest.license})\n\n${licenceText(folder, manifest)}`;
  });
  const head = "create-wsb-addin contains the following packages.\n";
  return [head, ...sections].join(`\n${"-".repeat(80)}\n\n`);
}

function licenceText(folder, manifest) {
  const names = readdirSync(join(root, folder));
  const files = names.filter((name) => /^(?:licen[cs]e|copying|notice)/iu.test(name)).toSorted();
  if (files.length > 0) {
    return files
      .map((name) => `${readFileSync(join(root, folder, name), "utf8").trim()}\n`)
      .join("\n");
  }
  const holder = typeof manifest.author === "string" ? manifest.author : manifest.author?.name;
  if (manifest.license !== "MIT" || holder === undefined) {
    throw new Error(`${folder} has no licence file: find its text before bundling it.`);
  }
  return mitLicence(holder);
}

function mitLicence(holder) {
  return `Copyright (c) ${holder}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or
substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT
OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`;
}
