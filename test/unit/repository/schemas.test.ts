import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { SCHEMAS } from "../../../tools/published-schemas.ts";
import { repository } from "../../generator/generator.ts";

const folder = join(repository, "schemas");

describe("schemas/", () => {
  it.each(Object.entries(SCHEMAS))("%s equals its definition", (name, schema) => {
    const text = `${JSON.stringify(schema, undefined, 2)}\n`;
    expect(readFileSync(join(folder, name), "utf8"), "Run: npm run schemas").toBe(text);
  });

  it("has no other file", () => {
    expect(readdirSync(folder).toSorted()).toEqual(Object.keys(SCHEMAS).toSorted());
  });
});
