import { join } from "node:path";

import { build } from "esbuild";

import { repository } from "../generator/generator.ts";

/**
 * Bundles a program that appends lines to event files: `<script> <folder> <name> <count> <maxBytes>
 * <files>`. Each line is `<name> <number>` with padding, sometimes longer than a pipe's buffer.
 */
export async function bundleRecordWriter(folder: string): Promise<string> {
  const outfile = join(folder, "record-writer.mjs");
  await build({
    stdin: {
      contents: `
        import { appendLine } from "./src/runtime/events/rotating-file.ts";
        const [folder, name, count, maxBytes, files] = process.argv.slice(2);
        const limits = { maxBytes: Number(maxBytes), files: Number(files) };
        for (let number = 0; number < Number(count); number += 1) {
          const padding = "x".repeat(number % 10 === 0 ? 5000 : 100);
          appendLine(folder, name + " " + number + " " + padding + "\\n", limits);
        }`,
      resolveDir: repository,
    },
    bundle: true,
    platform: "node",
    format: "esm",
    outfile,
  });
  return outfile;
}
