import { unzipSync } from "fflate";
import { expect, it } from "vitest";

import { makeZip } from "../../../../src/tools/pack/zip.ts";

const DATE_AND_TIME = 10; // of a local file header, APPNOTE.TXT 4.3.7
const JANUARY_1_1980 = 0x0021;

it("contains the files and the earliest date, independent of clock and time zone", () => {
  const entries = [
    { name: "contoso/node.exe", content: Buffer.from("a".repeat(10_000)) },
    { name: "contoso/größe.txt", content: Buffer.from("b") },
  ];
  const zip = Buffer.from(makeZip(entries));
  expect(zip).toEqual(Buffer.from(makeZip(entries)));
  expect(zip.length).toBeLessThan(1000);
  expect(zip.readUInt32LE(DATE_AND_TIME)).toBe(JANUARY_1_1980 * 0x10000);
  const files = Object.entries(unzipSync(zip)).map(([name, content]) => ({
    name,
    content: Buffer.from(content),
  }));
  expect(files).toEqual(entries);
});
