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
  type RegistrationRecords,
} from "./registration-record.ts";

function removeWhenEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Something else is in it, or it was never made.
  }
}

/**
 * Keeps the records in files below ProgramData, in a folder that only SYSTEM and Administrators can
 * reach: what stands in a record is written to the registry.
 */
export function openRegistrationRecords(
  api: Pick<NativeBinding, "createProtectedFolder">,
): RegistrationRecords {
  const folder = join(kitFolder(), "registrations");
  const fileOf = (writerId: string): string => join(folder, `${writerId}.json`);
  return {
    read(writerId) {
      const file = fileOf(writerId);
      let text: string;
      try {
        text = readFileSync(file, "utf8");
      } catch (error) {
        if (isMissingFile(error)) return undefined;
        const what = `Cannot read the registration record ${file}`;
        throw protectedFileError(what, "Check the disk.", error);
      }
      const record = parseRegistrationRecord(text);
      if (record !== undefined) return record;
      throw new WsbError(
        "ERR_WSB_CONFLICT",
        `The registration record ${file} cannot be read. Use the version of wsb-addin that wrote it.`,
      );
    },
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
      const file = fileOf(writerId);
      try {
        rmSync(file, { force: true });
      } catch (error) {
        const what = `Cannot remove the registration record ${file}`;
        throw protectedFileError(what, "Check who holds it open.", error);
      }
      removeWhenEmpty(folder);
      removeWhenEmpty(kitFolder());
    },
  };
}
