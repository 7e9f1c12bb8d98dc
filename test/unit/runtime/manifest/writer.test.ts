import { describe, expect, it } from "vitest";

import type { Writer } from "../../../../src/runtime/manifest/writer.ts";
import { readManifest } from "../../../../src/runtime/manifest/parse.ts";
import { CLSID, APP_ID, WRITER_ID, minimalFields } from "../../../helpers/manifest.ts";

const files = [{ path: "C:\\Ledger", filespec: "*", recursive: true }];
const component = { name: "Ledger", files };

function read(writer: unknown, others: object = {}): ReturnType<typeof readManifest> {
  return readManifest({ ...minimalFields, ...others, writer });
}

function writerOf(writer: unknown): Writer {
  const result = read(writer);
  if ("value" in result) return result.value.writer;
  throw new Error(JSON.stringify(result.problems));
}

function declared(...components: object[]): object {
  return { kind: "declared", components };
}

function withFiles(fields: object): object {
  return declared({ name: "Ledger", files: [{ ...files[0], ...fields }] });
}

describe("the writer of a manifest", () => {
  it("is the application's own by default", () => {
    expect(readManifest(minimalFields)).toMatchObject({ value: { writer: { kind: "external" } } });
  });

  it("has the defaults that suit an application", () => {
    expect(writerOf({ kind: "declared", components: [component] })).toEqual({
      kind: "declared",
      components: [
        {
          name: "Ledger",
          selectable: true,
          selectableForRestore: true,
          files,
          dependencies: [],
        },
      ],
      backupSchema: ["copy"],
      restoreMethod: "restoreIfCanReplace",
      exclude: [],
    });
  });

  it("has databases in a service only", () => {
    const logFiles = [{ path: "E:\\Logs", filespec: "*.ldf" }];
    expect(writerOf({ kind: "service", components: [{ name: "main", logFiles }] })).toMatchObject({
      components: [{ name: "main", files: [], databaseFiles: [], logFiles }],
    });
  });

  it("has the ids of its dependencies in canonical form", () => {
    const dependencies = [{ writerId: "a65faa63-5ea8-4ebc-9dbd-a0c4db26912a", name: "main" }];
    expect(
      writerOf({ kind: "declared", components: [{ ...component, dependencies }] }),
    ).toMatchObject({
      components: [
        {
          dependencies: [{ writerId: "{A65FAA63-5EA8-4EBC-9DBD-A0C4DB26912A}", name: "main" }],
        },
      ],
    });
  });
});

describe("the message about a writer", () => {
  it.each([
    [{ kind: "express" }, 'writer.kind must be "external" or "declared" or "service"'],
    [
      withFiles({ path: "\\\\server\\share" }),
      "writer.components[0].files[0].path must not be a network path",
    ],
    [
      withFiles({ path: "C:\\Led*" }),
      "writer.components[0].files[0].path must not contain a wildcard; put it into filespec",
    ],
    [
      withFiles({ alternatePath: "D:\\" }),
      'writer.components[0].files[0].alternatePath needs "kind": "service"',
    ],
    [
      declared({ ...component, name: "Contoso\\Ledger" }),
      "writer.components[0].name must not contain \\; put what precedes it into logicalPath",
    ],
    [declared(component, component), "writer.components[1] is named twice"],
    [
      declared({ ...component, databaseFiles: [] }),
      'writer.components[0].databaseFiles needs "kind": "service"',
    ],
    [
      declared(component, { name: "Books" }),
      "writer.components[1].files must not be empty, because no component is below this one",
    ],
    [
      declared({ ...component, dependencies: [{ writerId: WRITER_ID, name: "Books" }] }),
      "writer.components[0].dependencies[0] must be a component of this manifest",
    ],
    [
      { ...declared(component), restoreMethod: "stopRestoreStart" },
      "writer.restoreService is missing, and stopRestoreStart needs it",
    ],
    [
      { ...declared(component), restoreService: "Ledger" },
      "writer.restoreService must not be set, because restoreIfCanReplace stops no service",
    ],
  ])("%j", (writer, sentence) => {
    const result = read(writer);
    const shown =
      "problems" in result ? result.problems.map((one) => `${one.field} ${one.rule}`) : [];
    expect(shown).toEqual([expect.stringContaining(sentence)]);
  });

  it("says that an add-in and the backup program must not both stop services", () => {
    const writer = {
      ...declared(component),
      restoreMethod: "stopRestoreStart",
      restoreService: "Ledger",
    };
    expect(read(writer, { clsid: CLSID, appId: APP_ID })).toMatchObject({
      problems: [{ field: "writer.restoreMethod", rule: expect.stringContaining("beside clsid") }],
    });
  });
});

describe("1,000 components", () => {
  it("are read", () => {
    const components = Array.from({ length: 1000 }, (_, n) => ({
      ...component,
      name: `Ledger ${n}`,
      dependencies: [{ writerId: WRITER_ID, name: `Ledger ${(n + 1) % 1000}` }],
    }));
    expect(read({ kind: "declared", components })).toHaveProperty("value");
  });
});
