import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createLog } from "../../../../src/base/durable-log/create-log.ts";
import { openLog } from "../../../../src/base/durable-log/open-log.ts";
import { readLog } from "../../../../src/base/durable-log/read-log.ts";
import { SmallDisk, canMount } from "../../../helpers/small-disk.ts";

const fullDisk = expect.objectContaining({ code: "ERR_WSB_JOURNAL", errno: "ENOSPC" });

describe.runIf(canMount)("a durable log on a small file system", () => {
  let folder: string;
  let file: string;
  let disk: SmallDisk;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "small-disk-"));
    file = join(folder, "log");
    disk = new SmallDisk(folder, 128 * 1024);
    createLog(file, [{ step: 0 }], { roomBytes: 20_000 }).close();
    disk.fill();
  });

  afterAll(() => {
    disk.remove();
    rmSync(folder, { recursive: true });
  });

  it("is not replaced when there is no space for a new one", () => {
    expect(() => createLog(file, [], { roomBytes: 0 })).toThrow(fullDisk);
    expect(readLog(file)).toEqual({ records: [{ step: 0 }], end: "whole", salvaged: [] });
  });

  it("uses its room, is refused more, and stays whole", () => {
    const log = openLog(file)?.log;
    for (let step = 1; step <= 20; step += 1) log?.append({ step, text: "x".repeat(900) });
    expect(() => log?.reserve(50_000)).toThrow(fullDisk);
    expect(() => log?.append({ text: "x".repeat(30_000) })).toThrow(fullDisk);
    log?.close();
    expect(readLog(file)).toMatchObject({ end: "whole", records: { length: 21 } });
  });
});
