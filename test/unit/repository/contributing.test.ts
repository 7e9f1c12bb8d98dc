import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "vitest";

import { repository } from "../../generator/generator.ts";

const wings = ["base", "runtime", "testing", "tools"];
const text = readFileSync(join(repository, "CONTRIBUTING.md"), "utf8");

function foldersIn(path: string): readonly string[] {
  return readdirSync(join(repository, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

it("src has only the wings", () => {
  expect(foldersIn("src").toSorted()).toEqual(wings);
});

it.each(wings)("CONTRIBUTING.md describes src/%s and each of its folders", (wing) => {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => line.startsWith(`src/${wing}/ `));
  expect(start, wing).toBeGreaterThan(0);
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => !line.startsWith("  "));
  const described = rest.slice(0, end).map((line) => line.trim().replace(/\/.*$/u, ""));
  expect(described.toSorted()).toEqual(foldersIn(`src/${wing}`).toSorted());
});
