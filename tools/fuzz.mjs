// Tests all readers of foreign input with generated inputs: npm run fuzz -- [--runs <number>] …
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const outfile = join(root, "build", "fuzz", "main.mjs");

mkdirSync(join(root, "build", "fuzz"), { recursive: true });
await build({
  entryPoints: [join(root, "test", "fuzz", "main.ts")],
  outfile,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  packages: "external",
});
const { main } = await import(pathToFileURL(outfile).href);
process.exitCode = await main(root, process.argv.slice(2));
