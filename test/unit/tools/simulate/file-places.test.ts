import { describe, expect, it } from "vitest";

import {
  backupFolderOf,
  expandVariables,
  hasFile,
  matchesFilespec,
} from "../../../../src/tools/simulate/file-places.ts";

describe("expandVariables", () => {
  const environment = { ProgramData: "C:\\ProgramData", Empty: "", "ProgramFiles(x86)": "C:\\x86" };
  it.each([
    ["%ProgramData%\\Ledger", "C:\\ProgramData\\Ledger"],
    ["%PROGRAMDATA%\\a\\%programdata%", "C:\\ProgramData\\a\\C:\\ProgramData"],
    ["%ProgramFiles(x86)%\\a", "C:\\x86\\a"],
    ["%Unknown%\\a", "%Unknown%\\a"],
    ["%Empty%a", "a"],
    ["100%", "100%"],
    ["%%", "%%"],
    ["", ""],
  ])("expands %j to %j", (path, expanded) => {
    expect(expandVariables(path, environment)).toBe(expanded);
  });
});

describe("matchesFilespec", () => {
  it.each([
    ["*", "a", true],
    ["*.*", "a", true],
    ["*.*", "a.b", true],
    ["*.dat", "a.DAT", true],
    ["*.dat", "a.data", false],
    ["*.dat", "adat", false],
    ["a?c", "abc", true],
    ["a?c", "ac", false],
    ["a+(b)[c]^$.{d}|", "A+(B)[C]^$.{D}|", true],
    ["a.c", "abc", false],
    ["größe*", "GRÖSSE1", false],
    ["größe*", "GRÖßE1", true],
    ["\u{1F4D2}?", "\u{1F4D2}x", true],
    ["", "a", false],
    ["*a*b*", "xxaxxbxx", true],
    ["*a*b*", "xxbxxaxx", false],
  ])("of %j for %j is %s", (filespec, name, matches) => {
    expect(matchesFilespec(filespec, name)).toBe(matches);
  });
});

describe("backupFolderOf", () => {
  it.each([
    ["C:\\ProgramData\\Ledger", "B:\\backup\\C\\ProgramData\\Ledger"],
    ["d:\\a\\", "B:\\backup\\D\\a\\"],
    ["C:/a/b", "B:\\backup\\C\\a\\b"],
    ["C:\\", "B:\\backup\\C"],
    ["C:\\a\\.\\b", "B:\\backup\\C\\a\\b"],
    ["C:\\a..b\\..c", "B:\\backup\\C\\a..b\\..c"],
  ])("maps %j to %j", (path, kept) => {
    expect(backupFolderOf("B:\\backup", path)).toBe(kept);
  });

  it.each([
    "C:\\..\\Windows",
    "C:\\a\\..\\..\\b",
    "C:\\a\\..",
    "C:/a/../b",
    "..\\a",
    "..",
    "a\\b",
    "\\a",
    "C:a",
    "C:",
    "\\\\server\\share\\a",
    "\\\\?\\C:\\a",
    "\\\\.\\C:\\a",
    "%Unknown%\\a",
    "/etc",
    "",
  ])("refuses %j", (path) => {
    expect(() => backupFolderOf("B:\\backup", path)).toThrow(
      expect.objectContaining({ code: "ERR_WSB_INVALID_ARGUMENT" }),
    );
  });
});

describe("F: a file pattern with many stars", () => {
  it("is compared in no time, as before", () => {
    const pattern = `${"*a".repeat(40)}b`;
    const name = "a".repeat(5000);
    const startMs = performance.now();
    expect(matchesFilespec(pattern, name)).toBe(false);
    expect(matchesFilespec(pattern, `${name}b`)).toBe(true);
    expect(performance.now() - startMs).toBeLessThan(2000);
  });

  it.each([
    ["*", "", true],
    ["?", "", false],
    ["a*b*c", "aXbXbc", true],
    ["a*b*c", "aXbXbd", false],
    ["**.log", "x.LOG", true],
    ["*.d?t", "x.data", false],
  ])("%s for %s: %s", (pattern, name, expected) => {
    expect(matchesFilespec(pattern, name)).toBe(expected);
  });
});

describe("hasFile", () => {
  it.each([
    ["C:\\Ledger\\a.dat", true],
    ["c:\\LEDGER\\A.DAT", true],
    ["C:\\Ledger\\sub\\a.dat", false],
    ["C:\\Ledger2\\a.dat", false],
    ["C:\\Ledger\\a.log", false],
  ])("of a folder, without its subfolders: %s is %s", (file, isIn) => {
    const spec = { path: "C:\\Ledger\\", filespec: "*.dat", recursive: false };
    expect(hasFile(spec, file)).toBe(isIn);
  });

  it("of subfolders too", () => {
    const spec = { path: "C:\\Ledger", filespec: "*.dat", recursive: true };
    expect(hasFile(spec, "C:\\Ledger\\sub\\deep\\a.dat")).toBe(true);
    expect(hasFile(spec, "C:\\Ledger2\\sub\\a.dat")).toBe(false);
  });
});
