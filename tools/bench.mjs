// Compares the kit with its alternatives: npm run bench -- [--quick] [--only <measure>]
//
// Writes bench/results.json and its tables in README.md and docs/bench.md; --tables writes only
// the tables. --quick and --only print the results and write nothing.
import { fileURLToPath } from "node:url";

import { build, reportFailure } from "./build.mjs";
import { loadProgram } from "./load-program.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

async function main(args) {
  if (!args.includes("--tables")) await build(["shim", "dist", "generator", "bench"]);
  const bench = await loadProgram(root, "bench", "bench/main.ts");
  await bench.main(root, args);
}

await main(process.argv.slice(2)).catch(reportFailure);
