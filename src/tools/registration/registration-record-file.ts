import { readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

import { createLog } from "../../base/durable-log/create-log.ts";
import { openLog } from "../../base/durable-log/open-log.ts";
import { readLog } from "../../base/durable-log/read-log.ts";
import { WsbError, windowsError } from "../../base/errors.ts";
import { isMissingFile, protectedFileError } from "../../base/file-error.ts";
import type { NativeBinding } from "../../runtime/native/binding.ts";
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

/** The places of a writer's record. */
interface Files {
  readonly log: string;
  /** Release 0.1.0 kept one JSON text. */
  readonly old: string;
}

function damaged(file: string, why: string): WsbError {
  return new WsbError(
    "ERR_WSB_CONFLICT",
    `The registration record ${file} ${why}; nothing was changed. To set it aside, and register or remove the add-in by its manifest, run: wsb-addin register --repair, or wsb-addin unregister --repair`,
  );
}

function isRemoved(record: unknown): boolean {
  return JSON.stringify(record) === JSON.stringify(REMOVED);
}

function readRecord({ log, old }: Files, writerId: string): RegistrationRecord | undefined {
  const contents = reading(log, () => readLog(log));
  if (contents === undefined) return readOldRecord(old, writerId);
  if (contents.end === "damaged") throw damaged(log, "is damaged");
  const last = contents.records.at(-1);
  if (isRemoved(last)) return undefined;
  const record = parseRegistrationRecord(last, writerId);
  if (record === undefined) {
    throw damaged(log, "is of another version of wsb-addin, or names what no registration writes");
  }
  return record;
}

function readOldRecord(file: string, writerId: string): RegistrationRecord | undefined {
  const text = readText(file);
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

function readText(file: string): string | undefined {
  return reading(file, () => {
    try {
      return readFileSync(file, "utf8");
    } catch (error) {
      if (isMissingFile(error)) return undefined;
      throw error;
    }
  });
}

/** The log's error names its file and no registration. */
function causeOf(error: unknown): unknown {
  return error instanceof WsbError && error.code === "ERR_WSB_JOURNAL"
    ? (error.cause ?? error)
    : error;
}

function reading<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const what = `Cannot read the registration record ${file}`;
    throw protectedFileError(what, "Check the disk.", causeOf(error));
  }
}

/** The first record of a change starts a log; the one that follows is appended to it. */
function writeRecord({ log, old }: Files, record: object, isLast: boolean): void {
  const open = isLast ? openLog(log) : undefined;
  if (open === undefined) {
    const roomBytes = ROOM_BYTES + FOLLOWING * Buffer.byteLength(JSON.stringify(record));
    createLog(log, [record], { roomBytes }).close();
  } else {
    open.log.append(record);
    open.log.close();
  }
  rmSync(old, { force: true });
}

function noteRemoved(log: string): void {
  try {
    const open = openLog(log);
    open?.log.append(REMOVED);
    open?.log.close();
  } catch {
    // The removal of the file says the same, or fails and tells why.
  }
}

function removeFile(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch (error) {
    const what = `Cannot remove the registration record ${file}`;
    throw protectedFileError(what, "Find the program that has the file open.", error);
  }
}

/** Renames a file so that nobody obeys it and somebody can look at it. */
function rename(file: string): string | undefined {
  const time = new Date().toISOString().replaceAll(/[:.]/gu, "-");
  const aside = `${file}.damaged-${time}`;
  try {
    renameSync(file, aside);
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
 */
export function openRegistrationRecords(
  api: Pick<NativeBinding, "createProtectedFolder">,
): RegistrationRecords {
  const folder = join(kitFolder(), "registrations");
  const filesOf = (writerId: string): Files => ({
    log: join(folder, `${writerId}.log`),
    old: join(folder, `${writerId}.json`),
  });
  const writing = (file: string, work: () => void): void => {
    try {
      api.createProtectedFolder(kitFolder());
      api.createProtectedFolder(folder);
      work();
    } catch (error) {
      const what = `Cannot write the registration record ${file}`;
      const nextStep = "Check that its folder belongs to SYSTEM or Administrators.";
      const cause = causeOf(error);
      throw protectedFileError(what, nextStep, windowsError(what, nextStep, cause));
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
      // Recorded first: a file that cannot be deleted then says nothing.
      noteRemoved(files.log);
      removeFile(files.log);
      removeFile(files.old);
    },
    setAside(writerId) {
      const { log, old } = filesOf(writerId);
      return rename(log) ?? rename(old);
    },
  };
}
