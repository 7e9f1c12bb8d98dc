import { readdirSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { build, type Plugin } from "esbuild";

/** Finds the test files in folders, with single ones as they are. */
function testFiles(root: string, tests: readonly string[]): readonly string[] {
  return tests.flatMap((path) => {
    if (path.endsWith(".ts")) return [path];
    return readdirSync(join(root, path), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".test.ts"))
      .map((name) => join(path, name));
  });
}

/** Takes some sources from memory, and lets each find its files though it is in a bundle. */
function sourcesFrom(code: ReadonlyMap<string, string>): Plugin {
  return {
    name: "mutants",
    setup(bundling) {
      bundling.onLoad({ filter: /\.ts$/, namespace: "file" }, async ({ path }) => {
        const source = code.get(path) ?? (await readFile(path, "utf8"));
        const url = JSON.stringify(pathToFileURL(path).href);
        return { contents: source.replaceAll("import.meta.url", url), loader: "ts" };
      });
    },
  };
}

/**
 * Bundles each test file with what it tests, for runs that load one file instead of a hundred.
 *
 * @param tests Folders and files.
 * @param code Sources that differ from those on the disk, by path.
 */
export async function bundleTests(
  root: string,
  tests: readonly string[],
  code: ReadonlyMap<string, string>,
): Promise<void> {
  const outdir = join(root, "build", "mutation", "tests");
  rmSync(outdir, { recursive: true, force: true });
  await build({
    entryPoints: testFiles(root, tests).map((file) => join(root, file)),
    outdir,
    outbase: join(root, "test"),
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    plugins: [sourcesFrom(code)],
  });
}
