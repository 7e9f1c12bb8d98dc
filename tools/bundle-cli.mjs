// Bundles the command line into one file over the compiled one, with the licences of what is in it:
// under Wine, opening sixty modules takes longer than every command's work.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { requireBanner, thirdPartyLicences } from "./bundle.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

const { metafile } = await build({
  entryPoints: [join(root, "src", "cli", "main.ts")],
  outfile: join(root, "dist", "cli", "main.js"),
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  legalComments: "none",
  // The one dependency of the package: it brings a program of its own.
  external: ["esbuild"],
  banner: { js: requireBanner },
  metafile: true,
});
writeFileSync(
  join(root, "dist", "THIRD-PARTY-LICENSES.txt"),
  thirdPartyLicences(root, "wsb-addin", metafile),
);
