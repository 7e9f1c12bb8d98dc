// Replaces the compiled XML reader by a bundle. An add-in runs as LocalSystem, so it must contain
// the parser that was tested here and not the version that a package manager resolves later. The
// command line contains the same parser, so dist/ already has its licence.
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

await build({
  entryPoints: [join(root, "src", "runtime", "metadata", "xml.ts")],
  outfile: join(root, "dist", "runtime", "metadata", "xml.js"),
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  legalComments: "none",
  // Half of the parser is comments, and every built add-in contains it.
  minifyWhitespace: true,
});
