// Runs a program of this repository that is written in TypeScript.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { build } from "esbuild";

/** Bundles a program into `build/<name>/main.mjs`, and returns what it exports. */
export async function loadProgram(root, name, entry) {
  const folder = join(root, "build", name);
  const outfile = join(folder, "main.mjs");
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: [join(root, entry)],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
  });
  return import(pathToFileURL(outfile).href);
}
