import { mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import {
  LineAppender,
  appendLine,
  rotatedFiles,
} from "../../../../src/runtime/events/rotating-file.ts";

const CURRENT = "addin.jsonl";
const limits = { maxBytes: 30, files: 5 };
let folder = "";
let appender: LineAppender;

beforeEach(() => {
  vi.useFakeTimers();
  folder = mkdtempSync(join(tmpdir(), "wsb-appender-"));
  appender = new LineAppender(folder, limits);
});
afterEach(() => {
  appender.close();
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

function read(name: string): string {
  return readFileSync(join(folder, name), "utf8");
}

describe("LineAppender", () => {
  it("writes each line at once", () => {
    appender.append("one\n");
    expect(read(CURRENT)).toBe("one\n");
    appender.append("two\n");
    expect(read(CURRENT)).toBe("one\ntwo\n");
  });

  it("rotates a full file, counting its earlier contents", () => {
    appendLine(folder, "before it was opened\n", limits);
    appender.append("fits in\n");
    appender.append("does not\n");
    const [rotated = "", ...others] = rotatedFiles(folder);
    expect(others).toEqual([]);
    expect([read(rotated), read(CURRENT)]).toEqual([
      "before it was opened\nfits in\n",
      "does not\n",
    ]);
  });

  it("appends together with another process", () => {
    appender.append("one\n");
    appendLine(folder, "two\n", limits);
    appender.append("three\n");
    expect(read(CURRENT)).toBe("one\ntwo\nthree\n");
  });

  it("returns to the current file a second after another process has rotated it", () => {
    appender.append("one\n");
    renameSync(join(folder, CURRENT), join(folder, "aside"));
    appender.append("two\n");
    expect(read("aside")).toBe("one\ntwo\n");
    vi.advanceTimersByTime(1000);
    appender.append("three\n");
    expect([read("aside"), read(CURRENT)]).toEqual(["one\ntwo\n", "three\n"]);
  });

  it("can be closed twice and still be used", () => {
    appender.append("one\n");
    appender.close();
    appender.close();
    appender.append("two\n");
    expect(read(CURRENT)).toBe("one\ntwo\n");
  });

  it("throws the file system's error, and tries again with the next line", () => {
    const place = join(folder, "not yet");
    const early = new LineAppender(place, limits);
    expect(() => early.append("lost\n")).toThrow("ENOENT");
    renameSync(mkdtempSync(join(folder, "x")), place);
    early.append("kept\n");
    early.close();
    expect(readFileSync(join(place, CURRENT), "utf8")).toBe("kept\n");
  });
});
