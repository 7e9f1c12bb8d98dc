// Replaces the compiled command lines by bundles, with the licences of their packages: under Wine,
// opening sixty modules takes longer than the work of any command.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { bundledPackages, requireBanner, thirdPartyLicences } from "./bundle.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const outdir = join(root, "dist", "cli");

const common = {
  absWorkingDir: root,
  outdir,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  legalComments: "none",
  banner: { js: requireBanner },
  metafile: true,
};

const kit = await build({
  ...common,
  entryPoints: [join(root, "src", "tools", "cli", "main.ts")],
  // Modules of few commands are loaded only by these commands.
  splitting: true,
  chunkNames: "chunk-[hash]",
  // The package's only dependency, which contains a program.
  external: ["esbuild"],
});
// A single file for packed add-ins, which run on Windows without a lab.
const packedMain = await build({
  ...common,
  entryPoints: [join(root, "src", "tools", "cli", "packed-main.ts")],
  define: { "process.platform": '"win32"' },
});

const packages = bundledPackages(root, packedMain.metafile).map(
  ({ manifest: { name, version, license } }) => ({ name, version, license }),
);
writeFileSync(join(outdir, "packed-main.packages.json"), `${JSON.stringify(packages)}\n`);
const outputs = { ...kit.metafile.outputs, ...packedMain.metafile.outputs };
writeFileSync(
  join(root, "dist", "THIRD-PARTY-LICENSES.txt"),
  thirdPartyLicences(root, "wsb-addin", { outputs }),
);
