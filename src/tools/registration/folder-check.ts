import { readlinkSync, realpathSync } from "node:fs";
import { win32 } from "node:path";

import { WsbError, windowsError } from "../../base/errors.ts";
import type { FileSecurity, NativeBinding } from "../../runtime/native/binding.ts";
import { SID } from "../../base/sid.ts";
import { FILE_RIGHTS, accessOfOthers } from "./file-access.ts";

// Open to everybody, and yet nobody can rename or remove there what is not theirs: the sticky bit
// of Unix, which Wine does not show, is set on these two everywhere.
const STICKY = /^z:\\(?:var\\)?tmp\\?$/iu;

/** The part of the shim that the check needs. */
export type FolderApi = Pick<NativeBinding, "readFileSecurity" | "accountName" | "isWine">;

/** Something that an add-in runs from and that somebody else than an administrator can change. */
export interface WritablePath {
  readonly path: string;
  readonly sid: string;
  /** The account's name for people; the SID where Windows knows none. */
  readonly name: string;
  /** What they can do, as the ends of a sentence that begins "they can". */
  readonly rights: readonly string[];
}

/** Where links lead; the file system's answers, or a test's. */
export interface LinkReader {
  /** Target of a link or junction; `undefined` for anything else. */
  readonly target: (path: string) => string | undefined;
  /** The path with every link, short name and SUBST letter resolved; `undefined` when absent. */
  readonly real: (path: string) => string | undefined;
}

const { WRITE_DATA, APPEND_DATA, DELETE_CHILD, WRITE_ATTRIBUTES, DELETE, WRITE_DAC, WRITE_OWNER } =
  FILE_RIGHTS;

const CHANGES_ACCESS = WRITE_DAC | WRITE_OWNER;
const CHANGES_FILE = WRITE_DATA | APPEND_DATA | DELETE | CHANGES_ACCESS;
// What is on the way can be put out of the way, with all that is below. To add something beside the
// way changes nothing of it: Windows lets every user make folders in C:\.
const CHANGES_WAY = DELETE | DELETE_CHILD | CHANGES_ACCESS;
// Beside node.exe stands every DLL that it looks for, beside server.js what it imports.
const CHANGES_HOLDER = WRITE_DATA | APPEND_DATA | CHANGES_WAY;
// A link is led elsewhere with either of the first two.
// https://learn.microsoft.com/windows/win32/api/winioctl/ni-winioctl-fsctl_set_reparse_point
const CHANGES_LINK = WRITE_DATA | WRITE_ATTRIBUTES | DELETE | CHANGES_ACCESS;

// Wine gives every file of its one Unix user to this account, and what belongs to any other Unix
// user, root included, to the anonymous one. It cannot say more, so both count as administrators
// there; what the Unix mode grants to others stays to be found, as a right of Everyone. The mode's
// group and its sticky bit do not come through.
const WINE_USER = "S-1-5-21-0-0-0-1000";

const MOST_LINKS = 64;

const fileLinks: LinkReader = {
  target: (path) => {
    try {
      return readlinkSync(path);
    } catch {
      return undefined;
    }
  },
  real: (path) => {
    try {
      return realpathSync.native(path);
    } catch {
      return undefined;
    }
  },
};

/** Asks once about each path: the files of an add-in lie side by side, and share most of their way. */
function once<Answer>(ask: (path: string) => Answer): (path: string) => Answer {
  const answers = new Map<string, { readonly answer: Answer }>();
  return (path) => {
    const known = answers.get(path);
    if (known !== undefined) return known.answer;
    const answer = ask(path);
    answers.set(path, { answer });
    return answer;
  };
}

/** Where links lead, looked up once for each path: for the checks of one command. */
export function rememberLinks({ target, real }: LinkReader = fileLinks): LinkReader {
  return { target: once(target), real: once(real) };
}

interface Place {
  readonly path: string;
  readonly security: FileSecurity;
  readonly kind: "file" | "folder";
  /** Rights to it that others must not have. */
  readonly mask: number;
}

/** `C:\a\b` as `C:\`, `C:\a`, `C:\a\b`. */
function wayTo(path: string): readonly string[] {
  const { root } = win32.parse(path);
  const names = path.slice(root.length).split("\\").filter(Boolean);
  return [root, ...names.map((_, index) => win32.join(root, ...names.slice(0, index + 1)))];
}

/** Every spelling of `path` that something on the way to it, a link or a short name, stands for. */
function spellings(path: string, links: LinkReader): readonly string[] {
  const found = new Map<string, string>();
  const pending = [path];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const normal = win32.normalize(next);
    if (found.has(normal.toUpperCase())) continue;
    if (found.size === MOST_LINKS) {
      throw new WsbError(
        "ERR_WSB_INVALID_ARGUMENT",
        `${path} leads through more than ${MOST_LINKS} links. Name the place itself.`,
      );
    }
    found.set(normal.toUpperCase(), normal);
    const real = links.real(normal);
    if (real !== undefined) pending.push(real);
    for (const place of wayTo(normal)) {
      const target = links.target(place);
      if (target === undefined) continue;
      const rest = normal.slice(place.length);
      pending.push(win32.resolve(win32.dirname(place), target) + rest);
    }
  }
  return [...found.values()];
}

function securityOf(api: FolderApi, path: string): FileSecurity | null {
  try {
    return api.readFileSecurity(path);
  } catch (error) {
    throw windowsError(`Cannot read who may change ${path}`, "Check the path.", error);
  }
}

/** What must not be changed by others, so that `path` stays the file that it is. */
function placesOf(
  path: string,
  readSecurity: (path: string) => FileSecurity | null,
  links: LinkReader,
): readonly Place[] {
  const way = wayTo(path);
  const there = way.flatMap((place) => {
    const security = readSecurity(place);
    return security === null ? [] : [{ place, security }];
  });
  const isComplete = there.length === way.length;
  return there.map(({ place, security }, index) => {
    const isFile = isComplete && index === there.length - 1;
    const isHolder = index === there.length - (isComplete ? 2 : 1);
    const isLink = links.target(place) !== undefined;
    let mask = isHolder ? CHANGES_HOLDER : CHANGES_WAY;
    if (isLink) mask = CHANGES_LINK;
    else if (isFile) mask = CHANGES_FILE;
    // A drive's own folder can be neither deleted nor renamed.
    if (index === 0) mask &= ~DELETE;
    return { path: place, security, kind: isFile || isLink ? "file" : "folder", mask };
  });
}

function nameRights(mask: number, kind: Place["kind"]): readonly string[] {
  const names: readonly (readonly [right: number, name: string])[] = [
    [WRITE_DATA, kind === "folder" ? "add files to it" : "write to it"],
    [APPEND_DATA, kind === "folder" ? "add folders to it" : "append to it"],
    [DELETE_CHILD, "delete and rename what is in it"],
    [WRITE_ATTRIBUTES, "change its attributes"],
    [DELETE, "delete and rename it"],
    [WRITE_DAC, "change its permissions"],
    [WRITE_OWNER, "take it over"],
  ];
  return names.filter(([right]) => (mask & right) !== 0).map(([, name]) => name);
}

/**
 * Finds what others than SYSTEM, Administrators and TrustedInstaller could use to change the files
 * at `paths`: the files, the folders that hold them, every folder above and every link on the way.
 *
 * @param paths Absolute paths on a drive; what is absent counts for the folder it would be made in.
 * @throws {@link WsbError} `ERR_WSB_WINDOWS_API` or `ERR_WSB_ACCESS_DENIED` when one cannot be read.
 */
export function findWritablePaths(
  api: FolderApi,
  paths: readonly string[],
  links: LinkReader = rememberLinks(),
): readonly WritablePath[] {
  const readSecurity = once((path) => securityOf(api, path));
  const trusted = new Set<string>([SID.system, SID.administrators, SID.trustedInstaller]);
  if (api.isWine()) for (const sid of [WINE_USER, SID.anonymous]) trusted.add(sid);

  const places = new Map<string, Place>();
  for (const path of paths.flatMap((one) => spellings(one, links))) {
    for (const place of placesOf(path, readSecurity, links)) {
      const key = place.path.toUpperCase();
      // The same folder may hold one file and be above another.
      const mask = place.mask | (places.get(key)?.mask ?? 0);
      places.set(key, { ...place, mask });
    }
  }
  const isSticky = (path: string): boolean => api.isWine() && STICKY.test(path);
  const seen = [...places.values()].filter(({ path }) => !isSticky(path));
  return seen.flatMap(({ path, security, kind, mask }) =>
    accessOfOthers(security, trusted).flatMap(({ sid, mask: granted }) => {
      const rights = nameRights(granted & mask, kind);
      return rights.length === 0 ? [] : [{ path, sid, name: api.accountName(sid) ?? sid, rights }];
    }),
  );
}

/** What `findWritablePaths` found, a line each, for people. */
export function describeWritable(found: readonly WritablePath[]): readonly string[] {
  return found.map(({ path, name, rights }) => `${path}: ${name} can ${rights.join(", ")}`);
}

/**
 * Refuses files that others than administrators can change: they would run as LocalSystem.
 *
 * @param allow Whether the administrator has accepted that (`--allow-writable-folder`).
 * @returns With `allow`, what was found, a line each.
 * @throws {@link WsbError} `ERR_WSB_WRITABLE_FOLDER`; the message names the places and the accounts.
 */
export function throwIfWritable(
  api: FolderApi,
  paths: readonly string[],
  { allow, links }: { readonly allow: boolean; readonly links?: LinkReader },
): readonly string[] {
  const lines = describeWritable(findWritablePaths(api, paths, links));
  if (allow || lines.length === 0) return lines;
  throw new WsbError(
    "ERR_WSB_WRITABLE_FOLDER",
    `What runs from here runs as LocalSystem, and others than administrators can change it; nothing was changed:\n${lines.map((line) => `  ${line}`).join("\n")}\nInstall the add-in and node.exe below C:\\Program Files, or accept the risk with --allow-writable-folder.`,
  );
}

/** Returns what is wrong with a path as a sentence's end, or `undefined`. */
function pathRule(api: Pick<NativeBinding, "driveType">, path: string): string | undefined {
  if (/^[/\\]{2}[?.][/\\]/u.test(path)) return "is written for the Windows API";
  if (/^[/\\]{2}/u.test(path)) return "is on a network share";
  if (!/^[A-Za-z]:[/\\]/u.test(path)) return "is not an absolute path on a drive";
  const root = path.slice(0, 2).toUpperCase();
  switch (api.driveType(`${root}\\`)) {
    case "network":
      return `is on a network share (drive ${root} is one)`;
    case "substituted":
      return `is on a drive that SUBST made (${root}), which only this logon has`;
    case "missing":
    case "unknown":
      return `is on a drive that is not there (${root})`;
    case "removable":
    case "cdrom":
      return `is on a drive that can be taken out (${root})`;
    case "ramdisk":
    case "fixed":
      return undefined;
  }
}

/**
 * Refuses a path that another logon, or whoever serves a share, could make another file of; a link
 * counts for what it leads to.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` for a relative path, a network share, a
 * mapped, substituted, removable or missing drive, and a path that begins with `\\?\` or `\\.\`.
 */
export function checkLocalPath(
  api: Pick<NativeBinding, "driveType">,
  path: string,
  links: LinkReader = rememberLinks(),
): void {
  // The path itself first: only one on a drive has links to follow.
  const rule = pathRule(api, path) ?? leadsTo(api, path, links);
  if (rule === undefined) return;
  throw new WsbError(
    "ERR_WSB_INVALID_ARGUMENT",
    `${path} ${rule}, and Windows Server Backup could not rely on what it starts there as LocalSystem; nothing was changed. Name a full path on a local disk, such as one below C:\\Program Files.`,
  );
}

function leadsTo(
  api: Pick<NativeBinding, "driveType">,
  path: string,
  links: LinkReader,
): string | undefined {
  for (const place of spellings(path, links)) {
    const rule = pathRule(api, place);
    if (rule !== undefined) return `leads to ${place}, which ${rule}`;
  }
  return undefined;
}
