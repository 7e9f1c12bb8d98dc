import { describe, expect, it } from "vitest";

import { formatCommandLine } from "../../../../src/runtime/addin/command-line.ts";

describe("formatCommandLine", () => {
  it.each([
    ["nothing", [], '"C:\\a b\\c.exe"'],
    ["a word", ["word"], '"C:\\a b\\c.exe" "word"'],
    ["an empty argument", [""], '"C:\\a b\\c.exe" ""'],
    ["a quote", ['say "hi"'], '"C:\\a b\\c.exe" "say \\"hi\\""'],
    ["a backslash at the end", ["C:\\x y\\"], '"C:\\a b\\c.exe" "C:\\x y\\\\"'],
    ["backslashes before a quote", ['a\\\\"b'], '"C:\\a b\\c.exe" "a\\\\\\\\\\"b"'],
    ["backslashes elsewhere", ["\\\\?\\a\\b"], '"C:\\a b\\c.exe" "\\\\?\\a\\b"'],
  ])("quotes %s", (_, args, expected) => {
    expect(formatCommandLine("C:\\a b\\c.exe", args)).toBe(expected);
  });
});
