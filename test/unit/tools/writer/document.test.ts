import { describe, expect, it } from "vitest";

import { parseWriterMetadata } from "../../../../src/runtime/metadata/parse.ts";
import { readManifest } from "../../../../src/runtime/manifest/parse.ts";
import { writerDocument } from "../../../../src/tools/writer/document.ts";
import { planDeclared } from "../../../../src/tools/writer/declared.ts";
import { sameDocument, writerIdIn } from "../../../../src/tools/writer/same-document.ts";
import { documentOf } from "../../../helpers/express-document.ts";
import { WRITER_ID, manifestWith, minimalFields } from "../../../helpers/manifest.ts";
import { writerDocuments } from "../../../helpers/writer-documents.ts";

const files = [{ path: "C:\\Ledger", filespec: "*", recursive: true }];
const other = "{A65FAA63-5EA8-4EBC-9DBD-A0C4DB26912A}";

const full = {
  kind: "declared",
  components: [
    {
      name: "O'Brien & <Co>",
      logicalPath: "Contoso\\Ledger",
      caption: 'The "books"',
      selectable: false,
      files: [...files, { path: "%ProgramData%\\x", filespec: "?.dat", recursive: false }],
      dependencies: [
        { writerId: other, logicalPath: "SERVER", name: "main" },
        { writerId: WRITER_ID, name: "Größe 📒" },
      ],
    },
    { name: "Größe 📒", files },
  ],
  exclude: [
    { path: "C:\\Ledger", filespec: "*.tmp", recursive: true },
    { path: "C:\\Ledger", filespec: "*.log", recursive: false },
  ],
};

function documentFor(writer: unknown, fields: object = {}): string {
  const read = readManifest({ ...minimalFields, ...fields, writer });
  if ("problems" in read) throw new Error(JSON.stringify(read.problems));
  const { writer: own } = read.value;
  if (own.kind === "external") throw new Error("the application brings its writer");
  return writerDocument(read.value, own);
}

function declaredDocuments(writer: unknown): { readonly ours: string; readonly windows: string } {
  const read = readManifest({ ...minimalFields, writer });
  const plan = "value" in read ? planDeclared(read.value) : null;
  if (plan === null) throw new Error("not declared");
  return { ours: plan.document, windows: documentOf(plan.express) };
}

describe("the metadata document of a writer", () => {
  it("says what the manifest says", () => {
    const { components, excludedFiles, identification, restoreMethod, backupSchema } =
      parseWriterMetadata(documentFor(full));
    expect(identification).toMatchObject({
      writerId: WRITER_ID,
      instanceId: null,
      friendlyName: "Contoso Ledger",
      usage: "USER_DATA",
      dataSource: "OTHER",
    });
    expect(restoreMethod).toMatchObject({
      method: "RESTORE_IF_CAN_BE_REPLACED",
      service: null,
      writerRestore: "never",
      rebootRequired: false,
    });
    expect(backupSchema).toBe(0x10);
    expect(components).toMatchObject([
      {
        type: "fileGroup",
        componentName: "O'Brien & <Co>",
        logicalPath: "Contoso\\Ledger",
        caption: 'The "books"',
        restoreMetadata: false,
        notifyOnBackupComplete: false,
        selectable: false,
        selectableForRestore: true,
        files: [
          { path: "C:\\Ledger", filespec: "*", recursive: true, filespecBackupType: 0xf0f },
          { path: "%ProgramData%\\x", filespec: "?.dat", recursive: false },
        ],
        dependencies: [
          { writerId: other, logicalPath: "SERVER", componentName: "main" },
          { writerId: WRITER_ID, logicalPath: null, componentName: "Größe 📒" },
        ],
      },
      { componentName: "Größe 📒", logicalPath: null, caption: null, selectable: true },
    ]);
    expect(excludedFiles).toEqual(full.exclude);
  });

  it("has the databases and alternate paths of a service", () => {
    const alternatePath = "D:\\Staging";
    const document = documentFor({
      kind: "service",
      backupSchema: ["copy", "log"],
      components: [
        {
          name: "main",
          databaseFiles: [{ path: "E:\\Data", filespec: "main.mdf" }],
          logFiles: [{ path: "E:\\Logs", filespec: "*.ldf" }],
        },
        { name: "files", files: [{ ...files[0], alternatePath }] },
      ],
    });
    expect(parseWriterMetadata(document)).toMatchObject({
      backupSchema: 0x18,
      components: [
        {
          type: "database",
          files: [{ path: "E:\\Data", filespec: "main.mdf" }],
          logFiles: [{ path: "E:\\Logs", filespec: "*.ldf" }],
        },
        { type: "fileGroup", files: [{ alternatePath }] },
      ],
    });
  });

  it.each([
    ["restoreIfNotThere", "RESTORE_IF_NONE_THERE", false],
    ["restoreIfCanReplace", "RESTORE_IF_CAN_BE_REPLACED", false],
    ["restoreAtReboot", "REPLACE_AT_REBOOT", true],
    ["restoreAtRebootIfCannotReplace", "REPLACE_AT_REBOOT_IF_CANNOT_REPLACE", false],
  ])("names %s as Windows does", (restoreMethod, method, rebootRequired) => {
    const document = documentFor({ kind: "declared", components: full.components, restoreMethod });
    expect(parseWriterMetadata(document).restoreMethod).toMatchObject({ method, rebootRequired });
  });

  it("names the service that the backup program stops", () => {
    const document = documentFor({
      ...full,
      restoreMethod: "stopRestoreStart",
      restoreService: "Ledger",
    });
    expect(parseWriterMetadata(document).restoreMethod).toMatchObject({
      method: "STOP_RESTART_SERVICE",
      service: "Ledger",
    });
  });

  it("has 1,000 components", () => {
    const components = Array.from({ length: 1000 }, (_, n) => ({ name: `Ledger ${n}`, files }));
    const document = documentFor({ kind: "declared", components });
    expect(parseWriterMetadata(document).components).toHaveLength(1000);
  });
});

/** Returns the attributes of each element of a document, in their order. */
function attributesIn(document: string): readonly (readonly [name: string, string[]])[] {
  return [...document.matchAll(/<([A-Z_]+)((?:\s+\w+="[^"]*")*)\s*\/?>/gu)].map(
    ([, name = "", attributes = ""]) => [
      name,
      [...attributes.matchAll(/\s(\w+)=/gu)].map(([, attribute = ""]) => attribute),
    ],
  );
}

describe("beside the documents of Windows", () => {
  const orders = new Map<string, Set<string>>();
  for (const { text } of writerDocuments()) {
    for (const [name, attributes] of attributesIn(text)) {
      const pairs = orders.get(name) ?? new Set();
      for (const [index, one] of attributes.entries()) {
        pairs.add(one);
        for (const later of attributes.slice(index + 1)) pairs.add(`${one} ${later}`);
      }
      orders.set(name, pairs);
    }
  }

  // No document at hand has a dependency.
  const ours = attributesIn(documentFor(full)).filter(([name]) => name !== "DEPENDENCY");

  it.each(ours)("%s has the same attributes in the same order", (name, attributes) => {
    const known = orders.get(name);
    expect(known, name).toBeDefined();
    for (const [index, one] of attributes.entries()) {
      expect(known).toContain(one);
      for (const later of attributes.slice(index + 1)) expect(known).toContain(`${one} ${later}`);
    }
  });
});

describe("sameDocument", () => {
  it("finds that Windows' document says what was declared", () => {
    const { ours, windows } = declaredDocuments(full);
    expect(windows).not.toBe(ours);
    expect(sameDocument(ours, windows)).toBe(true);
  });

  it.each([
    ["another name", { name: "Fabrikam" }, {}],
    ["another id", { writerId: "{11111111-6B1D-4C7E-9D30-9E8A12F4B001}" }, {}],
    ["another restore method", {}, { restoreMethod: "restoreIfNotThere" }],
    ["no kind of backup but full", {}, { backupSchema: [] }],
    ["a component less", {}, { components: full.components.slice(1) }],
    ["no exclusions", {}, { exclude: [] }],
  ])("tells %s", (_, fields, writer) => {
    expect(sameDocument(documentFor(full), documentFor({ ...full, ...writer }, fields))).toBe(
      false,
    );
  });

  it("does not take what it cannot read for the same", () => {
    expect(sameDocument("<WRITER_METADATA", "<WRITER_METADATA/")).toBe(false);
    expect(sameDocument(null, documentFor(full))).toBe(false);
    expect(sameDocument(null, null)).toBe(true);
  });
});

describe("writerIdIn", () => {
  it("finds the id in any spelling, and none in what is no document", () => {
    expect(writerIdIn(documentFor(full))).toBe(WRITER_ID);
    expect(writerIdIn(documentFor(full).replace("<WRITER", "<OTHER"))).toBeUndefined();
  });
});

describe("planDeclared", () => {
  it("plans nothing for a writer that the application brings", () => {
    expect(planDeclared(manifestWith())).toBeNull();
  });
});
