// Bundles the command lines over the compiled ones, with the licences of what is in them: under
// Wine, opening sixty modules takes longer than every command's work.
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
  // What few commands need is loaded by those alone.
  splitting: true,
  chunkNames: "chunk-[hash]",
  // The one dependency of the package: it brings a program of its own.
  external: ["esbuild"],
});
// One file, which goes into packed add-ins. These run on Windows and have no lab.
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
