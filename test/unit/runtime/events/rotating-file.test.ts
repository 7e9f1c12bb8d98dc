import { execFile } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { appendLine, rotatedFiles } from "../../../../src/runtime/events/rotating-file.ts";
import { bundleRecordWriter } from "../../../helpers/record-writers.ts";

const run = promisify(execFile);
const CURRENT = "addin.jsonl";
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wsb-rotate-"));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

function read(name: string): string {
  return readFileSync(join(folder, name), "utf8");
}

/** Returns all lines, oldest first. */
function readAll(): readonly string[] {
  const text = [...rotatedFiles(folder), CURRENT].map(read).join("");
  return text.trimEnd().split("\n");
}

describe("appendLine", () => {
  it("rotates a full file", () => {
    const limits = { maxBytes: 10, files: 5 };
    for (const line of ["12345678\n", "a\n", "b\n"]) appendLine(folder, line, limits);
    const [rotated = "", ...others] = rotatedFiles(folder);
    expect(others).toEqual([]);
    expect([read(rotated), read(CURRENT)]).toEqual(["12345678\n", "a\nb\n"]);
  });

  it("keeps the newest bytes up to the limit of all files", () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    for (let number = 0; number < 100; number += 1) {
      // No rotation happens twice within a millisecond.
      vi.advanceTimersByTime(1);
      appendLine(folder, `line ${number.toString().padStart(3, "0")}\n`, {
        maxBytes: 30,
        files: 3,
      });
    }
    // Three lines a file, with the hundredth in the third.
    expect(readAll()).toEqual([93, 94, 95, 96, 97, 98, 99].map((number) => `line 0${number}`));
  });

  it("keeps one file when the limit is one", () => {
    for (const line of ["first\n", "second\n"]) appendLine(folder, line, { maxBytes: 8, files: 1 });
    expect(readdirSync(folder)).toEqual([CURRENT]);
    expect(read(CURRENT)).toBe("second\n");
  });

  it("counts bytes and not characters", () => {
    for (const line of ["ßßß\n", "ß\n"]) appendLine(folder, line, { maxBytes: 8, files: 2 });
    expect(rotatedFiles(folder)).toHaveLength(1);
  });

  it("does not remove foreign files", () => {
    const others = ["addin-.jsonl", "addin-20250801T120000123Z-1.jsonl.bak", "journal.json"];
    for (const name of others) writeFileSync(join(folder, name), "x".repeat(1000));
    for (const line of ["first\n", "second\n"]) appendLine(folder, line, { maxBytes: 8, files: 1 });
    expect(readdirSync(folder).toSorted()).toEqual([...others, CURRENT].toSorted());
  });

  it("continues in a file that cannot be rotated, up to the limit of all files", () => {
    // Cannot be removed, because it is a folder that is not empty.
    const limits = { maxBytes: 10, files: 2 };
    writeFileSync(join(folder, CURRENT), "0123456789");
    vi.useFakeTimers({ toFake: ["Date"], now: new Date("2025-08-01T12:00:00.123Z") });
    mkdirSync(join(folder, `addin-20250801T120000123Z-${process.pid}.jsonl`, "x"), {
      recursive: true,
    });
    for (let number = 0; number < 100; number += 1) appendLine(folder, "more\n", limits);
    expect(read(CURRENT)).toBe("0123456789more\nmore\n");
  });

  it("throws the file system's error", () => {
    const limits = { maxBytes: 10, files: 2 };
    expect(() => appendLine(join(folder, "none"), "x\n", limits)).toThrow("ENOENT");
  });

  it("continues after a broken line", () => {
    appendFileSync(join(folder, CURRENT), "broken");
    appendLine(folder, "x\n", { maxBytes: 100, files: 2 });
    expect(read(CURRENT)).toBe("brokenx\n");
  });

  it("neither loses nor mixes lines while three processes write and rotate", async () => {
    const writer = await bundleRecordWriter(folder);
    const names = ["one", "two", "three"];
    const count = 400;
    await Promise.all(
      names.map((name) =>
        run(process.execPath, [writer, folder, name, String(count), "20000", "1000"]),
      ),
    );
    const lines = readAll();
    expect(lines.every((line) => /^(?:one|two|three) \d+ x+$/u.test(line))).toBe(true);
    for (const name of names) {
      const numbers = lines
        .filter((line) => line.startsWith(`${name} `))
        .map((line) => Number(line.split(" ")[1]));
      expect(numbers.toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: count }, (_, index) => index),
      );
    }
    expect(rotatedFiles(folder).length).toBeGreaterThan(10);
  });
});
