import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import {
  backupFolderOf,
  machineDisk,
  expandVariables,
  matchesFilespec,
  restoreFiles,
  type Disk,
} from "../../../../src/tools/simulate/restore-files.ts";
import { filesBelow } from "../../../generator/generator.ts";

let folder: string;

/** Returns the place of a Windows path on this machine: drive C is the folder `target`. */
function local(path: string): string {
  return path.replace(/^C:/u, `${folder}/target`).replaceAll("\\", "/");
}

const disk: Disk = {
  listFiles: (path, options) => machineDisk.listFiles(local(path), options),
  copyFile: (from, to) => machineDisk.copyFile(local(from), local(to)),
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wsb-restore-"));
  for (const file of ["a.dat", "b.log", "sub/c.dat", "sub/deep/d.dat"]) {
    const path = join(folder, "backup/C/Ledger", file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `backup of ${file}`);
  }
  mkdirSync(join(folder, "target"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function restore(path: string, filespec: string, recursive: boolean): Promise<number> {
  return restoreFiles(join(folder, "backup"), [{ path, filespec, recursive }], disk);
}

function restored(): readonly string[] {
  return filesBelow(join(folder, "target"));
}

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

describe("restoreFiles", () => {
  it.each([
    ["*", false, ["Ledger/a.dat", "Ledger/b.log"]],
    ["*.dat", false, ["Ledger/a.dat"]],
    ["*.dat", true, ["Ledger/a.dat", "Ledger/sub/c.dat", "Ledger/sub/deep/d.dat"]],
    ["none", true, []],
  ])("copies %s (recursive: %s)", async (filespec, recursive, files) => {
    await expect(restore("C:\\Ledger", filespec, recursive)).resolves.toBe(files.length);
    expect(restored()).toEqual(files);
    for (const file of files) {
      const text = readFileSync(join(folder, "target", file), "utf8");
      expect(text).toBe(`backup of ${file.replace("Ledger/", "")}`);
    }
  });

  it("overwrites existing files, and expands variables", async () => {
    vi.stubEnv("WSB_TEST_ROOT", "C:\\Ledger");
    mkdirSync(join(folder, "target/Ledger"));
    writeFileSync(join(folder, "target/Ledger/a.dat"), "newer");
    await restore("%wsb_test_root%", "a.dat", false);
    expect(readFileSync(join(folder, "target/Ledger/a.dat"), "utf8")).toBe("backup of a.dat");
  });

  it("copies nothing when one of the paths is refused", async () => {
    const files = ["C:\\Ledger", "C:\\Ledger\\..\\..\\x"].map((path) => ({
      path,
      filespec: "*",
      recursive: true,
    }));
    await expect(restoreFiles(join(folder, "backup"), files, disk)).rejects.toMatchObject({
      code: "ERR_WSB_INVALID_ARGUMENT",
    });
    expect(restored()).toEqual([]);
  });

  it.each([
    [
      "a file that cannot be written",
      "C:\\Ledger",
      () => {
        mkdirSync(join(folder, "target/Ledger/a.dat"), { recursive: true });
      },
    ],
    ["a folder that the backup does not have", "C:\\Missing", () => {}],
  ])("fails with a code for %s", async (_, path, prepare) => {
    prepare();
    await expect(restore(path, "a.dat", false)).rejects.toMatchObject({
      code: "ERR_WSB_FILE",
      errno: expect.any(String),
    });
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
