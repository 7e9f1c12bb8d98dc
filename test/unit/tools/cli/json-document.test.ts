import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "vitest";

import { repository } from "../../../generator/generator.ts";
import { checkOutput } from "../../../helpers/output-schema.ts";

it("docs/json.md shows a document that the schema describes", () => {
  const docs = readFileSync(join(repository, "docs", "json.md"), "utf8");
  const [, example = ""] = /^```json\n(.*?)^```$/msu.exec(docs) ?? [];
  expect(checkOutput(example)).toMatchObject({ ok: false });
});
