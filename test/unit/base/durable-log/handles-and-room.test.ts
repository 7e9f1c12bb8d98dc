/** What a log keeps open, and what its room is worth on a full disk. */
import { beforeEach, describe, expect, it, vi } from "vitest";

import { createLog } from "../../../../src/base/durable-log/create-log.ts";
import type { DurableLog } from "../../../../src/base/durable-log/durable-log.ts";
import { openLog } from "../../../../src/base/durable-log/open-log.ts";
import { readLog } from "../../../../src/base/durable-log/read-log.ts";
import { SimulatedDisk } from "../../../helpers/simulated-disk.ts";

const FILE = "log";
const BLOCK_BYTES = 16 * 1024;
const journalError = expect.objectContaining({ code: "ERR_WSB_JOURNAL" });

let disk: SimulatedDisk;

beforeEach(() => {
  disk = new SimulatedDisk({ random: () => 0 });
});

describe("a log's file is open", () => {
  it("only from its first append to its close", () => {
    const log = createLog(FILE, [{ step: 0 }], { roomBytes: 0, disk });
    expect(disk.openHandles).toBe(0);
    readLog(FILE, disk);
    const follower = openLog(FILE, disk)?.log;
    follower?.readNew();
    expect(disk.openHandles).toBe(0);
    log.append({ step: 1 });
    log.append({ step: 2 });
    expect(disk.openHandles).toBe(1);
    log.close();
    log.close();
    expect(disk.openHandles).toBe(0);
    log.append({ step: 3 });
    expect(disk.openHandles).toBe(1);
    log.close();
  });

  it("no longer when another file is at its path, and says so", () => {
    const log = createLog(FILE, [], { roomBytes: 0, disk });
    log.append({ step: 1 });
    createLog(FILE, [], { roomBytes: 0, disk });
    expect(() => log.append({ step: 2 })).toThrow(/another file is at its path/u);
    expect(disk.openHandles).toBe(0);
  });

  it("no longer after a log whose process was killed was opened, which syncs it", () => {
    const log = createLog(FILE, [], { roomBytes: 0, disk });
    const write = disk.open.bind(disk);
    vi.spyOn(disk, "open").mockImplementation((file, mode) => {
      const handle = write(file, mode);
      // The mark of the record is never written.
      const kept = (bytes: Uint8Array, position: number): number =>
        position < 3 * 512 ? bytes.length : handle.write(bytes, position);
      return { ...handle, write: kept };
    });
    log.append({ step: 1 });
    log.close();
    vi.restoreAllMocks();
    expect(openLog(FILE, disk)?.contents.records).toEqual([{ step: 1 }]);
    expect(disk.openHandles).toBe(0);
  });
});

describe("an append into reserved room", () => {
  it("does nothing but write, flush and read back", () => {
    const log = createLog(FILE, [], { roomBytes: 0, disk });
    log.reserve(100);
    const before = disk.effects;
    const identity = vi.spyOn(disk, "identity");
    log.appendReserved({ step: 1 });
    // The record, its flush, its reading back, and the mark.
    expect(disk.effects - before).toBe(4);
    expect(identity).not.toHaveBeenCalled();
    log.close();
    expect(openLog(FILE, disk)?.contents).toMatchObject({ records: [{ step: 1 }], end: "whole" });
  });

  it.each<[string, (log: DurableLog) => void]>([
    ["an append", (log) => log.append({ step: 0 })],
    ["an append into reserved room", (log) => log.appendReserved({ step: 0 })],
    ["reading what is new", (log) => log.readNew()],
    ["its close", (log) => log.close()],
  ])("looks at the file again after %s", (_, use) => {
    const log = createLog(FILE, [], { roomBytes: 0, disk });
    log.reserve(100);
    use(log);
    createLog(FILE, [{ other: true }], { roomBytes: 0, disk });
    expect(() => log.appendReserved({ step: 1 })).toThrow(/another file is at its path/u);
    expect(readLog(FILE, disk)?.records).toEqual([{ other: true }]);
  });

  it("lets the file grow when it needs more", () => {
    const log = createLog(FILE, [], { roomBytes: 0, disk });
    log.reserve(100);
    const record = { text: "x".repeat(2 * BLOCK_BYTES) };
    log.appendReserved(record);
    expect(readLog(FILE, disk)?.records).toEqual([record]);
    expect(disk.bytesOf(FILE).length % BLOCK_BYTES).toBe(0);
  });
});

describe("another log at the path", () => {
  it("is not appended to, nor is none", () => {
    const log = createLog(FILE, [], { roomBytes: 0, disk });
    log.append({ step: 1 });
    disk.remove(FILE);
    expect(() => log.append({ step: 2 })).toThrow(/another file is at its path, or none/u);
    expect(() => log.readNew()).toThrow(/another file is at its path, or none/u);
  });

  it("is known where it was copied into the same file, though it has no record either", () => {
    createLog("other", [], { roomBytes: 0, disk });
    const log = createLog(FILE, [], { roomBytes: 0, disk });
    const { log: follower } = openLog(FILE, disk) ?? {};
    disk.setBytes(FILE, disk.bytesOf("other"));
    expect(() => log.append({ step: 1 })).toThrow(/another file is at its path/u);
    expect(() => log.reserve(100_000)).toThrow(/another file is at its path/u);
    expect(() => follower?.readNew()).toThrow(/another file is at its path/u);
  });
});

it("tells why a log cannot be appended to when the file system does", () => {
  const log = createLog(FILE, [], { roomBytes: 0, disk });
  vi.spyOn(disk, "identity").mockImplementation(() => {
    throw Object.assign(new Error("EACCES: permission denied"), { code: "EACCES" });
  });
  expect(() => log.append({ step: 1 })).toThrow(
    expect.objectContaining({ code: "ERR_WSB_JOURNAL", errno: "EACCES" }),
  );
});

it("grows to no more than a log may have, and is as before when it would", () => {
  const log = createLog(FILE, [], { roomBytes: 0, disk });
  expect(() => log.reserve(256 * 1024 * 1024)).toThrow(/larger than 256 MiB/u);
  log.append({ step: 1 });
  expect(disk.bytesOf(FILE)).toHaveLength(BLOCK_BYTES);
  log.close();
});

describe("on a full disk", () => {
  it("a record that fills the room to its last byte is written, and one more is not", () => {
    const log = createLog(FILE, [], { roomBytes: 0, disk });
    disk.setSpace(0);
    const text = "x".repeat(BLOCK_BYTES - 3 * 512 - '1 01234567 {"text":""} 01234567\n'.length);
    log.append({ text });
    expect(() => log.append({ step: 2 })).toThrow(journalError);
    log.close();
    expect(readLog(FILE, disk)).toMatchObject({ records: [{ text }], end: "whole" });
    expect(disk.bytesOf(FILE)).toHaveLength(BLOCK_BYTES);
  });

  it("room stays reserved when less is asked for", () => {
    const log = createLog(FILE, [], { roomBytes: 0, disk });
    log.reserve(100_000);
    log.reserve(10);
    disk.setSpace(0);
    log.append({ text: "x".repeat(90_000) });
    log.close();
    expect(readLog(FILE, disk)).toMatchObject({ end: "whole", records: { length: 1 } });
  });
});
