// Compares the kit with its alternatives: npm run bench -- [--quick] [--only <measure>]
//
// Writes bench/results.json and its tables in README.md and docs/bench.md; --tables writes only
// the tables. --quick and --only print the results and write nothing.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { build as bundle } from "esbuild";

import { build, reportFailure } from "./build.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const outfile = join(root, "build", "bench", "main.mjs");

async function main(args) {
  if (!args.includes("--tables")) await build(["shim", "dist", "generator", "bench"]);
  mkdirSync(join(root, "build", "bench"), { recursive: true });
  await bundle({
    entryPoints: [join(root, "bench", "main.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
  });
  const bench = await import(pathToFileURL(outfile).href);
  await bench.main(root, args);
}

await main(process.argv.slice(2)).catch(reportFailure);
