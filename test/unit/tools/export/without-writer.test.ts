import { describe, expect, it } from "vitest";

import { withoutWriter } from "../../../../src/tools/export/without-writer.ts";
import { EXPORT_FORMATS } from "../../../../src/tools/export/index.ts";
import { WRITER_DEFAULTS } from "../../../../src/runtime/manifest/writer-settings.ts";
import { manifestWith } from "../../../helpers/manifest.ts";
import { contextOf, planOf } from "./context.ts";

const own = {
  components: [],
  backupSchema: ["copy"],
  restoreMethod: "restoreIfCanReplace",
  exclude: [],
} as const;

const writers = [
  { kind: "declared", ...own },
  { kind: "service", ...own, ...WRITER_DEFAULTS },
] as const;

describe.each(Object.entries(EXPORT_FORMATS))("the format %s", (name, format) => {
  const textsOf = (context: ReturnType<typeof contextOf>): readonly string[] =>
    format
      .write(planOf(), context)
      .map(({ content }) => Buffer.from(content).toString(name === "reg" ? "utf16le" : "utf8"));

  it.each(writers)("says in each file whether it lacks the writer ($kind)", (writer) => {
    for (const text of textsOf(contextOf({ writer }))) {
      expect(text.includes("After it, run: wsb-addin register")).toBe(
        format.registersWriter !== true,
      );
    }
  });

  it("says nothing about a writer that the application brings", () => {
    for (const text of textsOf(contextOf())) expect(text).not.toContain("run: wsb-addin register");
  });
});

it("only DSC registers a writer, because it runs register", () => {
  const carrying = Object.entries(EXPORT_FORMATS).filter(
    ([, { registersWriter }]) => registersWriter,
  );
  expect(carrying.map(([name]) => name)).toEqual(["dsc"]);
});

it.each(writers)(
  "what a file says has no character that a batch file or XML reads: $kind",
  (writer) => {
    const lines = withoutWriter(manifestWith({ writer }));
    expect(lines).not.toEqual([]);
    for (const line of lines) expect(line).toMatch(/^[\w ,:-]+\.?$/u);
  },
);
