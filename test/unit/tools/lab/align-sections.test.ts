import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { alignSections } from "../../../../src/tools/lab/align-sections.ts";

const PAGE_BYTES = 4096;
const prebuilds = new URL("../../../../prebuilds/win32-x64/", import.meta.url);
const program = readFileSync(fileURLToPath(new URL("lab/wsb-lab-service.exe", prebuilds)));

interface Section {
  readonly name: string;
  readonly virtualAddress: number;
  readonly offset: number;
  readonly content: Buffer;
}

/** Reads the sections in the headers of a PE file. */
function sectionsOf(file: Buffer): readonly Section[] {
  const pe = file.readUInt32LE(0x3c);
  const first = pe + 24 + file.readUInt16LE(pe + 20);
  return Array.from({ length: file.readUInt16LE(pe + 6) }, (_, index) => {
    const at = first + 40 * index;
    const offset = file.readUInt32LE(at + 20);
    return {
      name: file.toString("latin1", at, at + 8),
      virtualAddress: file.readUInt32LE(at + 12),
      offset,
      content: file.subarray(offset, offset + file.readUInt32LE(at + 16)),
    };
  });
}

describe("alignSections", () => {
  const before = sectionsOf(program);
  const aligned = Buffer.from(alignSections(program));
  const after = sectionsOf(aligned);

  it("aligns every section to a page in the file", () => {
    expect(before.some(({ offset }) => offset % PAGE_BYTES !== 0)).toBe(true);
    for (const { offset, content } of after) {
      expect([offset % PAGE_BYTES, content.length % PAGE_BYTES]).toEqual([0, 0]);
    }
    expect(aligned.length).toBe(
      PAGE_BYTES + after.reduce((sum, { content }) => sum + content.length, 0),
    );
  });

  it("keeps their contents and their addresses in memory", () => {
    expect(after.map(({ name, virtualAddress }) => [name, virtualAddress])).toEqual(
      before.map(({ name, virtualAddress }) => [name, virtualAddress]),
    );
    for (const [index, { content, name }] of before.entries()) {
      const found = after[index]?.content ?? Buffer.alloc(0);
      expect(found.subarray(0, content.length).equals(content), name).toBe(true);
      expect(
        found.subarray(content.length).every((byte) => byte === 0),
        name,
      ).toBe(true);
    }
  });

  it("does not change the given program", () => {
    const copy = Buffer.from(program);
    alignSections(program);
    expect(program.equals(copy)).toBe(true);
  });

  it("removes a signature, which would not match", () => {
    const signed = Buffer.from(program);
    const certificates = signed.readUInt32LE(0x3c) + 24 + 144;
    signed.writeUInt32LE(program.length - 16, certificates);
    signed.writeUInt32LE(16, certificates + 4);
    expect(Buffer.from(alignSections(signed)).readBigUInt64LE(certificates)).toBe(0n);
  });

  it.each([
    ["nothing", Buffer.alloc(0)],
    ["a text", Buffer.alloc(PAGE_BYTES, "text")],
    ["zeros", Buffer.alloc(PAGE_BYTES)],
    ["a 32-bit program", changed(program.readUInt32LE(0x3c) + 24, 0x10b)],
  ])("refuses %s", (_, file) => {
    expect(() => alignSections(file)).toThrow(expect.objectContaining({ code: "ERR_WSB_LAB" }));
  });
});

function changed(offset: number, value: number): Buffer {
  const copy = Buffer.from(program);
  copy.writeUInt16LE(value, offset);
  return copy;
}
