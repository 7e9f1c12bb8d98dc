// Bundles the generator: node generator/build.mjs [output folder]
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import Handlebars from "handlebars";

import { thirdPartyLicences } from "../tools/bundle.mjs";
import { copyShimSource } from "../tools/shim-source.mjs";

const generator = fileURLToPath(new URL(".", import.meta.url));
const root = resolve(generator, "..");
const templates = join(root, "templates");

/** Bundles a module with the packages that it imports, their licences and the templates. */
async function bundle(entry, folder, packageName) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const compiledTemplates = join(folder, "compiled-templates.js");
  writeFileSync(compiledTemplates, compileTemplates());
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [join(generator, entry)],
    outdir: folder,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    platform: "node",
    // Node.js starts it sooner than an ES module.
    format: "cjs",
    // As ES modules, of which the bundle gets only what Inquirer uses.
    alias: { rxjs: join(root, "node_modules", "rxjs", "dist", "esm", "index.js") },
    define: { "import.meta.dirname": "__dirname", "import.meta.url": "__filename" },
    inject: [compiledTemplates],
    target: "node20",
    minify: true,
    legalComments: "none",
    metafile: true,
  });
  rmSync(compiledTemplates);
  cpSync(templates, join(folder, "templates"), { recursive: true });
  writeFileSync(
    join(folder, "THIRD-PARTY-LICENSES.txt"),
    thirdPartyLicences(root, packageName, metafile),
  );
}

/** Compiles the templates, which takes as long as half of a run. */
function compileTemplates() {
  const names = readdirSync(templates, { recursive: true }).filter((name) => name.endsWith(".hbs"));
  const entries = names.toSorted().map((name) => {
    // Handlebars types the result as an object, and it is the source of one.
    /** @type {unknown} */
    const compiled = Handlebars.precompile(readFileSync(join(templates, name), "utf8"));
    return `${JSON.stringify(name.replaceAll(sep, "/"))}: ${String(compiled)}`;
  });
  return `export const compiledTemplates = {${entries.join(",\n")}};`;
}

const output = resolve(process.argv[2] ?? join(generator, "dist"));
await bundle("cli.ts", output, "create-wsb-addin");
copyShimSource(root, join(output, "shim-source"));
// The commands generate and upgrade of wsb-addin; the shim's source is in that package already.
if (process.argv[2] === undefined) {
  await bundle("generate.ts", join(root, "dist", "generator"), "wsb-addin");
}
