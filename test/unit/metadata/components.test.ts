import { describe, expect, it } from "vitest";

import { decodeDocument, readComponents } from "../../../src/metadata/components.ts";

const invalid = expect.objectContaining({ code: "ERR_WSB_INVALID_ARGUMENT" });

function documentOf(locations: string, head = ""): string {
  return `${head}<WRITER_METADATA xmlns="x-schema:#VssWriterMetadataInfo" version="1.2">
    <BACKUP_LOCATIONS>${locations}</BACKUP_LOCATIONS></WRITER_METADATA>`;
}

describe("readComponents", () => {
  it("reads both kinds of component, with every kind of file", () => {
    const locations = `
      <FILE_GROUP logicalPath="Ledger" componentName="Accounts" caption="x">
        <FILE_LIST path="%ProgramData%\\Ledger" filespec="*.dat" recursive="yes"/>
        <FILE_LIST path="C:\\Ledger" filespec="a.log" recursive="no"/>
      </FILE_GROUP>
      <DATABASE componentName="Books">
        <DATABASE_FILES path="D:\\Data" filespec="books.mdf"/>
        <DATABASE_LOGFILES path="E:\\Log"/>
      </DATABASE>`;
    expect(readComponents(documentOf(locations))).toEqual([
      {
        componentName: "Accounts",
        logicalPath: "Ledger",
        files: [
          { path: "%ProgramData%\\Ledger", filespec: "*.dat", recursive: true },
          { path: "C:\\Ledger", filespec: "a.log", recursive: false },
        ],
      },
      {
        componentName: "Books",
        logicalPath: null,
        files: [
          { path: "D:\\Data", filespec: "books.mdf", recursive: false },
          { path: "E:\\Log", filespec: "*", recursive: false },
        ],
      },
    ]);
  });

  it("tells an empty logical path from none", () => {
    const [component] = readComponents(
      documentOf(`<FILE_GROUP logicalPath="" componentName="a"/>`),
    );
    expect(component?.logicalPath).toBe("");
  });

  it("reads a document without components, with a declaration and a byte order mark", () => {
    expect(readComponents(documentOf("", `\uFEFF<?xml version="1.0"?>`))).toEqual([]);
  });

  it("expands what XML itself defines", () => {
    const locations = `<FILE_GROUP componentName="O&apos;Brien &amp; &lt;S&#xF6;hne&gt; &#x1F4D2;"/>`;
    expect(readComponents(documentOf(locations))[0]?.componentName).toBe(
      "O'Brien & <Söhne> \u{1F4D2}",
    );
  });

  it.each([
    ["files that are not a component's", `<FILE_LIST path="C:\\a"/>`],
    ["what is excluded", `<EXCLUDE_FILES path="C:\\a" filespec="*" recursive="no"/>`],
    ["elements in a comment", `<!-- <FILE_GROUP componentName="a"/> -->`],
    ["elements in character data", `<![CDATA[<FILE_GROUP componentName="a"/>]]>`],
    ["a component inside something else", `<X><FILE_GROUP componentName="a"/></X>`],
  ])("takes no component from %s", (_, locations) => {
    expect(readComponents(documentOf(locations))).toEqual([]);
  });

  it.each([
    ["nothing", ""],
    ["text", "Ledger"],
    ["another root", "<BACKUP_COMPONENTS/>"],
    ["a root of another case", "<writer_metadata/>"],
    ["an unclosed element", "<WRITER_METADATA><BACKUP_LOCATIONS></WRITER_METADATA>"],
    ["an end that is missing", "<WRITER_METADATA>"],
    ["two roots", "<WRITER_METADATA/><WRITER_METADATA/>"],
    ["an attribute twice", documentOf(`<FILE_GROUP componentName="a" componentName="b"/>`)],
    ["an attribute without quotes", documentOf("<FILE_GROUP componentName=a/>")],
    ["a NUL", documentOf("\0")],
    ["an unknown entity", documentOf(`<FILE_GROUP componentName="&x;"/>`)],
    [
      "an entity of its own",
      documentOf(`<FILE_GROUP componentName="&x;"/>`, `<!DOCTYPE W [<!ENTITY x "y">]>`),
    ],
    [
      "a file in an entity",
      documentOf(
        `<FILE_GROUP componentName="&x;"/>`,
        `<!DOCTYPE W [<!ENTITY x SYSTEM "file:///etc/passwd">]>`,
      ),
    ],
  ])("refuses %s", (_, document) => {
    expect(() => readComponents(document)).toThrow(invalid);
  });

  it("refuses an entity bomb at once", () => {
    const levels = Array.from({ length: 30 }, (_, level) => level);
    const entities = levels.map((level) => `<!ENTITY e${level + 1} "${`&e${level};`.repeat(10)}">`);
    const head = `<!DOCTYPE W [<!ENTITY e0 "x">${entities.join("")}]>`;
    expect(() => readComponents(documentOf("&e30;", head))).toThrow(invalid);
  });
});

describe("decodeDocument", () => {
  const text = "<W a='Größe \u{1F4D2}'/>";
  const utf16 = Buffer.from(`\uFEFF${text}`, "utf16le");

  it.each([
    ["UTF-8", Buffer.from(text)],
    ["UTF-8 with its mark", Buffer.from(`\uFEFF${text}`)],
    ["UTF-16, little endian", utf16],
    ["UTF-16, big endian", Buffer.from(utf16).swap16()],
  ])("reads %s", (_, bytes) => {
    expect(decodeDocument(bytes)).toBe(text);
  });

  it("reads no bytes as no text", () => {
    expect(decodeDocument(new Uint8Array())).toBe("");
  });
});
