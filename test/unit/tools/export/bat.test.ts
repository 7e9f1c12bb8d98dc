import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { bat, quoteArgument } from "../../../../src/tools/export/bat.ts";
import { encodeString } from "../../../../src/tools/registration/registry-value.ts";
import { contextOf, planOf, planWith, textOf } from "./context.ts";

/** Returns what cmd.exe passes on of a line, or `undefined` if a character is special. */
function throughCmd(line: string): string | undefined {
  let isQuoted = false;
  let result = "";
  for (let index = 0; index < line.length; index += 1) {
    let character = line[index] ?? "";
    if (character === "%") {
      index += 1;
      if (line[index] !== "%") return undefined;
    } else if (character === '"') {
      isQuoted = !isQuoted;
    } else if (!isQuoted) {
      if ("&|<>()".includes(character)) return undefined;
      if (character === "^") {
        index += 1;
        character = line[index] ?? "";
      }
    }
    result += character;
  }
  return result;
}

/**
 * Returns the first argument by the rules of C programs.
 *
 * @see https://learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments
 */
function firstArgument(line: string): string {
  let isQuoted = false;
  let result = "";
  for (let rest = line; rest !== "";) {
    const [all, backslashes = "", quote = ""] = /^(\\*)("?)/u.exec(rest) ?? [""];
    if (all === "") {
      if (!isQuoted && rest.startsWith(" ")) break;
      result += rest[0] ?? "";
      rest = rest.slice(1);
      continue;
    }
    rest = rest.slice(all.length);
    if (quote === "") {
      result += backslashes;
    } else {
      result += "\\".repeat(Math.floor(backslashes.length / 2));
      if (backslashes.length % 2 === 1) result += '"';
      else isQuoted = !isQuoted;
    }
  }
  return result;
}

describe("quoteArgument", () => {
  const hostile = fc.string({
    unit: fc.constantFrom(...Array.from(`"\\%^&|<>()! a'[]{}#ö`)),
    maxLength: 24,
  });

  it("arrives unchanged through cmd.exe and the program's own parsing", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const line = throughCmd(`${quoteArgument(text)} /f`);
        return line !== undefined && firstArgument(line) === text;
      }),
      { numRuns: 3000 },
    );
  });

  it("uses the documented form for plain text", () => {
    expect(quoteArgument("My Application")).toBe('"My Application"');
    expect(quoteArgument('"C:\\node.exe"')).toBe('"\\"C:\\node.exe\\""');
  });
});

describe("bat", () => {
  it("writes one checked reg add for each value, 64-bit view", () => {
    const lines = textOf(bat).split("\r\n");
    const added = lines.filter((line) => line.includes(" add "));
    expect(added).toHaveLength(planOf().length);
    expect(added.every((line) => line.endsWith("/f /reg:64"))).toBe(true);
    expect(lines.filter((line) => line === "if errorlevel 1 goto failed")).toHaveLength(
      added.length,
    );
  });

  it("does not change the code page for ASCII, and has no byte order mark", () => {
    expect(textOf(bat)).toMatch(/^@echo off\r\n/u);
    expect(textOf(bat)).not.toContain("chcp");
  });

  it("switches the code page before the first character beyond ASCII", () => {
    const text = textOf(bat, { applicationIdentifier: "Größe" });
    expect(text.indexOf("chcp 65001")).toBeGreaterThan(0);
    expect(text.indexOf("chcp 65001")).toBeLessThan(text.indexOf("Größe"));
  });

  it("has a label for every goto", () => {
    const text = textOf(bat, { applicationIdentifier: "Größe" });
    for (const [, label] of text.matchAll(/goto (\w+)/gu))
      expect(text).toContain(`\r\n:${label}\r\n`);
  });

  it.each([
    ["REG_EXPAND_SZ", 2, Buffer.from("%PATH%\0", "utf16le"), '/t REG_EXPAND_SZ /d "%%PATH%%"'],
    ["REG_BINARY", 3, Buffer.from([1, 0xff]), '/t REG_BINARY /d "01ff"'],
    ["REG_DWORD", 4, Buffer.from([1, 0, 0, 0x80]), "/t REG_DWORD /d 2147483649"],
    ["REG_MULTI_SZ", 7, Buffer.from("a|b\0c\0\0", "utf16le"), '/t REG_MULTI_SZ /s ";" /d "a|b;c"'],
  ])("writes %s", (_, type, data, expected) => {
    const [file] = bat.write(planWith({ type, data: new Uint8Array(data) }), contextOf());
    expect(Buffer.from(file?.content ?? []).toString("utf8")).toContain(expected);
  });

  it.each([
    ["half of a surrogate pair", encodeString("\uD83D")],
    ["a line break", encodeString("a\nb")],
    ["a string without its end", { type: 1, data: new Uint8Array([65, 0]) }],
    ["a type without a name", { type: 11, data: new Uint8Array(8) }],
  ])("refuses %s", (_, value) => {
    expect(() => bat.write(planWith(value), contextOf())).toThrow(
      expect.objectContaining({ code: "ERR_WSB_INVALID_ARGUMENT" }),
    );
  });

  it("exports an application without an add-in", () => {
    expect(textOf(bat, { addin: undefined }).match(/ add /gu)).toHaveLength(1);
  });
});
