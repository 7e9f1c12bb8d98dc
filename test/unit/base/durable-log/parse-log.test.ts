import { describe, expect, it } from "vitest";

import { HEAD_BYTES, SECTOR_BYTES, encodeHead } from "../../../../src/base/durable-log/head.ts";
import { encodeLine } from "../../../../src/base/durable-log/line.ts";
import { parseLog, type LogContents } from "../../../../src/base/durable-log/scan.ts";

const LOG_ID = "0123abcd";
const ROOM_BYTES = 600;
const records = [{ step: "stopping" }, { text: "é\uDC00" }, ["x".repeat(600)], { step: "end" }];

function lineOf(record: object, index: number): Buffer {
  const line = encodeLine(index + 1, LOG_ID, record);
  if (line === undefined) throw new Error("not a record");
  return line;
}

const lines = records.map(lineOf);
const endBytes = lines.reduce((sum, { length }) => sum + length, HEAD_BYTES);
const sizeBytes = endBytes + ROOM_BYTES;

function logOf(body: readonly Buffer[], marked = records.length): Buffer {
  const head = encodeHead(LOG_ID, { records: marked, sizeBytes });
  const written = Buffer.concat([head, ...body]);
  return Buffer.concat([written, Buffer.alloc(Math.max(0, sizeBytes - written.length), "\n")]);
}

const whole = logOf(lines);

function read(bytes: Buffer): LogContents {
  return parseLog(bytes).contents;
}

const fronts = new Set([0, 1, 2, 3, 4].map((count) => JSON.stringify(records.slice(0, count))));
const each = new Set(records.map((record) => JSON.stringify(record)));

/** What is read is a front of what was written, and the fault is seen. */
function expectFound(
  bytes: Buffer,
  ends: readonly LogContents["end"][] = ["damaged"],
): LogContents {
  const contents = read(bytes);
  // Faster than matchers, which some ten thousand values would wait for.
  const isFront = fronts.has(JSON.stringify(contents.records));
  const isKnown = contents.salvaged.every((record) => each.has(JSON.stringify(record)));
  if (!isFront || !isKnown || !ends.includes(contents.end))
    expect(contents).toBe(ends.join(" or "));
  return contents;
}

function changed(change: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(whole);
  change(bytes);
  return bytes;
}

describe("parseLog", () => {
  it("calls what is longer than a record may be damaged, and not torn", () => {
    const sizes = [1024 * 1024, 1024 * 1024 + 1];
    const ends = sizes.map((tailBytes) => {
      const size = HEAD_BYTES + tailBytes + ROOM_BYTES;
      const head = encodeHead(LOG_ID, { records: 0, sizeBytes: size });
      const tail = Buffer.alloc(tailBytes, "x");
      tail.write(`1 ${LOG_ID} {"text":"`);
      return read(Buffer.concat([head, tail, Buffer.alloc(ROOM_BYTES, "\n")])).end;
    });
    expect(ends).toEqual(["torn", "damaged"]);
  });

  it("reads a log as it was written", () => {
    expect(read(whole)).toEqual({ records, end: "whole", salvaged: [] });
  });

  it("finds every single bit that changed", () => {
    for (let at = 0; at < whole.length; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const bytes = Buffer.from(whole);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
        const isMark = at >= SECTOR_BYTES && at < HEAD_BYTES;
        // One mark is enough, and a bit in the room is no record: no more was written there.
        const isHarmless = isMark || at >= endBytes;
        const found = expectFound(bytes, isHarmless ? ["torn", "damaged"] : ["damaged"]);
        if (isHarmless && found.records.length < records.length)
          expect(found.records).toBe(records);
      }
    }
  });

  it("finds every cut", () => {
    for (let length = 0; length < whole.length; length += 1) {
      expectFound(whole.subarray(0, length));
    }
  });

  it("finds zeros wherever they begin and end", () => {
    for (let start = 0; start < whole.length; start += 61) {
      for (let end = start + 1; end <= whole.length; end += 97) {
        const bytes = changed((copy) => copy.fill(0, start, end));
        expectFound(
          bytes,
          start >= SECTOR_BYTES && end <= HEAD_BYTES ? ["torn", "damaged"] : undefined,
        );
      }
    }
  });

  it("finds a tail that became room again", () => {
    for (let start = HEAD_BYTES; start < endBytes - 1; start += 1) {
      expectFound(changed((copy) => copy.fill("\n", start)));
    }
  });

  it.each(lines.map((_, index) => [index + 1]))(
    "finds that line %i is missing or twice",
    (number) => {
      const without = lines.filter((_, index) => index !== number - 1);
      const twice = lines.flatMap((line, index) => (index === number - 1 ? [line, line] : [line]));
      expectFound(logOf(without));
      expectFound(logOf(twice));
      const { salvaged } = read(logOf(without));
      expect(salvaged).toEqual(records.slice(number));
    },
  );

  it("finds the line of another log", () => {
    const other = encodeLine(4, "ffffffff", { step: "end" });
    expectFound(logOf([...lines.slice(0, 3), ...(other === undefined ? [] : [other])], 3));
  });

  it("reads what follows the damage, for reports", () => {
    const bytes = changed((copy) => copy.fill("?", HEAD_BYTES, HEAD_BYTES + 5));
    expect(read(bytes)).toEqual({ records: [], end: "damaged", salvaged: records.slice(1) });
  });

  it("reads everything that is left of a log without its head, for reports", () => {
    const bytes = changed((copy) => copy.fill(0, 0, HEAD_BYTES));
    // The zeros make the first line unreadable.
    expect(read(bytes)).toEqual({ records: [], end: "damaged", salvaged: records.slice(1) });
  });

  it("takes any front of a record that no mark names as torn", () => {
    const [last = Buffer.alloc(0)] = lines.slice(3);
    for (let length = 1; length < last.length - 1; length += 1) {
      const bytes = logOf([...lines.slice(0, 3), last.subarray(0, length)], 3);
      expect(read(bytes)).toEqual({ records: records.slice(0, 3), end: "torn", salvaged: [] });
    }
  });

  it("takes any sectors of a record that no mark names as torn", () => {
    const start = HEAD_BYTES + lines.slice(0, 2).reduce((sum, { length }) => sum + length, 0);
    const bytes = logOf(lines.slice(0, 3), 2);
    bytes.fill("\n", start, start + SECTOR_BYTES - (start % SECTOR_BYTES));
    expect(read(bytes)).toEqual({ records: records.slice(0, 2), end: "torn", salvaged: [] });
  });

  it("does not take other text as torn", () => {
    const bytes = changed((copy) => copy.write("hello", endBytes));
    expect(read(bytes)).toEqual({ records, end: "damaged", salvaged: [] });
  });

  it("does not take a record as torn when another follows it", () => {
    const bytes = logOf(lines, 2);
    const start = HEAD_BYTES + lines.slice(0, 2).reduce((sum, { length }) => sum + length, 0);
    bytes.fill("\n", start, start + (lines[2]?.length ?? 0));
    expect(read(bytes)).toEqual({
      records: records.slice(0, 2),
      end: "damaged",
      salvaged: records.slice(3),
    });
  });
});
