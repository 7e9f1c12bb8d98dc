import { describe, expect, it } from "vitest";

import { FILLER } from "../../../../src/base/durable-log/filler.ts";
import { createLog } from "../../../../src/base/durable-log/create-log.ts";
import { openLog } from "../../../../src/base/durable-log/open-log.ts";
import { readLog } from "../../../../src/base/durable-log/read-log.ts";
import { Killed, SimulatedDisk, type Fault } from "../../../helpers/simulated-disk.ts";
import { runLogScript, type LogScript } from "../../../property/any-log-script.ts";

const FILE = "log";
const journalError = expect.objectContaining({ code: "ERR_WSB_JOURNAL" });
const fullDisk = expect.objectContaining({ code: "ERR_WSB_JOURNAL", errno: "ENOSPC" });

function diskOf(
  spaceBytes: number,
  fault?: (operation: string) => Fault | undefined,
): SimulatedDisk {
  return new SimulatedDisk({
    random: () => 0.5,
    spaceBytes,
    fault: ({ operation }) => fault?.(operation),
  });
}

/** From now on, one byte of what is written below the head arrives as another. */
function writeWrongly(disk: SimulatedDisk): void {
  const open = disk.open.bind(disk);
  disk.open = (file, mode) => {
    const handle = open(file, mode);
    const write = (bytes: Uint8Array, position: number): number => {
      const wrong = Buffer.from(bytes);
      wrong[5] = 0x3f;
      return handle.write(wrong, position);
    };
    return { ...handle, write };
  };
}

const steps: LogScript["steps"] = [
  { kind: "append", sizeBytes: 0 },
  { kind: "append", sizeBytes: 700 },
  { kind: "follow" },
  { kind: "reserve", sizeBytes: 30_000 },
  { kind: "appendReserved", sizeBytes: 2000 },
  { kind: "append", sizeBytes: 300 },
  { kind: "follow" },
  { kind: "reopen" },
  { kind: "append", sizeBytes: 10 },
  { kind: "powerCut" },
  { kind: "append", sizeBytes: 600 },
  { kind: "create" },
  { kind: "append", sizeBytes: 0 },
];

describe("a durable log", () => {
  it.each<Fault>(["short", "error", "kill"])(
    "keeps each acknowledged record when any one operation of the disk meets: %s",
    (fault) => {
      const script = { seed: 1, spaceBytes: 1_000_000, steps };
      const effects = runLogScript({ ...script, faults: new Map() });
      expect(effects).toBeGreaterThan(100);
      for (let number = 0; number < effects; number += 1) {
        runLogScript({ ...script, seed: number, faults: new Map([[number, fault]]) });
      }
    },
  );

  it("appends into its reserved room on a full disk, and is refused more", () => {
    const disk = diskOf(50_000);
    const log = createLog(FILE, [], { roomBytes: 20_000, disk });
    expect(() => log.reserve(100_000)).toThrow(fullDisk);
    // Somebody else takes what is left.
    expect(() => createLog("other", [], { roomBytes: 30_000, disk })).toThrow(fullDisk);
    for (let step = 0; step < 20; step += 1) log.append({ step, text: "x".repeat(900) });
    expect(() => log.append({ text: "x".repeat(20_000) })).toThrow(journalError);
    expect(readLog(FILE, disk)).toMatchObject({ end: "whole", records: { length: 20 } });
  });

  it("stays the old log when there is no space for a new one", () => {
    const disk = diskOf(20_000);
    createLog(FILE, [{ old: true }], { roomBytes: 0, disk });
    expect(() => createLog(FILE, [{ old: false }], { roomBytes: 0, disk })).toThrow(fullDisk);
    expect(readLog(FILE, disk)?.records).toEqual([{ old: true }]);
  });

  it("is not appended to when a flush fails, and goes on when flushes work again", () => {
    let fault: Fault | undefined;
    const disk = diskOf(1_000_000, (operation) => (operation === "sync" ? fault : undefined));
    const log = createLog(FILE, [{ step: 1 }], { roomBytes: 0, disk });
    fault = "error";
    expect(() => log.append({ step: "lost" })).toThrow(journalError);
    fault = undefined;
    expect(readLog(FILE, disk)).toEqual({ records: [{ step: 1 }], end: "whole", salvaged: [] });
    log.append({ step: 2 });
    disk.powerCut();
    expect(readLog(FILE, disk)?.records).toEqual([{ step: 1 }, { step: 2 }]);
  });

  it("cuts the rest of a record that was taken back only half", () => {
    let faults: readonly [operation: string, fault: Fault][] = [];
    const disk = diskOf(1_000_000, (operation) => {
      const [next, ...rest] = faults;
      if (next?.[0] !== operation) return undefined;
      faults = rest;
      return next[1];
    });
    const log = createLog(FILE, [{ step: 1 }], { roomBytes: 0, disk });
    log.append({ step: 2 });
    faults = [
      ["sync", "error"],
      ["write", "short"],
      ["write", "error"],
    ];
    expect(() => log.append({ text: "x".repeat(4000) })).toThrow(journalError);
    expect(faults).toEqual([]);
    log.append({ step: 3 });
    const records = [{ step: 1 }, { step: 2 }, { step: 3 }];
    expect(readLog(FILE, disk)).toEqual({ records, end: "whole", salvaged: [] });
  });

  it("cuts a torn record before it writes over it", () => {
    const disk = diskOf(1_000_000);
    createLog(FILE, [{ step: 1 }], { roomBytes: 0, disk }).append({ text: "x".repeat(2000) });
    const whole = disk.bytesOf(FILE);
    createLog(FILE, [{ step: 1 }], { roomBytes: 0, disk });
    const torn = disk.bytesOf(FILE);
    const logId = torn.toString("latin1", 16, 24);
    const start = whole.indexOf("2 ", whole.indexOf('{"step":1}'));
    torn.write(`2 ${logId} {"text":"${"x".repeat(900)}`, start);
    disk.setBytes(FILE, torn);
    expect(readLog(FILE, disk)).toEqual({ records: [{ step: 1 }], end: "torn", salvaged: [] });
    openLog(FILE, disk)?.log.append({ step: 2 });
    const records = [{ step: 1 }, { step: 2 }];
    expect(readLog(FILE, disk)).toEqual({ records, end: "whole", salvaged: [] });
  });

  it("says that a damaged log cannot be opened, and what can still be read", () => {
    const disk = diskOf(1_000_000);
    const log = createLog(FILE, [{ step: 1 }, { step: 2 }, { step: 3 }], { roomBytes: 0, disk });
    const bytes = disk.bytesOf(FILE);
    bytes[bytes.indexOf('{"step":2}') + 8] = 0x39;
    disk.setBytes(FILE, bytes);
    expect(() => openLog(FILE, disk)).toThrow(journalError);
    expect(() => log.readNew()).not.toThrow();
    expect(readLog(FILE, disk)).toEqual({
      records: [{ step: 1 }],
      end: "damaged",
      salvaged: [{ step: 3 }],
    });
  });

  it("refuses a file of more than 256 MiB without reading it", () => {
    const disk = diskOf(1_000_000);
    createLog(FILE, [], { roomBytes: 0, disk });
    const open = disk.open.bind(disk);
    disk.open = (file, mode) => ({ ...open(file, mode), sizeBytes: () => 257 * 1024 * 1024 });
    expect(readLog(FILE, disk)).toEqual({ records: [], end: "damaged", salvaged: [] });
  });

  it("reads each record back", () => {
    const disk = diskOf(1_000_000);
    const log = createLog(FILE, [{ step: 1 }], { roomBytes: 0, disk });
    writeWrongly(disk);
    expect(() => createLog(FILE, [], { roomBytes: 0, disk })).toThrow(journalError);
    expect(readLog(`${FILE}.new`, disk)).toBeUndefined();
    expect(() => openLog(FILE, disk)?.log.append({ step: 2 })).toThrow(journalError);
    log.close();
  });

  it.each([1, 2, 3, 4])("finds that the last of %i records became room again", (count) => {
    const disk = diskOf(1_000_000);
    const log = createLog(FILE, [], { roomBytes: 0, disk });
    for (let step = 1; step <= count; step += 1) log.append({ step });
    const bytes = disk.bytesOf(FILE);
    bytes.fill("\n", bytes.indexOf(`{"step":${count}}`) - 11);
    disk.setBytes(FILE, bytes);
    expect(readLog(FILE, disk)?.end).toBe("damaged");
    expect(() => log.append({ step: "next" })).toThrow(journalError);
  });

  it.each(["short", "a record that is longer than the one that was taken back"])(
    "is opened again by a reader that read a record which was taken back: %s",
    (text) => {
      let onSync: (() => Fault) | undefined;
      const disk = diskOf(1_000_000, (operation) =>
        operation === "sync" ? onSync?.() : undefined,
      );
      const log = createLog(FILE, [], { roomBytes: 0, disk });
      const follower = openLog(FILE, disk)?.log;
      onSync = () => {
        onSync = undefined;
        expect(follower?.readNew()).toEqual([{ text: "other" }]);
        return "error";
      };
      expect(() => log.append({ text: "other" })).toThrow(journalError);
      log.append({ text });
      expect(() => follower?.readNew()).toThrow(journalError);
      expect(() => follower?.append({ step: 2 })).toThrow(journalError);
      expect(readLog(FILE, disk)?.records).toEqual([{ text }]);
    },
  );

  it("is not appended to where a record of another process became room again", () => {
    const disk = diskOf(1_000_000);
    const log = createLog(FILE, [], { roomBytes: 0, disk });
    const other = openLog(FILE, disk)?.log;
    log.append({ step: 1 });
    const bytes = disk.bytesOf(FILE);
    disk.setBytes(FILE, bytes.fill("\n", 1536));
    expect(() => other?.append({ step: 2 })).toThrow(journalError);
    expect(readLog(FILE, disk)?.end).toBe("damaged");
  });

  it("is not appended to over a record that another process wrote before it was killed", () => {
    let fault: Fault | undefined;
    const disk = diskOf(1_000_000, (operation) => (operation === "sync" ? fault : undefined));
    const log = createLog(FILE, [], { roomBytes: 0, disk });
    const other = openLog(FILE, disk)?.log;
    fault = "kill";
    expect(() => log.append({ step: 1 })).toThrow(Killed);
    fault = undefined;
    disk.restart();
    expect(() => other?.append({ step: 2 })).toThrow(/another process has appended to it/u);
    expect(other?.readNew()).toEqual([{ step: 1 }]);
    other?.append({ step: 2 });
    expect(readLog(FILE, disk)?.records).toEqual([{ step: 1 }, { step: 2 }]);
  });

  it("is not appended to where it is damaged behind the last record", () => {
    const disk = diskOf(1_000_000);
    const log = createLog(FILE, [{ step: 1 }], { roomBytes: 0, disk });
    const bytes = disk.bytesOf(FILE);
    const endBytes = bytes.indexOf(FILLER, bytes.indexOf('{"step":1}')) + 1;
    disk.setBytes(FILE, bytes.fill(0, endBytes, endBytes + 40));
    expect(() => log.append({ step: 2 })).toThrow(/it is damaged/u);
  });

  it("keeps the mark before the newest", () => {
    const disk = diskOf(1_000_000);
    const log = createLog(FILE, [], { roomBytes: 0, disk });
    for (let step = 1; step <= 5; step += 1) log.append({ step });
    const marks = disk.bytesOf(FILE).toString("latin1", 512, 1536);
    expect(marks.match(/\d+ records/gu)?.toSorted()).toEqual(["4 records", "5 records"]);
  });

  it("cuts a torn record whose first sector is missing", () => {
    const disk = diskOf(1_000_000);
    createLog(FILE, [{ step: 1 }], { roomBytes: 0, disk });
    const bytes = disk.bytesOf(FILE);
    bytes.fill("x", 2048, 3000);
    disk.setBytes(FILE, bytes);
    expect(readLog(FILE, disk)).toEqual({ records: [{ step: 1 }], end: "torn", salvaged: [] });
    openLog(FILE, disk)?.log.append({ step: 2 });
    expect(readLog(FILE, disk)).toMatchObject({
      records: [{ step: 1 }, { step: 2 }],
      end: "whole",
    });
  });

  it("flushes what a killed process had not, before it is obeyed", () => {
    let fault: Fault | undefined;
    const disk = new SimulatedDisk({
      // Nothing that was not flushed survives a power cut.
      random: () => 0.999,
      fault: ({ operation }) => (operation === "sync" ? fault : undefined),
    });
    const log = createLog(FILE, [], { roomBytes: 0, disk });
    fault = "kill";
    expect(() => log.append({ step: 1 })).toThrow(Killed);
    fault = undefined;
    disk.restart();
    expect(openLog(FILE, disk)?.contents.records).toEqual([{ step: 1 }]);
    disk.powerCut();
    expect(readLog(FILE, disk)?.records).toEqual([{ step: 1 }]);
  });

  it("is read again before a record that is being written is called torn", () => {
    const disk = diskOf(1_000_000);
    const log = createLog(FILE, [], { roomBytes: 0, disk });
    const before = disk.bytesOf(FILE);
    log.append({ step: 1 });
    const whole = disk.bytesOf(FILE);
    before.write(whole.toString("latin1", 1536, 1545), 1536);
    disk.setBytes(FILE, before);
    expect(readLog(FILE, disk)?.end).toBe("torn");
    disk.pause = () => disk.setBytes(FILE, whole);
    expect(readLog(FILE, disk)).toEqual({ records: [{ step: 1 }], end: "whole", salvaged: [] });
  });
});
