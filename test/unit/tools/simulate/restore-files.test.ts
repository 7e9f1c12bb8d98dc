import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type {
  AlternateLocationMapping,
  RestoreMethod,
} from "../../../../src/runtime/metadata/writer-metadata.ts";
import {
  restoreFiles,
  type RestoredFiles,
  type RestoreRules,
} from "../../../../src/tools/simulate/restore-files.ts";
import { machineDisk, type Disk } from "../../../../src/tools/simulate/set-files.ts";
import { filesBelow } from "../../../generator/generator.ts";

let folder: string;

/** Returns the place of a Windows path on this machine: drive C is the folder `target`. */
function local(path: string): string {
  return path.replace(/^C:/u, `${folder}/target`).replaceAll("\\", "/");
}

const disk: Disk = {
  list: (path, options) => machineDisk.list(local(path), options),
  changedMs: (file) => machineDisk.changedMs(local(file)),
  checkWritable: (file) => machineDisk.checkWritable(local(file)),
  makeFolder: (path) => machineDisk.makeFolder(local(path)),
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

function rulesWith(rules: Partial<RestoreRules> = {}): RestoreRules {
  const backupFolder = join(folder, "backup");
  return { backupFolder, excluded: [], method: null, keepsLogs: false, ...rules };
}

function restore(path: string, filespec: string, recursive: boolean): Promise<RestoredFiles> {
  return restoreFiles(rulesWith(), { files: [{ path, filespec, recursive }], logFiles: [] }, disk);
}

function restored(): readonly string[] {
  return filesBelow(join(folder, "target"));
}

describe("restoreFiles", () => {
  it.each([
    ["*", false, ["Ledger/a.dat", "Ledger/b.log"]],
    ["*.dat", false, ["Ledger/a.dat"]],
    ["*.dat", true, ["Ledger/a.dat", "Ledger/sub/c.dat", "Ledger/sub/deep/d.dat"]],
    ["none", true, []],
  ])("copies %s (recursive: %s)", async (filespec, recursive, files) => {
    await expect(restore("C:\\Ledger", filespec, recursive)).resolves.toMatchObject({
      copied: files.length,
    });
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
    await expect(restoreFiles(rulesWith(), { files, logFiles: [] }, disk)).rejects.toMatchObject({
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

/** Writes a file where it is restored to, changed an hour after or before the backup's. */
function plant(file: string, hours: number): string {
  const path = join(folder, "target/Ledger", file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, "there");
  const seconds = statSync(join(folder, "backup/C/Ledger", file)).mtimeMs / 1000 + hours * 3600;
  utimesSync(path, seconds, seconds);
  return path;
}

function textOf(path: string): string {
  return readFileSync(path, "utf8");
}

function methodOf(
  method: string,
  mappings: readonly AlternateLocationMapping[] = [],
): RestoreMethod {
  return {
    method,
    service: null,
    userProcedure: null,
    writerRestore: "never",
    rebootRequired: false,
    alternateLocationMappings: mappings,
  };
}

describe("an application's restore", () => {
  const database = {
    files: [{ path: "C:\\Ledger", filespec: "*.dat", recursive: true }],
    logFiles: [{ path: "C:\\Ledger", filespec: "*.log", recursive: false }],
  };

  it("leaves the logs that are there when the application rolls forward", async () => {
    const log = plant("b.log", -1);
    const kept = await restoreFiles(rulesWith({ keepsLogs: true }), database, disk);
    expect([kept, textOf(log)]).toMatchObject([{ copied: 3, kept: 1 }, "there"]);
    const all = await restoreFiles(rulesWith(), database, disk);
    expect([all, textOf(log)]).toMatchObject([{ copied: 4, kept: 0 }, "backup of b.log"]);
  });

  it("restores a log that is not there, for a roll forward too", async () => {
    await restoreFiles(rulesWith({ keepsLogs: true }), database, disk);
    expect(restored()).toContain("Ledger/b.log");
  });

  it("leaves out what the document excludes, and overwrites what is newer", async () => {
    plant("a.dat", 1);
    const excluded = [{ path: "C:\\Ledger\\sub", filespec: "*", recursive: false }];
    const done = await restoreFiles(rulesWith({ excluded }), database, disk);
    expect(done).toMatchObject({ copied: 3, excluded: 1, newer: 1 });
    expect(restored()).toEqual(["Ledger/a.dat", "Ledger/b.log", "Ledger/sub/deep/d.dat"]);
  });

  it("makes empty folders of a recursive set", async () => {
    mkdirSync(join(folder, "backup/C/Ledger/empty/inner"), { recursive: true });
    expect(await restoreFiles(rulesWith(), database, disk)).toMatchObject({ folders: 1 });
    expect(statSync(join(folder, "target/Ledger/empty/inner")).isDirectory()).toBe(true);
  });

  it("restores nothing where a file is there and the method forbids it", async () => {
    plant("a.dat", -1);
    const rules = rulesWith({ method: methodOf("RESTORE_IF_NONE_THERE") });
    expect(await restoreFiles(rules, database, disk)).toMatchObject({ copied: 0, kept: 4 });
    rmSync(join(folder, "target/Ledger/a.dat"));
    expect(await restoreFiles(rules, database, disk)).toMatchObject({ copied: 4, kept: 0 });
  });

  it("writes nothing when one file cannot be replaced and the method wants all", async () => {
    mkdirSync(join(folder, "target/Ledger/sub/c.dat"), { recursive: true });
    const rules = rulesWith({ method: methodOf("RESTORE_IF_CAN_BE_REPLACED") });
    await expect(restoreFiles(rules, database, disk)).rejects.toMatchObject({
      code: "ERR_WSB_FILE",
    });
    expect(restored()).toEqual([]);
  });

  it("restores to the alternate location, or says that the document has none", async () => {
    const mapping = {
      path: "C:\\Ledger",
      filespec: "*.dat",
      recursive: true,
      alternatePath: "C:\\Other",
    };
    const { files } = database;
    const rules = rulesWith({ method: methodOf("RESTORE_TO_ALTERNATE_LOCATION", [mapping]) });
    await restoreFiles(rules, { files, logFiles: [] }, disk);
    expect(restored()).toEqual(["Other/a.dat", "Other/sub/c.dat", "Other/sub/deep/d.dat"]);
    await expect(restoreFiles(rules, database, disk)).rejects.toMatchObject({
      code: "ERR_WSB_INVALID_ARGUMENT",
    });
  });
});
