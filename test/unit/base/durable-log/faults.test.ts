import { describe, expect, it } from "vitest";

import { createLog } from "../../../../src/base/durable-log/create-log.ts";
import { openLog } from "../../../../src/base/durable-log/open-log.ts";
import { readLog } from "../../../../src/base/durable-log/read-log.ts";
import { SimulatedDisk, type Fault } from "../../../helpers/simulated-disk.ts";
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

const steps: LogScript["steps"] = [
  { kind: "append", sizeBytes: 0 },
  { kind: "append", sizeBytes: 700 },
  { kind: "follow" },
  { kind: "reserve", sizeBytes: 30_000 },
  { kind: "append", sizeBytes: 2000 },
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
});
