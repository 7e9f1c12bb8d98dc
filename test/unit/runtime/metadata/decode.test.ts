import { describe, expect, it } from "vitest";

import { decodeDocument } from "../../../../src/runtime/metadata/decode.ts";

const unreadable = expect.objectContaining({ code: "ERR_WSB_METADATA" });

const text = "<W a='Größe \u{1F4D2}'/>";
const littleEndian = Buffer.from(text, "utf16le");
const littleEndianMarked = Buffer.from(`\uFEFF${text}`, "utf16le");

function bigEndian(bytes: Buffer): Buffer {
  return Buffer.from(bytes).swap16();
}

function declared(encoding: string, content = text): string {
  return `<?xml version='1.0' encoding="${encoding}" ?>${content}`;
}

describe("decodeDocument", () => {
  it.each([
    ["UTF-8", Buffer.from(text)],
    ["UTF-8 with its mark", Buffer.from(`\uFEFF${text}`)],
    ["UTF-16, little endian", littleEndian],
    ["UTF-16, little endian, with its mark", littleEndianMarked],
    ["UTF-16, big endian", bigEndian(littleEndian)],
    ["UTF-16, big endian, with its mark", bigEndian(littleEndianMarked)],
  ])("reads %s", (_, bytes) => {
    expect(decodeDocument(bytes)).toBe(text);
  });

  it.each([
    ["UTF-8", Buffer.from(declared("UTF-8")), declared("UTF-8")],
    [
      "ISO-8859-1",
      Buffer.from(declared("ISO-8859-1", "<W a='Größe'/>"), "latin1"),
      declared("ISO-8859-1", "<W a='Größe'/>"),
    ],
    [
      "windows-1250",
      Buffer.concat([Buffer.from(declared("windows-1250", "<W a='")), Buffer.from([0x9a])]),
      declared("windows-1250", "<W a='š"),
    ],
    [
      "UTF-16 in a file that was saved as UTF-8 since",
      Buffer.from(declared("UTF-16")),
      declared("UTF-16"),
    ],
    [
      "another encoding than the mark",
      Buffer.from(`\uFEFF${declared("ISO-8859-1")}`),
      declared("ISO-8859-1"),
    ],
    [
      "another encoding than UTF-16",
      Buffer.from(declared("windows-1252"), "utf16le"),
      declared("windows-1252"),
    ],
  ])("reads a document that declares %s", (_, bytes, document) => {
    expect(decodeDocument(bytes)).toBe(document);
  });

  it("reads an encoding only from the declaration", () => {
    const document = `<W a='encoding="utf-7"'/>`;
    expect(decodeDocument(Buffer.from(document))).toBe(document);
  });

  it.each([
    ["no bytes", [], ""],
    ["one byte", [0x3c], "<"],
    ["a zero", [0], "\0"],
    ["two zeros", [0, 0], "\0\0"],
    ["a mark alone", [0xff, 0xfe], ""],
  ])("reads %s", (_, bytes, document) => {
    expect(decodeDocument(Uint8Array.from(bytes))).toBe(document);
  });

  it.each([
    ["Latin-1 without a declaration", Buffer.from("<W a='Größe'/>", "latin1")],
    ["Latin-1 that declares UTF-8", Buffer.from(declared("UTF-8"), "latin1")],
    ["half a character in UTF-8", Buffer.from(text).subarray(0, -5)],
    ["a surrogate in UTF-8", Buffer.from([0x3c, 0xed, 0xa0, 0xbd])],
    ["half a unit of UTF-16", littleEndian.subarray(0, -1)],
    ["half a pair in UTF-16", Buffer.from("<\uD83D>", "utf16le")],
    ["half a pair in big-endian UTF-16", bigEndian(Buffer.from("<\uD83D>", "utf16le"))],
    ["an unknown encoding", Buffer.from(declared("x-ledger"))],
    ["an encoding that Node.js does not know", Buffer.from(declared("UTF-7"))],
  ])("refuses %s", (_, bytes) => {
    expect(() => decodeDocument(bytes)).toThrow(unreadable);
  });

  it("says how to take a document out of a cabinet, which diskshadow saves", () => {
    const cabinet = Buffer.from("MSCF\0\0\0\0", "latin1");
    expect(() => decodeDocument(cabinet)).toThrow(unreadable);
    expect(() => decodeDocument(cabinet)).toThrow(/expand\.exe <cabinet> -F:WM\*\.xml <folder>/u);
  });
});
