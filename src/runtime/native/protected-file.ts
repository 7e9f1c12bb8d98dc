/**
 * Trust in what is on the disk below ProgramData, where every user may make files and folders. What
 * runs as LocalSystem or as an administrator obeys only what nobody else could have changed.
 */
import { dirname, isAbsolute, join, relative, sep } from "node:path";

import { nativeFailure, windowsError } from "../../base/errors.ts";
import { kitFolder } from "../../base/program-data.ts";
import { whenFree } from "../../base/when-free.ts";
import type { ForeignPath, NativeBinding } from "./binding.ts";
import { foreignError } from "./foreign.ts";

/** The part of the shim that looks at what is on the disk and changes nothing. */
export type InspectionApi = Pick<
  NativeBinding,
  "inspectProtected" | "readProtectedFile" | "accountName"
>;

// The largest file that a program here reads at once.
const MAX_BYTES = 64 * 1024 * 1024;

/** Returns the kit's folder and the folders from there down to `folder`. */
export function foldersTo(folder: string): readonly string[] {
  const top = kitFolder();
  const rest = relative(top, folder);
  if (isAbsolute(rest) || rest.split(sep)[0] === "..") {
    throw new RangeError(`${folder} is not below ${top}.`);
  }
  const names = rest === "" ? [] : rest.split(sep);
  return [top, ...names.map((_, index) => join(top, ...names.slice(0, index + 1)))];
}

const ACCESS_DENIED = 0x80070005;
const SHARING_VIOLATION = 0x80070020;

/** Tells whether another process replaces a file, or deletes it, which Windows denies access to. */
export function isHeldFile(error: unknown): boolean {
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

/** A path, and what must be there. */
interface Place {
  readonly path: string;
  readonly isFolder: boolean;
}

/** Finds the first place that is not obeyed; looks no further than one that is missing. */
export function firstForeign(
  api: InspectionApi,
  places: readonly Place[],
): { readonly foreign?: ForeignPath; readonly isMissing: boolean } {
  for (const { path, isFolder } of places) {
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

function wayTo(folder: string): readonly Place[] {
  return foldersTo(folder).map((path) => ({ path, isFolder: true }));
}

/** Says what of a folder and its folders, up to the kit's, is not obeyed; `undefined` for nothing. */
export function describeForeign(api: InspectionApi, folder: string): string | undefined {
  const { foreign } = firstForeign(api, wayTo(folder));
  return foreign && foreignError(api, foreign).message;
}

/**
 * Makes sure that a file and its folders up to the kit's are trusted, before something opens it by
 * its path. A missing one is fine: nobody else can make it in a trusted folder.
 *
 * @throws {@link WsbError} `ERR_WSB_FOREIGN_FILE`; `ERR_WSB_ACCESS_DENIED` or `ERR_WSB_WINDOWS_API`.
 */
export function requireProtectedFile(api: InspectionApi, file: string): void {
  const { foreign } = firstForeign(api, [...wayTo(dirname(file)), { path: file, isFolder: false }]);
  if (foreign !== undefined) throw foreignError(api, foreign);
}

/**
 * Makes sure that a folder and its folders up to the kit's are trusted.
 *
 * @returns `false` when it is missing.
 * @throws {@link WsbError} as {@link requireProtectedFile}.
 */
export function requireProtectedFolder(api: InspectionApi, folder: string): boolean {
  const { foreign, isMissing } = firstForeign(api, wayTo(folder));
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
  const folders = foldersTo(dirname(file));
  const read = ask(file, () => api.readProtectedFile(folders, file, maxBytes), isHeldFile);
  if (read === null) return undefined;
  if (read instanceof Uint8Array) return read;
  throw foreignError(api, read);
}
