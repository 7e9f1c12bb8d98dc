import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "vitest";

import { repository } from "../../generator/generator.ts";

it("docs/verified.md names existing tests", () => {
  const text = readFileSync(join(repository, "docs/verified.md"), "utf8");
  const named = [...text.matchAll(/`((?:test|native|bench)\/[^`*]+)`/gu)].map(
    ([, path = ""]) => path,
  );
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter((path) => !existsSync(join(repository, path)))).toEqual([]);
});
