import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { ledgerOf } from "./application/ledger.mjs";
import { DemoError } from "./run.mjs";

/** The ledger of the service, below the data folder. */
export const LEDGER_FILE = join("Books", "ledger.dat");

/** A file that the metadata document excludes: no backup contains it and no restore changes it. */
const SCRATCH_FILE = join("Archive", "scratch.tmp");

// A ledger with this many entries has about 6 MB.
const ENTRIES_OF_A_YEAR = 200_000;
const ENTRIES_OF_A_CLOSED_YEAR = 20_000;

function write(folder, path, content) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

/** Writes the data of the application before it starts. */
export function writeData(folder) {
  write(folder, LEDGER_FILE, ledgerOf(2026, ENTRIES_OF_A_YEAR));
  write(folder, join("Archive", "2025", "ledger.dat"), ledgerOf(2025, ENTRIES_OF_A_CLOSED_YEAR));
  write(folder, join("Archive", "2024", "ledger.dat"), ledgerOf(2024, ENTRIES_OF_A_CLOSED_YEAR));
  write(folder, join("Archive", "years.txt"), "2024 closed\n2025 closed\n");
  write(folder, SCRATCH_FILE, "scratch");
}

/** Damages the data: one file overwritten, one truncated, one missing. */
export function damage(folder) {
  write(folder, LEDGER_FILE, "Somebody saved a letter under this name.\n");
  write(folder, join("Archive", "2025", "ledger.dat"), ledgerOf(2025, 12).subarray(0, 100));
  rmSync(join(folder, "Archive", "years.txt"));
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

/** Returns the files that differ between the backup and the data folder. */
export function differingFiles(folder, backup) {
  return filesBelow(backup).filter((path) => {
    try {
      return !readFileSync(join(backup, path)).equals(readFileSync(join(folder, path)));
    } catch {
      return true;
    }
  });
}

/**
 * Compares the data with the backup byte for byte.
 *
 * @returns {{ count: number, sizeBytes: number }} The number and size of the compared files.
 * @throws {DemoError} that names the files that differ, or when the restore changed an excluded
 * file.
 */
export function verifyRestored(folder, backup) {
  const differing = differingFiles(folder, backup);
  if (differing.length > 0) {
    throw new DemoError(
      `These files in ${folder} differ from the backup: ${differing.join(", ")}.`,
    );
  }
  if (readFileSync(join(folder, SCRATCH_FILE), "utf8") !== "scratch") {
    throw new DemoError(`The restore changed ${SCRATCH_FILE}, which is excluded.`);
  }
  const sizes = filesBelow(backup).map((path) => readFileSync(join(backup, path)).length);
  return { count: sizes.length, sizeBytes: sizes.reduce((sum, size) => sum + size, 0) };
}
