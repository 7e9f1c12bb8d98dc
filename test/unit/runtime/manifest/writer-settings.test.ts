import { describe, expect, it } from "vitest";

import { parseManifest } from "../../../../src/runtime/manifest/parse.ts";
import type { Writer } from "../../../../src/runtime/manifest/writer.ts";
import { minimalFields } from "../../../helpers/manifest.ts";

const components = [
  { name: "Ledger", files: [{ path: "C:\\Ledger", filespec: "*", recursive: true }] },
];

function writerOf(settings: object, kind = "service"): Writer {
  const writer = { kind, components, ...settings };
  return parseManifest(JSON.stringify({ ...minimalFields, writer }), "wsb-addin.json").writer;
}

describe("the settings of a writer in a service", () => {
  it("have defaults", () => {
    expect(writerOf({})).toMatchObject({
      timeoutsMs: { prepareBackup: 300_000, freeze: 10_000, thaw: 10_000, backupShutdown: 60_000 },
      frozenMs: 10_000,
      onFailedFreezes: "fail",
    });
  });

  it("are what the manifest says", () => {
    const settings = { timeoutsMs: { freeze: 60_000 }, frozenMs: 60_000, onFailedFreezes: "leave" };
    expect(writerOf(settings)).toMatchObject({
      timeoutsMs: { freeze: 60_000, thaw: 10_000 },
      frozenMs: 60_000,
      onFailedFreezes: "leave",
    });
  });

  it.each([
    ["a freeze beyond VSS's own limit", { timeoutsMs: { freeze: 60_001 } }],
    ["an application that is frozen beyond VSS's own limit", { frozenMs: 60_001 }],
    ["a time in which no backup could thaw", { frozenMs: 1999 }],
    ["an unknown handler", { timeoutsMs: { preRestore: 1 } }],
    ["an unknown choice", { onFailedFreezes: "ignore" }],
  ])("refuse %s", (_, settings) => {
    const invalid = expect.objectContaining({ code: "ERR_WSB_INVALID_MANIFEST" });
    expect(() => writerOf(settings)).toThrow(invalid);
  });

  it("are no settings of a declared writer, which has no handlers", () => {
    expect(() => writerOf({ frozenMs: 10_000 }, "declared")).toThrow("frozenMs");
  });
});
