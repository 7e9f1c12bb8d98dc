import { describe, expect, it } from "vitest";

import { parseWriterMetadata, readLater } from "../../../../src/runtime/metadata/parse.ts";
import type { MetadataComponent } from "../../../../src/runtime/metadata/writer-metadata.ts";
import { plainMetadata, renderMetadata } from "../../../helpers/render-metadata.ts";

const unreadable = expect.objectContaining({ code: "ERR_WSB_METADATA" });

function documentOf(content: string, head = ""): string {
  return `${head}<WRITER_METADATA xmlns="x-schema:#VssWriterMetadataInfo" version="1.2">${content}</WRITER_METADATA>`;
}

function locationsOf(locations: string): string {
  return documentOf(`<BACKUP_LOCATIONS>${locations}</BACKUP_LOCATIONS>`);
}

function componentOf(component: string): MetadataComponent | undefined {
  return parseWriterMetadata(locationsOf(component)).components[0];
}

const full = `<WRITER_METADATA xmlns="x-schema:#VssWriterMetadataInfo" version="1.2" backupSchema="881">
  <IDENTIFICATION writerId="5d8a1f36-27c4-4b0e-9f6d-3c1e8a742b90" instanceId="{E1B7C0D4-6A53-4f18-8c2d-90b4f7a3d615}" instanceName="Ledger:2" friendlyName="Ledger Writer" usage="USER_DATA" dataSource="TRANSACTION_DB" majorVersion="1" minorVersion="4"/>
  <BACKUP_LOCATIONS>
    <DATABASE logicalPath="Ledger" componentName="Books" caption="The books" restoreMetadata="yes" notifyOnBackupComplete="yes" selectable="yes" selectableForRestore="yes" componentFlags="3">
      <DATABASE_FILES path="D:\\Data" filespec="books.mdf" recursive="no" filespecBackupType="257"/>
      <DATABASE_LOGFILES path="E:\\Log" filespec="*.ldf" alternatePath="F:\\Staged"/>
      <DEPENDENCY writerId="{A65FAA63-5EA8-4EBC-9DBD-A0C4DB26912A}" logicalPath="SQL" componentName="master"/>
    </DATABASE>
    <EXCLUDE_FILES path="%TEMP%" filespec="*.tmp" recursive="yes"/>
    <FILE_GROUP componentName="Scans">
      <FILE_LIST path="%ProgramData%\\Scans" filespec="*" recursive="yes"/>
    </FILE_GROUP>
    <EXCLUDE_FILES_FROM_SNAPSHOT path="D:\\Cache" filespec="*.*" recursive="no"/>
  </BACKUP_LOCATIONS>
  <RESTORE_METHOD method="STOP_RESTART_SERVICE" service="Ledger" userProcedure="https://example.com/restore" writerRestore="always" rebootRequired="yes">
    <ALTERNATE_LOCATION_MAPPING path="D:\\Data" filespec="*.mdf" recursive="yes" alternatePath="D:\\Restored"/>
  </RESTORE_METHOD>
</WRITER_METADATA>`;

describe("parseWriterMetadata", () => {
  it("reads every field of a document", () => {
    expect(plainMetadata(parseWriterMetadata(full))).toEqual({
      version: "1.2",
      backupSchema: 881,
      identification: {
        writerId: "{5D8A1F36-27C4-4B0E-9F6D-3C1E8A742B90}",
        instanceId: "{E1B7C0D4-6A53-4F18-8C2D-90B4F7A3D615}",
        instanceName: "Ledger:2",
        friendlyName: "Ledger Writer",
        usage: "USER_DATA",
        dataSource: "TRANSACTION_DB",
        majorVersion: 1,
        minorVersion: 4,
      },
      restoreMethod: {
        method: "STOP_RESTART_SERVICE",
        service: "Ledger",
        userProcedure: "https://example.com/restore",
        writerRestore: "always",
        rebootRequired: true,
        alternateLocationMappings: [
          { path: "D:\\Data", filespec: "*.mdf", recursive: true, alternatePath: "D:\\Restored" },
        ],
      },
      components: [
        {
          type: "database",
          componentName: "Books",
          logicalPath: "Ledger",
          caption: "The books",
          restoreMetadata: true,
          notifyOnBackupComplete: true,
          selectable: true,
          selectableForRestore: true,
          componentFlags: 3,
          files: [
            {
              path: "D:\\Data",
              filespec: "books.mdf",
              recursive: false,
              alternatePath: null,
              filespecBackupType: 257,
            },
          ],
          logFiles: [
            {
              path: "E:\\Log",
              filespec: "*.ldf",
              recursive: false,
              alternatePath: "F:\\Staged",
              filespecBackupType: 3855,
            },
          ],
          dependencies: [
            {
              writerId: "{A65FAA63-5EA8-4EBC-9DBD-A0C4DB26912A}",
              logicalPath: "SQL",
              componentName: "master",
            },
          ],
        },
        {
          type: "fileGroup",
          componentName: "Scans",
          logicalPath: null,
          caption: null,
          restoreMetadata: false,
          notifyOnBackupComplete: false,
          selectable: false,
          selectableForRestore: false,
          componentFlags: 0,
          files: [
            {
              path: "%ProgramData%\\Scans",
              filespec: "*",
              recursive: true,
              alternatePath: null,
              filespecBackupType: 3855,
            },
          ],
          logFiles: [],
          dependencies: [],
        },
      ],
      excludedFiles: [{ path: "%TEMP%", filespec: "*.tmp", recursive: true }],
      excludedFilesFromSnapshot: [{ path: "D:\\Cache", filespec: "*.*", recursive: false }],
    });
  });

  it("reads an empty document", () => {
    expect(plainMetadata(parseWriterMetadata("<WRITER_METADATA/>"))).toEqual({
      version: null,
      backupSchema: 0,
      identification: {
        writerId: null,
        instanceId: null,
        instanceName: null,
        friendlyName: null,
        usage: null,
        dataSource: null,
        majorVersion: 0,
        minorVersion: 0,
      },
      restoreMethod: null,
      components: [],
      excludedFiles: [],
      excludedFilesFromSnapshot: [],
    });
  });

  it("reads the same from a rewritten document", () => {
    const metadata = parseWriterMetadata(full);
    const again = parseWriterMetadata(renderMetadata(metadata));
    expect(plainMetadata(again)).toEqual(plainMetadata(metadata));
  });

  it.each([
    ["yes", true],
    ["no", false],
    ["", false],
    ["YES", false],
    ["true", false],
    ["1", false],
    [" yes", false],
  ])("reads the flag %j as %j", (value, flag) => {
    expect(componentOf(`<FILE_GROUP selectable="${value}"/>`)?.selectable).toBe(flag);
  });

  it.each([
    ["0", 0],
    ["7", 7],
    ["0003855", 3855],
    ["4294967295", 4_294_967_295],
    ["4294967296", 3855],
    ["99999999999999999999", 3855],
    ["-1", 3855],
    ["1.5", 3855],
    ["1e3", 3855],
    ["0xf0f", 3855],
    [" 7", 3855],
    ["", 3855],
    ["٣", 3855],
  ])("reads the number %j as %i if 3855 is the default", (value, number) => {
    const component = componentOf(
      `<FILE_GROUP><FILE_LIST filespecBackupType="${value}"/></FILE_GROUP>`,
    );
    expect(component?.files[0]?.filespecBackupType).toBe(number);
  });

  it.each(["", "x", "5d8a1f36", "{5d8a1f36-27c4-4b0e-9f6d-3c1e8a742b90", "constructor"])(
    "does not accept %j as a writer id",
    (value) => {
      const metadata = parseWriterMetadata(documentOf(`<IDENTIFICATION writerId="${value}"/>`));
      expect(metadata.identification.writerId).toBeNull();
    },
  );

  it("has an empty folder and every file if a file list names none", () => {
    expect(componentOf("<FILE_GROUP><FILE_LIST/></FILE_GROUP>")?.files).toEqual([
      {
        path: "",
        filespec: "*",
        recursive: false,
        alternatePath: null,
        filespecBackupType: 3855,
      },
    ]);
  });

  it("distinguishes an empty text from a missing one", () => {
    const component = componentOf(`<FILE_GROUP logicalPath="" componentName="a"/>`);
    expect(component).toMatchObject({ logicalPath: "", caption: null });
  });

  it("reads line breaks and tabs in an attribute as spaces, like XML", () => {
    const component = componentOf(`<FILE_GROUP caption="one\r\ntwo\tthree&#10;four"/>`);
    expect(component?.caption).toBe("one two three\nfour");
  });

  it("reads a document with a byte order mark and a declaration of any encoding", () => {
    const head = `\uFEFF<?xml version="1.0" encoding="EBCDIC-CP-US"?>`;
    expect(parseWriterMetadata(documentOf("", head)).version).toBe("1.2");
  });

  it("expands the entities of XML", () => {
    const component = componentOf(
      `<FILE_GROUP componentName="O&apos;Brien &amp; &lt;S&#xF6;hne&gt; &quot;&#x1F4D2;&quot;"/>`,
    );
    expect(component?.componentName).toBe(`O'Brien & <Söhne> "\u{1F4D2}"`);
  });

  it("does not confuse a document's names with JavaScript's properties", () => {
    const content = `<constructor/><__proto__/><FILE_GROUP __proto__="x" componentName="a"/>`;
    expect(parseWriterMetadata(locationsOf(content)).components).toHaveLength(1);
  });

  it.each([
    ["files that are not a component's", `<FILE_LIST path="C:\\a"/>`],
    ["what is excluded", `<EXCLUDE_FILES path="C:\\a" filespec="*" recursive="no"/>`],
    ["elements in a comment", `<!-- <FILE_GROUP componentName="a"/> -->`],
    ["elements in character data", `<![CDATA[<FILE_GROUP componentName="a"/>]]>`],
    ["an instruction", `<?FILE_GROUP componentName="a"?>`],
    ["a component inside something else", `<X><FILE_GROUP componentName="a"/></X>`],
    ["an element of another case", `<file_group componentName="a"/>`],
  ])("reads no component from %s", (_, locations) => {
    expect(parseWriterMetadata(locationsOf(locations)).components).toEqual([]);
  });

  it.each([
    ["nothing", ""],
    ["white space", " \r\n"],
    ["text", "Ledger"],
    ["another root", "<LEDGER/>"],
    ["a root of another case", "<writer_metadata/>"],
    ["an unclosed element", "<WRITER_METADATA><BACKUP_LOCATIONS></WRITER_METADATA>"],
    ["an end that is missing", "<WRITER_METADATA>"],
    ["an attribute that does not end", `<WRITER_METADATA version="1.2`],
    ["two roots", "<WRITER_METADATA/><WRITER_METADATA/>"],
    ["an attribute twice", locationsOf(`<FILE_GROUP componentName="a" componentName="b"/>`)],
    ["an empty attribute twice", locationsOf(`<FILE_GROUP caption="" caption=""/>`)],
    ["an attribute without quotes", locationsOf("<FILE_GROUP componentName=a/>")],
    ["a NUL", documentOf("\0")],
    ["a NUL as a reference", documentOf("&#0;")],
    ["a reference beyond Unicode", documentOf("&#x110000;")],
    ["a lone surrogate", locationsOf(`<FILE_GROUP componentName="\uD83D"/>`)],
    ["a lone surrogate before a tag", `<WRITER_METADATA>\uD83D</WRITER_METADATA>`],
    ["a surrogate pair in the wrong order", documentOf("\uDCD2\uD83D")],
    ["a surrogate as a reference", documentOf("&#xD83D;&#xDCD2;")],
    ["two identifications", documentOf("<IDENTIFICATION/><IDENTIFICATION/>")],
    ["two restore methods", documentOf("<RESTORE_METHOD/><RESTORE_METHOD/>")],
    ["two lists of locations", documentOf("<BACKUP_LOCATIONS/><BACKUP_LOCATIONS/>")],
    ["an unknown entity", locationsOf(`<FILE_GROUP componentName="&x;"/>`)],
    ["an entity that JavaScript knows", documentOf("&constructor;")],
    ["a document type alone", documentOf("", "<!DOCTYPE WRITER_METADATA>")],
    ["an entity of its own", documentOf("&x;", `<!DOCTYPE W [<!ENTITY x "y">]>`)],
    [
      "a file in an entity",
      documentOf("&x;", `<!DOCTYPE W [<!ENTITY x SYSTEM "file:///etc/passwd">]>`),
    ],
    ["33 levels", documentOf(`${"<a>".repeat(32)}${"</a>".repeat(32)}`)],
    ["200,001 elements", documentOf("<a/>".repeat(200_000))],
    ["65 attributes", `<a ${Array.from({ length: 65 }, (_, index) => `a${index}="" `).join("")}/>`],
    ["more than 16 million characters", documentOf(" ".repeat(16 * 1024 * 1024))],
  ])("refuses %s", (_, document) => {
    expect(() => parseWriterMetadata(document)).toThrow(unreadable);
  });

  it.each([
    ["32 levels", documentOf(`${"<a>".repeat(31)}${"</a>".repeat(31)}`)],
    ["200,000 elements", documentOf("<a/>".repeat(199_999))],
    [
      "64 attributes",
      `<WRITER_METADATA ${Array.from({ length: 64 }, (_, index) => `a${index}="" `).join("")}/>`,
    ],
  ])("reads %s", (_, document) => {
    expect(parseWriterMetadata(document).components).toEqual([]);
  });

  it("refuses an entity bomb at once", () => {
    const levels = Array.from({ length: 30 }, (_, level) => level);
    const entities = levels.map((level) => `<!ENTITY e${level + 1} "${`&e${level};`.repeat(10)}">`);
    const head = `<!DOCTYPE W [<!ENTITY e0 "x">${entities.join("")}]>`;
    expect(() => parseWriterMetadata(documentOf("&e30;", head))).toThrow(unreadable);
  });

  it("says which document of the same cabinet is the writer's", () => {
    const document = `<BACKUP_COMPONENTS xmlns="x-schema:#VssComponentMetadata"/>`;
    const refuse = (): unknown => parseWriterMetadata(document);
    expect(refuse).toThrow(unreadable);
    expect(refuse).toThrow(/^This is a backup components document.*WM\*\.xml/u);
  });

  it("quotes only a little of a refused document", () => {
    const name = "a".repeat(1_000_000);
    const refuse = (): unknown => parseWriterMetadata(`<${name}/>`);
    expect(refuse).toThrow(unreadable);
    expect(refuse).toThrow(/^.{1,400}$/u);
  });
});

describe("findComponent", () => {
  const metadata = parseWriterMetadata(
    locationsOf(`
      <FILE_GROUP componentName="Accounts"/>
      <FILE_GROUP logicalPath="Ledger" componentName="Accounts"/>
      <DATABASE logicalPath="" componentName="Books" caption="first"/>
      <DATABASE componentName="Books" caption="second"/>
      <FILE_GROUP logicalPath="unnamed"/>`),
  );

  it.each([
    [{ componentName: "Accounts", logicalPath: null }, 0],
    [{ componentName: "Accounts", logicalPath: "" }, 0],
    [{ componentName: "Accounts", logicalPath: "Ledger" }, 1],
    [{ componentName: "Books", logicalPath: null }, 2],
    [{ componentName: "", logicalPath: "unnamed" }, 4],
  ])("finds %j", (names, index) => {
    expect(metadata.findComponent(names)).toBe(metadata.components[index]);
  });

  it.each([
    { componentName: "accounts", logicalPath: null },
    { componentName: "Accounts", logicalPath: "Ledger\\" },
    { componentName: "Ledger\\Accounts", logicalPath: null },
    { componentName: null, logicalPath: "unnamed" },
  ])("finds nothing for %j", (names) => {
    expect(metadata.findComponent(names)).toBeUndefined();
  });
});

describe("readLater", () => {
  it("reads the document once", () => {
    const metadata = readLater(full);
    expect(metadata()).toBe(metadata());
  });

  it("fails for an unreadable document only at its call", () => {
    const metadata = readLater("<x/>");
    expect(metadata).toThrow(unreadable);
    expect(metadata).toThrow(unreadable);
  });

  it("fails when the caller passed no document", () => {
    expect(readLater(null)).toThrow(unreadable);
  });
});
