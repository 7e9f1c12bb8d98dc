/** A step costs what it adds: whoever follows or appends does not read the whole log again. */
import { beforeEach, describe, expect, it } from "vitest";

import type { Disk } from "../../../../src/base/disk.ts";
import { createLog } from "../../../../src/base/durable-log/create-log.ts";
import type { DurableLog } from "../../../../src/base/durable-log/durable-log.ts";
import { HEAD_BYTES } from "../../../../src/base/durable-log/head.ts";
import { openLog } from "../../../../src/base/durable-log/open-log.ts";
import { SimulatedDisk } from "../../../helpers/simulated-disk.ts";

const FILE = "log";
const ROOM_BYTES = 2 * 1024 * 1024;
const PART_BYTES = 16 * 1024;

let disk: Disk;
let bytesRead = 0;

beforeEach(() => {
  const simulated = new SimulatedDisk({ random: () => 0 });
  disk = {
    pause: () => {},
    identity: (file) => simulated.identity(file),
    replace: (from, to) => simulated.replace(from, to),
    remove: (file) => simulated.remove(file),
    open: (file, mode) => {
      const handle = simulated.open(file, mode);
      return {
        ...handle,
        read: (bytes, position) => {
          const count = handle.read(bytes, position);
          bytesRead += count;
          return count;
        },
      };
    },
  };
});

/** Returns what some work reads beyond the head. */
function costOf(work: () => void): number {
  bytesRead = 0;
  work();
  return bytesRead - HEAD_BYTES;
}

function openTwice(): { readonly writer: DurableLog; readonly reader: DurableLog } {
  const writer = createLog(FILE, [{ step: 0 }], { roomBytes: ROOM_BYTES, disk });
  const opened = openLog(FILE, disk);
  if (opened === undefined) throw new Error("There is no log.");
  return { writer, reader: opened.log };
}

describe("who follows a log reads", () => {
  it.each([
    ["nothing new", 0, 1],
    ["one short record", 1, 1],
    ["some records", 20, 100],
    ["a record as long as what is read at first", 1, PART_BYTES],
    ["more than is read at first", 10, 10_000],
  ])("%s at the cost of what is new", (_, count, textBytes) => {
    const { writer, reader } = openTwice();
    const records = Array.from({ length: count }, (_one, step) => ({
      step,
      text: "x".repeat(textBytes),
    }));
    for (const record of records) writer.append(record);
    const newBytes = count * (textBytes + 60);
    const cost = costOf(() => expect(reader.readNew()).toEqual(records));
    // What was read in vain grows four times each time.
    expect(cost).toBeLessThanOrEqual(PART_BYTES + 6 * newBytes);
    expect(costOf(() => expect(reader.readNew()).toEqual([]))).toBeLessThanOrEqual(PART_BYTES);
  });

  it("no more of a log without room", () => {
    const writer = createLog(FILE, [], { roomBytes: 0, disk });
    const reader = openLog(FILE, disk)?.log;
    const text = "x".repeat(PART_BYTES - HEAD_BYTES);
    // Up to the last byte: "N xxxxxxxx {"text":"…"} xxxxxxxx\n".
    const record = { text: text.slice('1 01234567 {"text":""} 01234567\n'.length) };
    writer.append(record);
    const cost = costOf(() => expect(reader?.readNew()).toEqual([record]));
    expect(cost).toBeLessThanOrEqual(2 * PART_BYTES);
  });
});

describe("who appends to a log reads", () => {
  it("a few bytes and its own record", () => {
    const { writer } = openTwice();
    writer.append({ step: 1 });
    expect(costOf(() => writer.append({ step: 2 }))).toBeLessThan(200);
  });

  it("no more after another process has appended", () => {
    const { writer, reader } = openTwice();
    for (let step = 1; step < 10; step += 2) {
      writer.append({ step });
      reader.readNew();
      expect(costOf(() => reader.append({ step: step + 1 }))).toBeLessThan(200);
      writer.readNew();
    }
  });

  it("no more where room is reserved that is there", () => {
    const { writer } = openTwice();
    expect(costOf(() => writer.reserve(1000))).toBeLessThan(100);
  });
});
