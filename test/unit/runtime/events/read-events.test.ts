import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { formatLine } from "../../../../src/runtime/events/line.ts";
import { readEventFolder, readLines } from "../../../../src/runtime/events/read-events.ts";
import { lineAt } from "../../../helpers/event-lines.ts";

function message(text: string) {
  return lineAt(0, { event: "message", level: "info", text });
}

function written(text: string): string {
  return formatLine(message(text));
}

/** Returns a line of a call with one field that is damaged. */
function withField(name: string, value: unknown): string {
  const answered = { event: "callAnswered", id: 1, method: "preRestore", durationMs: 1 } as const;
  const line = formatLine(lineAt(0, { ...answered, hresult: 0 }));
  return `${JSON.stringify({ ...Object(JSON.parse(line)), [name]: value })}\n`;
}

function textsOf(lines: ReturnType<typeof readLines>["lines"]): readonly string[] {
  return lines.flatMap((line) => (line.event === "message" ? [line.text] : []));
}

describe("readLines", () => {
  it.each([
    ["nothing", "", [], 0],
    ["whole lines", written("one") + written("two"), ["one", "two"], 0],
    ["a last line without its end", written("one").trimEnd(), ["one"], 0],
    ["lines as Windows ends them", written("one").replace("\n", "\r\n"), ["one"], 0],
    ["empty lines", `\n\n${written("one")}\n`, ["one"], 0],
    ["half of a line in between", `${written("one").slice(0, 40)}\n${written("two")}`, ["two"], 1],
    ["half of a line before another", written("one").slice(0, 40) + written("two"), ["two"], 1],
    ["what a power failure leaves", `\0\0\0\0${written("one")}`, ["one"], 1],
    ["a time that no calendar has", withField("time", "+275760-09-13T00:00:00.000Z"), [], 1],
    ["a time before the calendar", withField("time", "-000001-01-01T00:00:00.000Z"), [], 1],
    ["a duration longer than a life", withField("durationMs", Number.MAX_SAFE_INTEGER), [], 1],
    ["rubbish", "rubbish\n[]\n{}\n", [], 3],
    [
      "a text that looks like the start of a line",
      written('{"schemaVersion":1,"event":"serverStarted"}'),
      ['{"schemaVersion":1,"event":"serverStarted"}'],
      0,
    ],
  ])("reads %s", (_, text, texts, damaged) => {
    const read = readLines(Buffer.from(text));
    expect([textsOf(read.lines), read.damaged]).toEqual([texts, damaged]);
  });

  it("bounds texts that somebody else wrote, and leaves those that were bounded", () => {
    const line = JSON.stringify(message("")).replace(
      '"text":""',
      `"text":"${"x".repeat(100_000)}"`,
    );
    const bounded = written("y".repeat(100_000));
    const [long = "", cut = ""] = textsOf(readLines(Buffer.from(`${line}\n${bounded}`)).lines);
    expect(long).toMatch(/^x{4096}… \(100000 characters\)$/u);
    expect(cut).toMatch(/^y{4096}… \(100000 characters\)$/u);
  });

  it("skips an endless line", () => {
    const endless = written("").replace('"text":""', `"text":"${"x".repeat(17 * 1024 * 1024)}"`);
    const bytes = Buffer.from(endless + written("one"));
    expect(readLines(bytes)).toEqual({ lines: [message("one")], damaged: 1 });
  });

  it("reads bytes that are not text", () => {
    const bytes = Buffer.concat([
      Buffer.from([0xff, 0xfe, 0x80, 0x0a]),
      Buffer.from(written("one")),
    ]);
    expect(readLines(bytes)).toEqual({ lines: [message("one")], damaged: 1 });
  });
});

describe("readEvents", () => {
  let folder = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "wsb-read-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function write(name: string, ...texts: readonly string[]): void {
    writeFileSync(join(folder, name), texts.map(written).join(""));
  }

  it("reads rotated files first, in order", () => {
    write("addin.jsonl", "five");
    write("addin-20250801T120000000Z-10.jsonl", "three", "four");
    write("addin-20250731T235959999Z-9.jsonl", "one", "two");
    write("addin-other.jsonl", "not an event file");
    const { lines, damaged } = readEventFolder(folder, readFileSync);
    expect(textsOf(lines)).toEqual(["one", "two", "three", "four", "five"]);
    expect(damaged).toBe(0);
  });

  it("reads only as many whole files as it needs", () => {
    write("addin.jsonl", "five");
    write("addin-20250801T120000000Z-10.jsonl", "three", "four");
    write("addin-20250731T235959999Z-9.jsonl", "one", "two");
    const { lines } = readEventFolder(folder, readFileSync, (read) => read.length > 1);
    expect(textsOf(lines)).toEqual(["three", "four", "five"]);
  });

  it("reads rotated files when the current file is missing", () => {
    write("addin-20250801T120000000Z-10.jsonl", "one");
    expect(textsOf(readEventFolder(folder, readFileSync).lines)).toEqual(["one"]);
  });

  it("returns no lines without event files", () => {
    expect(readEventFolder(join(folder, "none"), readFileSync)).toEqual({
      lines: [],
      damaged: 0,
      unreadable: [],
    });
  });

  it.each(["addin.jsonl", "addin-20250801T120000001Z-10.jsonl"])(
    "reports a folder with the name %s, and reads the other files",
    (name) => {
      mkdirSync(join(folder, name));
      write("addin-20250801T120000000Z-10.jsonl", "one");
      const { lines, damaged, unreadable } = readEventFolder(folder, readFileSync);
      expect([textsOf(lines), damaged]).toEqual([["one"], 0]);
      expect(unreadable).toEqual([expect.stringContaining(join(folder, name))]);
    },
  );

  it("reports a folder of events that cannot be listed", () => {
    write("addin.jsonl", "one");
    expect(() => readEventFolder(join(folder, "addin.jsonl"), readFileSync)).toThrow(
      expect.objectContaining({ code: "ERR_WSB_FILE", errno: "ENOTDIR" }),
    );
  });
});
