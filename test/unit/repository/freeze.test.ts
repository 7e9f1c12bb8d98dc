import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { WRITER_HANDLER_NAMES } from "../../../src/base/handler-name.ts";
import { createWriterTestHost } from "../../../src/testing/index.ts";
import { ledgerWriter } from "../../fixtures/docs/ledger-writer.ts";
import { repository } from "../../generator/generator.ts";
import { codeBlocks } from "../../helpers/documents.ts";

describe("docs/freeze.md", () => {
  it("shows the tested code", () => {
    const file = join(repository, "test/fixtures/docs/ledger-writer.ts");
    expect(codeBlocks("docs/freeze.md", "ts")).toEqual([readFileSync(file, "utf8")]);
  });

  it("lists every handler", () => {
    const text = readFileSync(join(repository, "docs/freeze.md"), "utf8");
    expect(WRITER_HANDLER_NAMES.filter((name) => !text.includes(`| \`${name}\` |`))).toEqual([]);
  });

  it("has a writer that holds the ledger for the copy", async () => {
    const calls: string[] = [];
    const writer = ledgerWriter({
      hold: async () => void calls.push("hold"),
      release: async () => void calls.push("release"),
    });
    const host = createWriterTestHost(writer);
    const { succeeded } = await host.backup({ copy: () => void calls.push("copy") });
    expect(succeeded).toBe(true);
    expect(calls).toEqual(["hold", "copy", "release"]);
    expect(host.log).toEqual(expect.not.arrayContaining([{ level: "warn" }]));
  });
});
