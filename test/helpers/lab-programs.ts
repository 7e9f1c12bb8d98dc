import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const root = new URL("../../", import.meta.url);
const folder = new URL("build/test/", root);

const REQUIRE =
  'import { createRequire as createRequireHere } from "node:module"; const require = createRequireHere(import.meta.url);';

/** Programs of the tests that run in the lab's node.exe; the sources are beside this file. */
const PROGRAMS = [
  "argument-probe",
  "checker-program",
  "lab-agent",
  "lab-killed-transition",
  "left-behind",
  "raw-server",
] as const;

export type LabProgram = (typeof PROGRAMS)[number];

/**
 * Bundles each of the tests' programs into one file: under Wine, opening thirty modules and taking
 * the types out of them costs twice what starting Node.js does.
 */
export async function buildLabPrograms(): Promise<void> {
  await build({
    entryPoints: PROGRAMS.map((name) => fileURLToPath(new URL(`${name}.ts`, import.meta.url))),
    outdir: fileURLToPath(folder),
    outExtension: { ".js": ".mjs" },
    bundle: true,
    // What is imported late is read late.
    splitting: true,
    chunkNames: "[name]-[hash]",
    platform: "node",
    format: "esm",
    target: "node22",
    // CommonJS packages ask for it.
    banner: { js: REQUIRE },
    logLevel: "silent",
  });
}

/** Path of a program that {@link buildLabPrograms} has built. */
export function labProgram(name: LabProgram): string {
  return fileURLToPath(new URL(`${name}.mjs`, folder));
}
