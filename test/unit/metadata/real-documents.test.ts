import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { decodeDocument, readComponents } from "../../../src/metadata/components.ts";
import { writerMetadataFolder } from "../../helpers/writer-metadata.ts";

const folder = writerMetadataFolder();
const names =
  folder === undefined ? [] : readdirSync(folder).filter((name) => name.endsWith(".xml"));

/** Elements of the text, counted without a parser. */
function count(text: string, elements: RegExp): number {
  return text.match(elements)?.length ?? 0;
}

describe.skipIf(folder === undefined)("the documents of a real Windows Server", () => {
  it("are there", () => {
    expect(names).not.toEqual([]);
  });

  it.each(names)("are read without losing a component or a file: %s", (name) => {
    const text = decodeDocument(readFileSync(join(folder ?? "", name)));
    const components = readComponents(text);
    expect(components).toHaveLength(count(text, /<(?:FILE_GROUP|DATABASE)\s/gu));
    expect(components.flatMap(({ files }) => files)).toHaveLength(
      count(text, /<(?:FILE_LIST|DATABASE_FILES|DATABASE_LOGFILES)\s/gu),
    );
    expect(components.every(({ componentName }) => componentName !== "")).toBe(true);
  });
});
