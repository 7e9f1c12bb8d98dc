import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "vitest";

import { repository } from "../generator/generator.ts";

const folders = readdirSync(join(repository, "src"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

it.each(folders)("CONTRIBUTING.md says what src/%s is", (folder) => {
  const text = readFileSync(join(repository, "CONTRIBUTING.md"), "utf8");
  expect(text).toMatch(new RegExp(`^src/${folder}/ +\\S`, "mu"));
});
