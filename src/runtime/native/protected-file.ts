/**
 * Trust in what is on the disk below ProgramData, where every user may make files and folders. What
 * runs as LocalSystem or as an administrator obeys only what nobody else could have changed.
 */
import { dirname, isAbsolute, join, relative, sep } from "node:path";

import { WsbError, nativeFailure, windowsError } from "../../base/errors.ts";
import { kitFolder } from "../../base/program-data.ts";
import { whenFree } from "../../base/when-free.ts";
import type { Distrust, ForeignPath, NativeBinding } from "./binding.ts";

/** The part of the shim that checks what is on the disk. */
export type ProtectionApi = Pick<
  NativeBinding,
  "inspectProtected" | "readProtectedFile" | "moveAside" | "createProtectedFolder" | "accountName"
>;

/** The part that looks and changes nothing. */
export type InspectionApi = Pick<
  NativeBinding,
  "inspectProtected" | "readProtectedFile" | "accountName"
>;

/** Is told, in a sentence or two, what was set aside. */
export type ReportForeign = (text: string) => void;

// The largest file that a program here reads at once.
const MAX_BYTES = 64 * 1024 * 1024;

const DOCUMENT = "docs/security.md says what to do.";

/** Returns the folders of a path below the kit's folder: that folder first. */
function foldersAbove(path: string): readonly string[] {
  const top = kitFolder();
  const rest = relative(top, dirname(path));
  if (isAbsolute(rest) || rest.split(sep)[0] === "..") {
    throw new RangeError(`${path} is not below ${top}.`);
  }
  const names = rest === "" ? [] : rest.split(sep);
  return [top, ...names.map((_, index) => join(top, ...names.slice(0, index + 1)))];
}

function nameOf(api: Pick<NativeBinding, "accountName">, sid: string): string {
  if (sid === "") return "nobody";
  try {
    const name = api.accountName(sid);
    return name === null ? sid : `${name} (${sid})`;
  } catch {
    return sid;
  }
}

/** Says why a path is not obeyed, as the end of a sentence that begins with it. */
function reasonText(
  api: Pick<NativeBinding, "accountName">,
  { owner, reason, account }: Distrust,
): string {
  const owned = `belongs to ${nameOf(api, owner)}`;
  switch (reason) {
    case "owner":
      return `${owned} and not to SYSTEM or Administrators`;
    case "access":
      return `can be changed by ${nameOf(api, account)}`;
    case "link":
      return `is a link and ${owned}`;
    case "hardLink":
      return `has a second name elsewhere (a hard link) and ${owned}`;
    case "kind":
      return `is a file where a folder must be, or the other way round, and ${owned}`;
  }
}

function foreignError(api: Pick<NativeBinding, "accountName">, foreign: ForeignPath): WsbError {
  return new WsbError(
    "ERR_WSB_FOREIGN_FILE",
    `${foreign.path} is not obeyed: it ${reasonText(api, foreign)}. ${DOCUMENT}`,
  );
}

/** Tells whether an error says that a file or folder is not obeyed. */
export function isForeign(error: unknown): boolean {
  return error instanceof WsbError && error.code === "ERR_WSB_FOREIGN_FILE";
}

const ACCESS_DENIED = 0x80070005;
const SHARING_VIOLATION = 0x80070020;

/** Tells whether another process replaces a file, or deletes it, which Windows denies access to. */
function isHeldFile(error: unknown): boolean {
  const code = nativeFailure(error)?.hresult;
  return code === SHARING_VIOLATION || code === ACCESS_DENIED;
}

function isHeldFolder(error: unknown): boolean {
  return nativeFailure(error)?.hresult === SHARING_VIOLATION;
}

function ask<T>(path: string, work: () => T, isHeld: (error: unknown) => boolean): T {
  try {
    return whenFree(work, isHeld);
  } catch (error) {
    throw windowsError(`Cannot read ${path}`, "Check the disk.", error);
  }
}

/** Finds the first path of some that is not obeyed; looks no further than one that is missing. */
function firstForeign(
  api: InspectionApi,
  paths: readonly { readonly path: string; readonly isFolder: boolean }[],
): { readonly foreign?: ForeignPath; readonly isMissing: boolean } {
  for (const { path, isFolder } of paths) {
    const found = ask(path, () => api.inspectProtected(path), isFolder ? isHeldFolder : isHeldFile);
    if (found === null) return { isMissing: true };
    const { owner, distrust } = found;
    if (distrust !== null) return { foreign: { path, ...distrust }, isMissing: false };
    if (found.isFolder !== isFolder) {
      return { foreign: { path, owner, reason: "kind", account: "" }, isMissing: false };
    }
  }
  return { isMissing: false };
}

function wayTo(path: string, isFolder: boolean): Parameters<typeof firstForeign>[1] {
  const folders = foldersAbove(path).map((one) => ({ path: one, isFolder: true }));
  return [...folders, { path, isFolder }];
}

/** Says what of a folder and its folders, up to the kit's, is not obeyed; `undefined` for nothing. */
export function describeForeign(api: InspectionApi, folder: string): string | undefined {
  const { foreign } = firstForeign(api, wayTo(join(folder, "x"), false).slice(0, -1));
  return foreign && foreignError(api, foreign).message;
}

/**
 * Makes sure that a file and its folders up to the kit's are trusted, before something opens it by
 * its path. A missing one is fine: nobody else can make it in a trusted folder.
 *
 * @throws {@link WsbError} `ERR_WSB_FOREIGN_FILE`; `ERR_WSB_ACCESS_DENIED` or `ERR_WSB_WINDOWS_API`.
 */
export function requireProtectedFile(api: InspectionApi, file: string): void {
  const { foreign } = firstForeign(api, wayTo(file, false));
  if (foreign !== undefined) throw foreignError(api, foreign);
}

/**
 * Makes sure that a folder and its folders up to the kit's are trusted.
 *
 * @returns `false` when it is missing.
 * @throws {@link WsbError} as {@link requireProtectedFile}.
 */
export function requireProtectedFolder(api: InspectionApi, folder: string): boolean {
  const { foreign, isMissing } = firstForeign(api, wayTo(join(folder, "x"), false).slice(0, -1));
  if (foreign !== undefined) throw foreignError(api, foreign);
  return !isMissing;
}

/**
 * Reads a file below the kit's folder; `undefined` when it or a folder is missing. The file and each
 * folder are checked on the handles that are read.
 *
 * @param maxBytes The largest size, up to 64 MiB, which is the default.
 * @throws {@link WsbError} `ERR_WSB_FOREIGN_FILE` when somebody else could have changed it;
 * `ERR_WSB_ACCESS_DENIED` or `ERR_WSB_WINDOWS_API` when it cannot be read, or is too large.
 */
export function readProtected(
  api: InspectionApi,
  file: string,
  maxBytes: number = MAX_BYTES,
): Uint8Array | undefined {
  const folders = foldersAbove(file);
  const read = ask(file, () => api.readProtectedFile(folders, file, maxBytes), isHeldFile);
  if (read === null) return undefined;
  if (read instanceof Uint8Array) return read;
  throw foreignError(api, read);
}

/** Renames something, so that nobody obeys it and somebody can look at it. */
function setAside(api: ProtectionApi, foreign: ForeignPath, report: ReportForeign): void {
  const aside = `${foreign.path}.foreign-${new Date().toISOString().replaceAll(/[:.]/gu, "-")}`;
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
    // The owner is trusted, and nobody else may change the list after the next step.
    if (foreign !== undefined && foreign.reason !== "access") setAside(api, foreign, report);
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
 * Administrators can open. One that is theirs already is restricted to them; one that is not is
 * renamed to `<name>.foreign-<time>`, reported, and made anew.
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
  for (const one of foldersAbove(join(folder, "x"))) {
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
