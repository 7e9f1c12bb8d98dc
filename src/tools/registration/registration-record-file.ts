import { join } from "node:path";

import type { Disk } from "../../base/disk.ts";
import { createLog } from "../../base/durable-log/create-log.ts";
import { openLog } from "../../base/durable-log/open-log.ts";
import { readLog } from "../../base/durable-log/read-log.ts";
import { WsbError, errorText } from "../../base/errors.ts";
import { isMissingFile, protectedFileError } from "../../base/file-error.ts";
import { protectedDisk } from "../../runtime/native/protected-disk.ts";
import { isForeign } from "../../runtime/native/foreign.ts";
import { readProtected } from "../../runtime/native/protected-file.ts";
import {
  makeProtectedFolder,
  type ProtectionApi,
  type ReportForeign,
} from "../../runtime/native/protected-folder.ts";
import { ownCommand } from "../../base/own-command.ts";
import { kitFolder } from "../../base/program-data.ts";
import {
  encodeRegistrationRecord,
  parseRegistrationRecord,
  type RegistrationRecord,
  type RegistrationRecords,
} from "./registration-record.ts";

// Besides the record that follows: what a file system needs to grow a file at all.
const ROOM_BYTES = 16_384;
// The record that follows names each value with its old and its new contents.
const FOLLOWING = 2;

/** The last record of a log after whose end there is no registration. */
const REMOVED = { version: 2, state: "removed" } as const;

/** The places of a writer's record, and how they are reached. */
interface Files {
  readonly log: string;
  /** Release 0.1.0 kept one JSON text. */
  readonly old: string;
  readonly api: ProtectionApi;
  /** Opens no file that somebody else could have changed. */
  readonly disk: Disk;
  readonly report: ReportForeign;
}

function damaged(file: string, why: string): WsbError {
  return new WsbError(
    "ERR_WSB_CONFLICT",
    `The registration record ${file} ${why}; nothing was changed. To set it aside, and register or remove the add-in by its manifest, run: ${ownCommand("register --repair")}, or ${ownCommand("unregister --repair")}`,
  );
}

function isRemoved(record: unknown): boolean {
  return JSON.stringify(record) === JSON.stringify(REMOVED);
}

function readRecord(files: Files, writerId: string): RegistrationRecord | undefined {
  const { log, disk, report } = files;
  const contents = reading(log, report, () => readLog(log, disk));
  if (contents === undefined) return readOldRecord(files, writerId);
  if (contents.end === "damaged") throw damaged(log, "is damaged");
  const last = contents.records.at(-1);
  if (isRemoved(last)) return undefined;
  const record = parseRegistrationRecord(last, writerId);
  if (record === undefined) {
    throw damaged(log, "is of another version of wsb-addin, or names what no registration writes");
  }
  return record;
}

function readOldRecord(
  { api, old: file, report }: Files,
  writerId: string,
): RegistrationRecord | undefined {
  const bytes = reading(file, report, () => readProtected(api, file));
  const text = bytes && Buffer.from(bytes).toString("utf8");
  if (text === undefined) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw damaged(file, "is damaged");
  }
  const record = parseRegistrationRecord(json, writerId);
  if (record !== undefined) return record;
  throw damaged(file, "is damaged, or names what no registration writes");
}

/** The log's error names its file and no registration. */
function causeOf(error: unknown): unknown {
  return error instanceof WsbError && error.code === "ERR_WSB_JOURNAL"
    ? (error.cause ?? error)
    : error;
}

/** Reads a record. What somebody else could have written is as good as none, and is reported. */
function reading<T>(file: string, report: ReportForeign, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (isForeign(error)) {
      report(errorText(error));
      return undefined;
    }
    const what = `Cannot read the registration record ${file}`;
    throw protectedFileError(what, "Check the disk.", causeOf(error));
  }
}

/** The first record of a change starts a log; the one that follows is appended to it. */
function writeRecord({ log, old, disk }: Files, record: object, isLast: boolean): void {
  const open = isLast ? openLog(log, disk) : undefined;
  if (open === undefined) {
    const roomBytes = ROOM_BYTES + FOLLOWING * Buffer.byteLength(JSON.stringify(record));
    createLog(log, [record], { roomBytes, disk }).close();
    removeOld(old, disk);
  } else {
    open.log.append(record);
    open.log.close();
  }
}

/** The log counts, also while the older file is still there: nothing must fail now. */
function removeOld(old: string, disk: Disk): void {
  try {
    disk.remove(old);
  } catch {
    // It is removed with the log.
  }
}

/** Appends that there is no registration; `false` if there is no log, or it cannot be written. */
function noteRemoved({ log, disk }: Files): boolean {
  try {
    const open = openLog(log, disk);
    open?.log.append(REMOVED);
    open?.log.close();
    return open !== undefined;
  } catch {
    // The removal of the file says the same, or fails and tells why.
    return false;
  }
}

/** Removes the files of a record whose log says that there is no registration. */
function tidy({ log, old, disk }: Files): void {
  try {
    // In this order, as in remove.
    disk.remove(old);
    disk.remove(log);
  } catch {
    // Another program has a file open. The removal is done, and the next record replaces the log.
  }
}

function removeFile(file: string, disk: Disk): void {
  try {
    disk.remove(file);
  } catch (error) {
    const what = `Cannot remove the registration record ${file}`;
    throw protectedFileError(what, "Find the program that has the file open.", error);
  }
}

/** Renames a file so that nobody obeys it and somebody can look at it. */
function rename(file: string, disk: Disk): string | undefined {
  const time = new Date().toISOString().replaceAll(/[:.]/gu, "-");
  const aside = `${file}.damaged-${time}`;
  try {
    disk.replace(file, aside);
    return aside;
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    const what = `Cannot set aside the registration record ${file}`;
    throw protectedFileError(what, "Move it away by hand.", error);
  }
}

/**
 * Stores the records in logs below ProgramData, in a folder that only SYSTEM and Administrators can
 * open, because the contents of a record are written to the registry. The folder stays: whoever made
 * it anew before the next registration would own it.
 *
 * @param report Is told what is not obeyed because somebody else could have changed it, and what was
 * set aside before a record was written.
 * @param machine The disk that holds the logs.
 */
export function openRegistrationRecords(
  api: ProtectionApi,
  report: ReportForeign,
  machine: Disk,
): RegistrationRecords {
  const folder = join(kitFolder(), "registrations");
  const disk = protectedDisk(api, machine);
  const reported = new Set<string>();
  const reportOnce = (text: string): void => {
    if (!reported.has(text)) report(text);
    reported.add(text);
  };
  const filesOf = (writerId: string): Files => ({
    log: join(folder, `${writerId}.log`),
    old: join(folder, `${writerId}.json`),
    api,
    disk,
    report: reportOnce,
  });
  const writing = (file: string, work: () => void): void => {
    try {
      makeProtectedFolder(api, folder, reportOnce);
      work();
    } catch (error) {
      const what = `Cannot write the registration record ${file}`;
      const nextStep = "Check that its folder belongs to SYSTEM or Administrators.";
      throw protectedFileError(what, nextStep, causeOf(error));
    }
  };
  return {
    read: (writerId) => readRecord(filesOf(writerId), writerId),
    write(writerId, record) {
      const files = filesOf(writerId);
      const isLast = record.state === "registered";
      writing(files.log, () => writeRecord(files, encodeRegistrationRecord(record), isLast));
    },
    remove(writerId) {
      const files = filesOf(writerId);
      if (noteRemoved(files)) {
        tidy(files);
        return;
      }
      // The log last: without it, the older file would count.
      removeFile(files.old, disk);
      removeFile(files.log, disk);
    },
    setAside(writerId) {
      const { log, old } = filesOf(writerId);
      return rename(log, disk) ?? rename(old, disk);
    },
  };
}
