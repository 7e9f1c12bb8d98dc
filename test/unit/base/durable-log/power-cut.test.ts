import { describe, expect, it } from "vitest";

import { createLog } from "../../../../src/base/durable-log/create-log.ts";
import type { DurableLog } from "../../../../src/base/durable-log/durable-log.ts";
import { openLog } from "../../../../src/base/durable-log/open-log.ts";
import { readLog } from "../../../../src/base/durable-log/read-log.ts";
import {
  Killed,
  SimulatedDisk,
  type SimulatedDiskOptions,
} from "../../../helpers/simulated-disk.ts";

const FILE = "log";
const SEEDS = 40;

/** A disk whose power cuts leave what a number decides. */
function diskOf(seed: number, fault?: SimulatedDiskOptions["fault"]): SimulatedDisk {
  let state = seed + 1;
  const random = (): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  return new SimulatedDisk({ random, ...(fault && { fault }) });
}

/** A disk whose process is killed in the flush that has this number from now on. */
function killableDisk(seed: number): {
  readonly disk: SimulatedDisk;
  readonly killAt: (flush: number) => void;
} {
  let left = Number.POSITIVE_INFINITY;
  const disk = diskOf(seed, ({ operation }) => {
    if (operation !== "sync") return undefined;
    left -= 1;
    return left === 0 ? "kill" : undefined;
  });
  return {
    disk,
    killAt: (flush) => {
      left = flush;
    },
  };
}

/** The records that a power cut leaves, for each seed, after some work with a log of one record. */
function afterPowerCut(work: (log: DurableLog, disk: SimulatedDisk) => void): readonly unknown[] {
  return Array.from({ length: SEEDS }, (_, seed) => {
    const disk = diskOf(seed);
    const log = createLog(FILE, [{ first: true }], { roomBytes: 1000, disk });
    work(log, disk);
    disk.powerCut();
    const contents = readLog(FILE, disk);
    return [contents?.end, contents?.records.length];
  });
}

describe("a power cut takes nothing back", () => {
  it("of a record that a killed process had not flushed, when another one has made room behind it", () => {
    for (let seed = 0; seed < SEEDS; seed += 1) {
      const { disk, killAt } = killableDisk(seed);
      const log = createLog(FILE, [{ first: true }], { roomBytes: 1000, disk });
      const follower = openLog(FILE, disk)?.log;
      killAt(1);
      expect(() => log.append({ second: true })).toThrow(Killed);
      disk.restart();
      expect(follower?.readNew()).toEqual([{ second: true }]);
      // Flushes the record, then the new room; the power fails before its mark is flushed.
      killAt(3);
      expect(() => follower?.reserve(100_000)).toThrow(Killed);
      disk.powerCut();
      expect(readLog(FILE, disk)?.end).not.toBe("damaged");
      expect(readLog(FILE, disk)?.records).toHaveLength(2);
    }
  });

  it("of a new log", () => {
    const left = afterPowerCut(() => {});
    expect(new Set(left.map(String))).toEqual(new Set(["whole,1"]));
  });

  it("of a record, when its append has returned", () => {
    const left = afterPowerCut((log) => log.append({ second: true }));
    // The mark may be cut, which is noticed; the record stands.
    expect(new Set(left.map(String).map((text) => text.replace("torn", "whole")))).toEqual(
      new Set(["whole,2"]),
    );
  });

  it("of a record that made the log grow, and of one behind it", () => {
    const left = afterPowerCut((log) => {
      log.append({ text: "x".repeat(40_000) });
      log.append({ third: true });
    });
    expect(new Set(left.map(String).map((text) => text.replace("torn", "whole")))).toEqual(
      new Set(["whole,3"]),
    );
  });

  it("of the room that was reserved", () => {
    for (let seed = 0; seed < SEEDS; seed += 1) {
      const disk = diskOf(seed);
      const log = createLog(FILE, [{ first: true }], { roomBytes: 1000, disk });
      log.reserve(100_000);
      disk.powerCut();
      expect(readLog(FILE, disk)?.records).toHaveLength(1);
      disk.setSpace(0);
      openLog(FILE, disk)?.log.append({ text: "x".repeat(90_000) });
      expect(readLog(FILE, disk)?.records).toHaveLength(2);
    }
  });

  it("of a record behind the rest of one that was torn", () => {
    for (let seed = 0; seed < SEEDS; seed += 1) {
      const disk = diskOf(seed);
      tearRecord(disk);
      openLog(FILE, disk)?.log.append({ second: true });
      disk.powerCut();
      expect(readLog(FILE, disk)?.records).toEqual([{ first: true }, { second: true }]);
    }
  });

  it("and damages nothing while the rest of a torn record is written over", () => {
    for (let seed = 0; seed < SEEDS; seed += 1) {
      for (const flush of [1, 2]) {
        const { disk, killAt } = killableDisk(seed);
        tearRecord(disk);
        const opened = openLog(FILE, disk);
        killAt(flush);
        expect(() => opened?.log.append({ second: true })).toThrow(Killed);
        disk.powerCut();
        expect(readLog(FILE, disk)?.end).not.toBe("damaged");
      }
    }
  });
});

/** Makes a log of one record, and a long second one of which only the beginning was written. */
function tearRecord(disk: SimulatedDisk): void {
  createLog(FILE, [{ first: true }], { roomBytes: 10_000, disk });
  const bytes = disk.bytesOf(FILE);
  const logId = /log 1 ([\da-f]{8})/u.exec(bytes.toString("latin1", 0, 30))?.[1] ?? "";
  const torn = `2 ${logId} {"text":"${"y".repeat(3000)}`;
  bytes.write(torn, bytes.lastIndexOf("}") + 11, "latin1");
  disk.setBytes(FILE, bytes);
  expect(readLog(FILE, disk)?.end).toBe("torn");
}
