import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

import { expect, it } from "vitest";

import { filesBelow, repository } from "../../generator/generator.ts";

const tools = filesBelow(join(repository, "tools"))
  .filter((file) => file.endsWith(".mjs"))
  .map((file) => join("tools", file));

/** Returns the source of a module: the compiler makes dist from src. */
function sourceOf(module: string): string {
  return module.startsWith("dist/")
    ? module.replace("dist/", "src/").replace(/\.js$/u, ".ts")
    : module;
}

it.each(tools)("%s imports existing modules", (tool) => {
  const text = readFileSync(join(repository, tool), "utf8");
  const imports = [...text.matchAll(/\b(?:from|import\() ?"(\.[^"]+)"/gu)].map(([, path = ""]) =>
    sourceOf(relative(repository, join(repository, dirname(tool), path)).replaceAll("\\", "/")),
  );
  expect(imports.filter((path) => !existsSync(join(repository, path)))).toEqual([]);
});
