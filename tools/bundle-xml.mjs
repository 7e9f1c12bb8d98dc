// Bundles the XML reader over the compiled one. An add-in runs as LocalSystem: it is to carry the
// parser that was tested here, not whatever a package manager resolves on the day it is built. The
// command line carries the same one, and dist/ has its licence from there.
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
  // Half of the parser is comments, and every built add-in carries it.
  minifyWhitespace: true,
});
