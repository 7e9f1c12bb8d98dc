import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createLog } from "../../../../src/base/durable-log/create-log.ts";
import { openLog } from "../../../../src/base/durable-log/open-log.ts";
import { readLog } from "../../../../src/base/durable-log/read-log.ts";

const fullDisk = expect.objectContaining({ code: "ERR_WSB_JOURNAL", errno: "ENOSPC" });

const folder = mkdtempSync(join(tmpdir(), "small-disk-"));
const canMount =
  process.platform === "linux" &&
  process.getuid?.() === 0 &&
  spawnSync("mount", ["-t", "tmpfs", "-o", "size=128k", "none", folder]).status === 0;

/** Takes all blocks that are free. */
function fillDisk(): void {
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(join(folder, "all-the-rest"), Buffer.alloc(bavail * bsize));
}

afterAll(() => {
  if (canMount) spawnSync("umount", [folder]);
  rmSync(folder, { recursive: true });
});

describe.runIf(canMount)("a durable log on a small file system", () => {
  const file = join(folder, "log");

  beforeAll(() => {
    createLog(file, [{ step: 0 }], { roomBytes: 20_000 }).close();
    fillDisk();
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
