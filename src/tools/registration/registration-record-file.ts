import { readFileSync, rmSync, rmdirSync } from "node:fs";
import { join } from "node:path";

import { writeDurably } from "../../base/durable-file.ts";
import { WsbError, windowsError } from "../../base/errors.ts";
import { isMissingFile, protectedFileError } from "../../base/file-error.ts";
import type { NativeBinding } from "../../runtime/native/binding.ts";
import { kitFolder } from "../../base/program-data.ts";
import {
  formatRegistrationRecord,
  parseRegistrationRecord,
  type RegistrationRecord,
  type RegistrationRecords,
} from "./registration-record.ts";

function removeWhenEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // The folder has other files, or does not exist.
  }
}

function readFile(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    const what = `Cannot read the registration record ${file}`;
    throw protectedFileError(what, "Check the disk.", error);
  }
}

function readRecord(file: string): RegistrationRecord | undefined {
  const text = readFile(file);
  if (text === undefined) return undefined;
  const record = parseRegistrationRecord(text);
  if (record !== undefined) return record;
  throw new WsbError(
    "ERR_WSB_CONFLICT",
    `The registration record ${file} cannot be read. Use the version of wsb-addin that wrote it.`,
  );
}

function removeFile(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch (error) {
    const what = `Cannot remove the registration record ${file}`;
    throw protectedFileError(what, "Find the program that has the file open.", error);
  }
}

/**
 * Stores the records in files below ProgramData, in a folder that only SYSTEM and Administrators can
 * open, because the contents of a record are written to the registry.
 */
export function openRegistrationRecords(
  api: Pick<NativeBinding, "createProtectedFolder">,
): RegistrationRecords {
  const folder = join(kitFolder(), "registrations");
  const fileOf = (writerId: string): string => join(folder, `${writerId}.json`);
  return {
    read: (writerId) => readRecord(fileOf(writerId)),
    write(writerId, record) {
      const file = fileOf(writerId);
      try {
        api.createProtectedFolder(kitFolder());
        api.createProtectedFolder(folder);
        writeDurably(file, formatRegistrationRecord(record));
      } catch (error) {
        const what = `Cannot write the registration record ${file}`;
        const nextStep = "Check that its folder belongs to SYSTEM or Administrators.";
        throw protectedFileError(what, nextStep, windowsError(what, nextStep, error));
      }
    },
    remove(writerId) {
      removeFile(fileOf(writerId));
      removeWhenEmpty(folder);
      removeWhenEmpty(kitFolder());
    },
  };
}
