import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { createLog } from "../../../../src/base/durable-log/create-log.ts";
import { openLog } from "../../../../src/base/durable-log/open-log.ts";
import { readLog } from "../../../../src/base/durable-log/read-log.ts";

const journalError = expect.objectContaining({ code: "ERR_WSB_JOURNAL" });

let folder: string;
let file: string;
let count = 0;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "durable-log-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  count += 1;
  file = join(folder, `log-${count}`);
});

describe("a durable log on this machine's disk", () => {
  it("gives back what was written, lone surrogates too", () => {
    const log = createLog(file, [{ text: "\uD800\u2028\n" }], { roomBytes: 0 });
    log.append(["second"]);
    log.close();
    const records = [{ text: "\uD800\u2028\n" }, ["second"]];
    expect(readLog(file)).toEqual({ records, end: "whole", salvaged: [] });
  });

  it("has an id of its own, so that it is never taken for another one at its path", () => {
    const ids = Array.from({ length: 20 }, () => {
      createLog(file, [], { roomBytes: 0 });
      return /^wsb-addin log 1 ([\da-f]{8})\./u.exec(readFileSync(file, "latin1"))?.[1];
    });
    expect(new Set(ids).size).toBe(20);
    expect(ids).not.toContain(undefined);
  });

  it("begins as large as its records and its room need, and no larger than a log may be", () => {
    createLog(file, [], { roomBytes: 100_000 });
    const sizeBytes = statSync(file).size;
    expect(sizeBytes).toBeGreaterThanOrEqual(100_000);
    expect(sizeBytes).toBeLessThan(100_000 + 2 * 16_384);
    expect(sizeBytes % 16_384).toBe(0);
    expect(() => createLog(file, [], { roomBytes: 256 * 1024 * 1024 })).toThrow(journalError);
    expect(statSync(file).size).toBe(sizeBytes);
  });

  it("is undefined when there is no file", () => {
    expect(readLog(file)).toBeUndefined();
    expect(openLog(file)).toBeUndefined();
  });

  it("follows what others append, and each record once", () => {
    const mine = createLog(file, [], { roomBytes: 0 });
    const other = openLog(file);
    mine.append({ step: 1 });
    mine.append({ step: 2 });
    expect(other?.log.readNew()).toEqual([{ step: 1 }, { step: 2 }]);
    expect(other?.log.readNew()).toEqual([]);
    other?.log.append({ step: 3 });
    expect(other?.log.readNew()).toEqual([]);
    expect(mine.readNew()).toEqual([{ step: 3 }]);
    mine.close();
    other?.log.close();
  });

  it("refuses to append over a record that it has not read", () => {
    const mine = createLog(file, [], { roomBytes: 0 });
    openLog(file)?.log.append({ step: 1 });
    expect(() => mine.append({ step: 2 })).toThrow(journalError);
    mine.readNew();
    mine.append({ step: 2 });
    mine.close();
    expect(readLog(file)?.records).toEqual([{ step: 1 }, { step: 2 }]);
  });

  it("does not grow while it has reserved room", () => {
    const log = createLog(file, [], { roomBytes: 1000 });
    log.reserve(100_000);
    const { size } = statSync(file);
    expect(size).toBeGreaterThan(100_000);
    for (let step = 0; step < 100; step += 1) log.append({ step, text: "x".repeat(900) });
    expect(statSync(file).size).toBe(size);
    log.close();
  });

  it.each([
    ["replaced", () => createLog(file, [], { roomBytes: 0 }).close()],
    ["removed", () => rmSync(file)],
    ["cut", () => truncateSync(file, statSync(file).size - 1)],
  ])("neither appends to nor follows a file that was %s", (_, change) => {
    const log = createLog(file, [{ step: 1 }], { roomBytes: 0 });
    log.append({ step: 2 });
    change();
    expect(() => log.append({ step: 3 })).toThrow(journalError);
    expect(() => log.readNew()).toThrow(journalError);
    log.close();
  });

  it("refuses a record that is no object, or larger than 1 MiB, and stays as it was", () => {
    const log = createLog(file, [], { roomBytes: 0 });
    expect(() => log.append({ text: "x".repeat(1024 * 1024) })).toThrow(journalError);
    expect(() => log.append(new Date())).toThrow(journalError);
    expect(readLog(file)).toEqual({ records: [], end: "whole", salvaged: [] });
  });
});
