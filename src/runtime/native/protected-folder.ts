/** Makes the folders below ProgramData, where every user may make some first. */
import { nativeFailure, windowsError } from "../../base/errors.ts";
import { lateCrypto } from "../../base/late-modules.ts";
import { whenFree } from "../../base/when-free.ts";
import type { ForeignPath, NativeBinding } from "./binding.ts";
import { DOCUMENT, reasonText } from "./foreign.ts";
import { firstForeign, foldersTo, isHeldFile, type InspectionApi } from "./protected-file.ts";

/** The part of the shim that checks what is on the disk and sets it aside. */
export type ProtectionApi = InspectionApi &
  Pick<NativeBinding, "moveAside" | "createProtectedFolder">;

/** Is told, in a sentence or two, what is not obeyed or was set aside. */
export type ReportForeign = (text: string) => void;

/** A name that nobody can take first: beside the kit's folder, every user may make files. */
function asideOf(path: string): string {
  const time = new Date().toISOString().replaceAll(/[:.]/gu, "-");
  return `${path}.foreign-${time}-${lateCrypto().randomUUID().slice(-12)}`;
}

/** Renames something, so that nobody obeys it and somebody can look at it. */
function setAside(api: ProtectionApi, foreign: ForeignPath, report: ReportForeign): void {
  const aside = asideOf(foreign.path);
  const why = reasonText(api, foreign);
  try {
    whenFree(() => api.moveAside(foreign.path, aside), isHeldFile);
  } catch (error) {
    throw windowsError(
      `${foreign.path} is not obeyed: it ${why}. It cannot be set aside`,
      `End the program that has it open, and run the command again. ${DOCUMENT}`,
      error,
    );
  }
  report(
    `${foreign.path} is not obeyed: it ${why}. It was renamed to ${aside}. Find out who made it. ${DOCUMENT}`,
  );
}

// Somebody who makes the folder again and again loses against the first try that is quicker.
const TRIES = 8;
// ERROR_INVALID_OWNER and ERROR_DIRECTORY: somebody was quicker.
const TAKEN: ReadonlySet<number | undefined> = new Set([0x8007051b, 0x8007010b]);

function makeOne(api: ProtectionApi, folder: string, report: ReportForeign): void {
  for (let tries = 1; ; tries += 1) {
    const { foreign } = firstForeign(api, [{ path: folder, isFolder: true }]);
    // Also where the list could be put right: others may have left something in the folder.
    if (foreign !== undefined) setAside(api, foreign, report);
    try {
      api.createProtectedFolder(folder);
      return;
    } catch (error) {
      if (tries === TRIES || !TAKEN.has(nativeFailure(error)?.hresult)) throw error;
    }
  }
}

/**
 * Makes a folder below ProgramData, and its folders from the kit's down, that only SYSTEM and
 * Administrators can open. One that somebody else owns or could have changed is renamed to
 * `<name>.foreign-<time>-<random>`, reported, and made anew. What is in such a folder later, they have
 * made.
 *
 * For what may change the machine; readers use {@link requireProtectedFolder}.
 *
 * @throws {@link WsbError} `ERR_WSB_WINDOWS_API` or `ERR_WSB_ACCESS_DENIED` when one cannot be made
 * or set aside.
 */
export function makeProtectedFolder(
  api: ProtectionApi,
  folder: string,
  report: ReportForeign,
): void {
  for (const one of foldersTo(folder)) {
    try {
      makeOne(api, one, report);
    } catch (error) {
      throw windowsError(
        `Cannot make the folder ${one}`,
        "Run from an elevated prompt, and check that the folder belongs to SYSTEM or Administrators.",
        error,
      );
    }
  }
}
