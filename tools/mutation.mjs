// Makes one decision of the restore code wrong at a time, and shows which ones no test notices:
// npm run test:mutation -- [file or file:line …]
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const outfile = join(root, "build", "mutation", "main.mjs");

mkdirSync(join(root, "build", "mutation"), { recursive: true });
await build({
  entryPoints: [join(root, "test", "mutation", "main.ts")],
  outfile,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  packages: "external",
});
const { main } = await import(pathToFileURL(outfile).href);
process.exitCode = await main(root, process.argv.slice(2));
