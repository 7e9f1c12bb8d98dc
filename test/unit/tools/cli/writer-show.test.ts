import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { decodeDocument } from "../../../../src/runtime/metadata/decode.ts";
import { parseWriterMetadata } from "../../../../src/runtime/metadata/parse.ts";
import { repository, runNode, type Ended } from "../../../generator/generator.ts";
import { WRITER_ID, minimalFields } from "../../../helpers/manifest.ts";
import { checkOutput } from "../../../helpers/output-schema.ts";

const main = join(repository, "dist/cli/main.js");

const folder = mkdtempSync(join(tmpdir(), "wsb-writer-"));
afterAll(() => rmSync(folder, { recursive: true }));

const components = [
  { name: "Größe 📒", files: [{ path: "C:\\Ledger", filespec: "*", recursive: true }] },
];

function show(writer: object, ...args: readonly string[]): Promise<Ended> {
  writeFileSync(join(folder, "wsb-addin.json"), JSON.stringify({ ...minimalFields, writer }));
  return runNode(main, ["writer", "show", ...args], folder);
}

describe("writer show", () => {
  it.each(["declared", "service"])("prints the document of a %s writer", async (kind) => {
    const { exitCode, stdout } = await show({ kind, components });
    expect(exitCode).toBe(0);
    expect(parseWriterMetadata(stdout)).toMatchObject({
      identification: { writerId: WRITER_ID },
      components: [{ componentName: "Größe 📒" }],
    });
  });

  it("writes it in UTF-16 with a byte order mark, as Windows does", async () => {
    const { stdout } = await show({ kind: "declared", components }, "--out", "writer.xml");
    expect(stdout).toContain("writer.xml");
    const bytes = readFileSync(join(folder, "writer.xml"));
    expect([...bytes.subarray(0, 4)]).toEqual([0xff, 0xfe, 0x3c, 0x00]);
    expect(decodeDocument(bytes)).toContain('componentName="Größe 📒"');
  });

  it("prints one JSON document", async () => {
    const { stdout } = await show({ kind: "declared", components }, "--json");
    expect(checkOutput(stdout)).toMatchObject({ ok: true, kind: "declared", writerId: WRITER_ID });
  });

  it("has nothing to show of a writer that the application brings", async () => {
    const { exitCode, stderr } = await show({ kind: "external" });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("the application brings its own writer");
  });

  it("names a file that it cannot write", async () => {
    const { exitCode, stderr } = await show(
      { kind: "declared", components },
      "--out",
      "no/folder.xml",
    );
    expect(exitCode).toBe(1);
    expect(stderr).toContain("Cannot write");
  });
});
