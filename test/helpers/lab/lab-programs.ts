import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const root = new URL("../../../", import.meta.url);
const folder = new URL("build/test/", root);

const REQUIRE =
  'import { createRequire as createRequireHere } from "node:module"; const require = createRequireHere(import.meta.url);';

/** The tests' programs for the lab's node.exe; their sources are beside this file. */
const PROGRAMS = [
  "argument-probe",
  "checker-program",
  "diskshadow-backup",
  "lab-agent",
  "lab-killed-transition",
  "left-behind",
  "list-writers",
  "misled",
  "raw-server",
  "raw-writer",
] as const;

export type LabProgram = (typeof PROGRAMS)[number];

/**
 * Bundles each of the tests' programs into one file. Under Wine, opening thirty modules and
 * stripping their types takes twice as long as starting Node.js.
 */
export async function buildLabPrograms(): Promise<void> {
  await build({
    entryPoints: PROGRAMS.map((name) => fileURLToPath(new URL(`${name}.ts`, import.meta.url))),
    outdir: fileURLToPath(folder),
    outExtension: { ".js": ".mjs" },
    bundle: true,
    // Modules that are imported late are also read late.
    splitting: true,
    chunkNames: "[name]-[hash]",
    platform: "node",
    format: "esm",
    target: "node22",
    // CommonJS packages need it.
    banner: { js: REQUIRE },
    logLevel: "silent",
  });
}

/** Returns the path of a program that {@link buildLabPrograms} has built. */
export function labProgram(name: LabProgram): string {
  return fileURLToPath(new URL(`${name}.mjs`, folder));
}
