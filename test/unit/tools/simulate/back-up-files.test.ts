import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { ComponentFiles } from "../../../../src/runtime/metadata/writer-metadata.ts";
import { backUpFiles, type BackedUpFiles } from "../../../../src/tools/simulate/back-up-files.ts";
import { machineDisk, type Disk } from "../../../../src/tools/simulate/set-files.ts";

let folder: string;

/** Drive C is the folder `source`; the backup folder is drive B. */
function local(path: string): string {
  const place = path.replace(/^C:/u, `${folder}/source`).replace(/^B:/u, `${folder}/backup`);
  return place.replaceAll("\\", "/");
}

const disk: Disk = {
  list: async (path, options) => {
    const entries = await machineDisk.list(local(path), options);
    return entries.map(({ path: found, isFolder }) => ({
      path: found.replaceAll("\\", "/").replace(`${folder}/source`, "C:").replaceAll("/", "\\"),
      isFolder,
    }));
  },
  changedMs: (file) => machineDisk.changedMs(local(file)),
  checkWritable: (file) => machineDisk.checkWritable(local(file)),
  makeFolder: (path) => machineDisk.makeFolder(local(path)),
  copyFile: (from, to) => machineDisk.copyFile(local(from), local(to)),
};

function sets(files: Partial<ComponentFiles>): ComponentFiles {
  return {
    path: "C:\\Ledger",
    filespec: "*",
    recursive: true,
    alternatePath: null,
    filespecBackupType: 3855,
    ...files,
  };
}

function backUp(
  files: readonly ComponentFiles[],
  excluded: Parameters<typeof backUpFiles>[0]["excluded"] = [],
): Promise<BackedUpFiles> {
  return backUpFiles({ backupFolder: "B:\\", excluded }, { files, logFiles: [] }, disk);
}

function backedUp(name: string): string | undefined {
  const file = join(folder, "backup/C", name);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wsb-backup-"));
  for (const file of ["Ledger/a.dat", "Ledger/b.log", "Ledger/sub/c.dat", "Copy/a.dat"]) {
    const path = join(folder, "source", file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, file);
  }
  mkdirSync(join(folder, "source/Ledger/empty"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

describe("backUpFiles", () => {
  it("copies files and empty folders to the places where a restore looks for them", async () => {
    expect(await backUp([sets({})])).toEqual({ copied: 3, folders: 1, excluded: 0 });
    expect(backedUp("Ledger/sub/c.dat")).toBe("Ledger/sub/c.dat");
    expect(existsSync(join(folder, "backup/C/Ledger/empty"))).toBe(true);
  });

  it("copies what a set names, and no more", async () => {
    expect(await backUp([sets({ filespec: "*.dat", recursive: false })])).toMatchObject({
      copied: 1,
    });
    expect(backedUp("Ledger/a.dat")).toBeDefined();
    expect(backedUp("Ledger/b.log")).toBeUndefined();
    expect(backedUp("Ledger/sub/c.dat")).toBeUndefined();
  });

  it("leaves out what the document excludes", async () => {
    const excluded = [{ path: "C:\\Ledger", filespec: "*.log", recursive: true }];
    expect(await backUp([sets({})], excluded)).toMatchObject({ copied: 2, excluded: 1 });
    expect(backedUp("Ledger/b.log")).toBeUndefined();
  });

  it("counts as left out only files of the set", async () => {
    const excluded = [{ path: "C:\\Ledger", filespec: "*.log", recursive: true }];
    expect(await backUp([sets({ filespec: "*.dat" })], excluded)).toMatchObject({
      copied: 2,
      excluded: 0,
    });
  });

  it("reads from the alternate path, and writes as if from the path", async () => {
    await backUp([sets({ alternatePath: "C:\\Copy" })]);
    expect(backedUp("Ledger/a.dat")).toBe("Copy/a.dat");
    expect(backedUp("Copy/a.dat")).toBeUndefined();
  });

  it("expands variables of the machine", async () => {
    vi.stubEnv("LedgerFolder", "C:\\Ledger");
    expect(await backUp([sets({ path: "%LedgerFolder%" })])).toMatchObject({ copied: 3 });
  });

  it("copies a file of two sets once", async () => {
    expect(await backUp([sets({}), sets({ filespec: "*.dat" })])).toMatchObject({ copied: 3 });
  });

  it("names a folder that is missing", async () => {
    await expect(backUp([sets({ path: "C:\\Missing" })])).rejects.toMatchObject({
      code: "ERR_WSB_FILE",
      message: expect.stringContaining("C:\\Missing"),
    });
  });
});
