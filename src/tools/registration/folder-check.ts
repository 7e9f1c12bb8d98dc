import { readlinkSync, realpathSync } from "node:fs";
import { win32 } from "node:path";

import { WsbError, windowsError } from "../../base/errors.ts";
import type { FileSecurity, NativeBinding } from "../../runtime/native/binding.ts";
import { SID } from "../../base/sid.ts";
import { FILE_RIGHTS, accessOfOthers } from "./file-access.ts";

// Everybody can write to these two, but the sticky bit of Unix protects the files of other users.
// Wine does not show this bit.
const STICKY = /^z:\\(?:var\\)?tmp\\?$/iu;

/** The part of the shim that the check needs. */
export type FolderApi = Pick<NativeBinding, "readFileSecurity" | "accountName" | "isWine">;

/** A path of an add-in that an account other than an administrator can change. */
export interface WritablePath {
  readonly path: string;
  readonly sid: string;
  /** The account's name; the SID if Windows has no name. */
  readonly name: string;
  /** The actions, for a sentence that begins "the account can". */
  readonly rights: readonly string[];
}

/** Resolves links; the file system, or a test. */
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
// A folder above the file can be renamed or deleted with everything in it. New folders beside it do
// no harm: Windows lets every user create folders in C:\.
const CHANGES_WAY = DELETE | DELETE_CHILD | CHANGES_ACCESS;
// node.exe loads DLLs from its folder, server.js imports files from its folder.
const CHANGES_HOLDER = WRITE_DATA | APPEND_DATA | CHANGES_WAY;
// Each of the first two rights allows an account to change the target of a link.
// https://learn.microsoft.com/windows/win32/api/winioctl/ni-winioctl-fsctl_set_reparse_point
const CHANGES_LINK = WRITE_DATA | WRITE_ATTRIBUTES | DELETE | CHANGES_ACCESS;

// In Wine, files of its Unix user belong to this account, and files of all other Unix users, root
// included, to the anonymous one. Both therefore count as administrators there. The check still finds
// rights of others in the Unix mode, as rights of Everyone; Wine does not show group and sticky bit.
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

/** Caches the answers per path, because the files of an add-in share most folders. */
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

/** Resolves links and caches the answers, for the checks of one command. */
export function rememberLinks({ target, real }: LinkReader = fileLinks): LinkReader {
  return { target: once(target), real: once(real) };
}

interface Place {
  readonly path: string;
  readonly security: FileSecurity;
  readonly kind: "file" | "folder";
  /** Rights that other accounts must not have. */
  readonly mask: number;
}

/** Returns `C:\`, `C:\a` and `C:\a\b` for `C:\a\b`. */
function wayTo(path: string): readonly string[] {
  const { root } = win32.parse(path);
  const names = path.slice(root.length).split("\\").filter(Boolean);
  return [root, ...names.map((_, index) => win32.join(root, ...names.slice(0, index + 1)))];
}

/** Returns all paths to which links and short names in `path` lead. */
function spellings(path: string, links: LinkReader): readonly string[] {
  const found = new Map<string, string>();
  const pending = [path];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const normal = win32.normalize(next);
    if (found.has(normal.toUpperCase())) continue;
    if (found.size === MOST_LINKS) {
      throw new WsbError(
        "ERR_WSB_INVALID_ARGUMENT",
        `${path} leads through more than ${MOST_LINKS} links. Use the real path.`,
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
    throw windowsError(`Cannot read the permissions of ${path}`, "Check the path.", error);
  }
}

/** Returns the paths that other accounts must not change, so that `path` stays the same file. */
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
    // The root folder of a drive can be neither deleted nor renamed.
    if (index === 0) mask &= ~DELETE;
    return { path: place, security, kind: isFile || isLink ? "file" : "folder", mask };
  });
}

function nameRights(mask: number, kind: Place["kind"]): readonly string[] {
  const names: readonly (readonly [right: number, name: string])[] = [
    [WRITE_DATA, kind === "folder" ? "add files to it" : "write to it"],
    [APPEND_DATA, kind === "folder" ? "add folders to it" : "append to it"],
    [DELETE_CHILD, "delete and rename its contents"],
    [WRITE_ATTRIBUTES, "change its attributes"],
    [DELETE, "delete and rename it"],
    [WRITE_DAC, "change its permissions"],
    [WRITE_OWNER, "take ownership of it"],
  ];
  return names.filter(([right]) => (mask & right) !== 0).map(([, name]) => name);
}

/**
 * Finds paths that accounts other than SYSTEM, Administrators and TrustedInstaller can change: the files
 * in `paths`, their folders, all folders above, and all links in the paths.
 *
 * @param paths Absolute paths on a drive; for a missing file, its folder is checked.
 * @throws {@link WsbError} `ERR_WSB_WINDOWS_API` or `ERR_WSB_ACCESS_DENIED` if one cannot be read.
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
      // The same folder can contain one file and be above another.
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

/** Returns the results of `findWritablePaths`, one line each. */
export function describeWritable(found: readonly WritablePath[]): readonly string[] {
  return found.map(({ path, name, rights }) => `${path}: ${name} can ${rights.join(", ")}`);
}

/**
 * Refuses files that users other than administrators can change, because they run as LocalSystem.
 *
 * @param allow Whether the administrator accepts such files (`--allow-writable-folder`).
 * @returns With `allow`, the results, one line each.
 * @throws {@link WsbError} `ERR_WSB_WRITABLE_FOLDER`; the message names the paths and the accounts.
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
    `Users other than administrators can change these paths, from which code runs as LocalSystem; nothing was changed:\n${lines.map((line) => `  ${line}`).join("\n")}\nInstall the application and node.exe below C:\\Program Files, or accept the risk with --allow-writable-folder.`,
  );
}

/** Returns the problem of a path, as the end of a sentence, or `undefined`. */
function pathRule(api: Pick<NativeBinding, "driveType">, path: string): string | undefined {
  if (/^[/\\]{2}[?.][/\\]/u.test(path)) return "has a prefix of the Windows API";
  if (/^[/\\]{2}/u.test(path)) return "is on a network share";
  if (!/^[A-Za-z]:[/\\]/u.test(path)) return "is not an absolute path on a drive";
  const root = path.slice(0, 2).toUpperCase();
  switch (api.driveType(`${root}\\`)) {
    case "network":
      return `is on a network drive (${root})`;
    case "substituted":
      return `is on a SUBST drive (${root}), which only this logon has`;
    case "missing":
    case "unknown":
      return `is on a missing drive (${root})`;
    case "removable":
    case "cdrom":
      return `is on a removable drive (${root})`;
    case "ramdisk":
    case "fixed":
      return undefined;
  }
}

/**
 * Refuses a path that can be another file in another logon or on a file server. For a link, its target
 * counts.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` for a relative path, a network share, a
 * mapped, substituted, removable or missing drive, and a path that begins with `\\?\` or `\\.\`.
 */
export function checkLocalPath(
  api: Pick<NativeBinding, "driveType">,
  path: string,
  links: LinkReader = rememberLinks(),
): void {
  // The path itself first, because only a path on a drive has links.
  const rule = pathRule(api, path) ?? leadsTo(api, path, links);
  if (rule === undefined) return;
  throw new WsbError(
    "ERR_WSB_INVALID_ARGUMENT",
    `${path} ${rule}, where LocalSystem may find another file or none; nothing was changed. Use a full path on a local disk, for example below C:\\Program Files.`,
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
