// Bundles the generator: node generator/build.mjs [output folder]
import { cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";
import Handlebars from "handlebars";

import { requireBanner, thirdPartyLicences } from "../tools/bundle.mjs";
import { copyShimSource } from "../tools/shim-source.mjs";

const generator = fileURLToPath(new URL(".", import.meta.url));
const root = resolve(generator, "..");
const templates = join(root, "templates");

/** Bundles a module with the packages that it imports, their licences and the templates. */
async function bundle(entry, folder, packageName) {
  rmSync(folder, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [join(generator, entry)],
    outdir: folder,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    minify: true,
    legalComments: "none",
    banner: { js: requireBanner },
    metafile: true,
  });
  cpSync(templates, join(folder, "templates"), { recursive: true });
  writeFileSync(
    join(folder, "THIRD-PARTY-LICENSES.txt"),
    thirdPartyLicences(root, packageName, metafile),
  );
}

/** Compiles the templates: Handlebars needs half as long as the rest of a run to compile them. */
async function compileTemplates(file) {
  const names = readdirSync(templates, { recursive: true }).filter((name) => name.endsWith(".hbs"));
  const entries = names.toSorted().map((name) => {
    // Handlebars types the result as an object, and it is the source of one.
    /** @type {unknown} */
    const compiled = Handlebars.precompile(readFileSync(join(templates, name), "utf8"));
    return `${JSON.stringify(name.replaceAll(sep, "/"))}: ${String(compiled)}`;
  });
  const { code } = await transform(`export default {${entries.join(",\n")}};`, { minify: true });
  writeFileSync(file, code);
}

const output = resolve(process.argv[2] ?? join(generator, "dist"));
await bundle("cli.ts", output, "create-wsb-addin");
await compileTemplates(join(output, "templates.js"));
copyShimSource(root, join(output, "shim-source"));
// The commands generate and upgrade of wsb-addin; the shim's source is in that package already.
if (process.argv[2] === undefined) {
  await bundle("generate.ts", join(root, "dist", "generator"), "wsb-addin");
}
