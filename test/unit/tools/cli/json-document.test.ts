import { expect, it } from "vitest";

import { codeBlocks } from "../../../helpers/documents.ts";
import { checkOutput } from "../../../helpers/output-schema.ts";

it("docs/json.md shows a document that follows the schema", () => {
  const [example = ""] = codeBlocks("docs/json.md", "json");
  expect(checkOutput(example)).toMatchObject({ ok: false });
});
