import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, it } from "vitest";

import { loadManifest } from "../../../../src/runtime/manifest/load.ts";

const TEXT =
  '{"name":"Größe","writerId":"{CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B}","applicationIdentifier":"A"}';
let folder = "";
let file = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wsb-manifest-"));
  file = join(folder, "wsb-addin.json");
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

it.each(["", "\uFEFF"])("reads UTF-8 after %j", (mark) => {
  writeFileSync(file, mark + TEXT);
  expect(loadManifest(file).name).toBe("Größe");
});

it.each([
  ["a byte that is not UTF-8", Buffer.from(TEXT, "latin1"), /not UTF-8.*Save it as UTF-8/u],
  ["a cut character", Buffer.from(TEXT.slice(0, 13)).subarray(0, -1), /not UTF-8/u],
  ["UTF-16", Buffer.from(`\uFEFF${TEXT}`, "utf16le"), /UTF-16.*Save it as UTF-8/u],
  ["UTF-16 without a mark", Buffer.from(TEXT, "utf16le"), /UTF-16/u],
  ["UTF-16, big end first", Buffer.from(`\uFEFF${TEXT}`, "utf16le").swap16(), /UTF-16/u],
])("refuses %s, and says how to save the file", (_, bytes, message) => {
  writeFileSync(file, bytes);
  expect(() => loadManifest(file)).toThrow(
    expect.objectContaining({
      code: "ERR_WSB_INVALID_MANIFEST",
      message: expect.stringMatching(message),
    }),
  );
});
