import { WsbError } from "../../base/errors.ts";

/**
 * Placeholders for the brackets around a property of Windows Installer until the rest of the text
 * is escaped. Both are noncharacters of Unicode, reserved for internal use.
 */
export const openProperty = "\uFDD0";
export const closeProperty = "\uFDD1";

const PROPERTY = /^\[([A-Za-z_][A-Za-z0-9_.]*)\](.*)$/su;
const LOCAL = /^[A-Za-z]:\\(?!\\)/u;
// oxlint-disable-next-line no-control-regex -- it searches for control characters
const FORBIDDEN = /[\u0000-\u001F"<>|?*/:\uFDD0\uFDD1]/u;

function pathRule(path: string, rest: string): string | undefined {
  if (path.startsWith("\\\\")) return "must not be on a network share or a device";
  if (FORBIDDEN.test(rest)) return "has a character that Windows does not allow in a path";
  const parts = rest.split("\\").filter((part) => part !== "");
  if (parts.some((part) => part === "." || part === ".."))
    return "must not contain . or .. as a part";
  if (parts.some((part) => /[. ]$/u.test(part)))
    return "has a part that ends with a dot or a space";
  return undefined;
}

/**
 * The allowed start of a path: a drive, or also a property of Windows Installer: `[INSTALLDIR]`.
 */
export type PathStart = "drive" | "drive or property";

/**
 * Checks an absolute path on a local Windows drive; works on any system.
 *
 * @param option The option's name, for the message.
 * @returns The path, with a property's brackets replaced by {@link openProperty} and {@link
 * closeProperty}.
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT`.
 */
export function checkWindowsPath(option: string, path: string, start: PathStart): string {
  const property = start === "drive" ? null : PROPERTY.exec(path);
  const local = property === null && LOCAL.test(path) ? path.slice(3) : undefined;
  const rest = property?.[2] ?? local;
  const form = start === "drive" ? "C:\\…" : "C:\\… or [PROPERTY]…";
  const rule =
    pathRule(path, rest ?? "") ??
    (rest === undefined ? `must be an absolute path on a local drive: ${form}` : undefined);
  if (rule !== undefined) {
    throw new WsbError(
      "ERR_WSB_INVALID_ARGUMENT",
      `${option} ${JSON.stringify(path)} ${rule}. Give its path on the target machine.`,
    );
  }
  if (property === null) return path;
  return `${openProperty}${property[1] ?? ""}${closeProperty}${property[2] ?? ""}`;
}

/** Joins a folder and a file. A property of Windows Installer already ends with a backslash. */
export function joinWindowsPath(folder: string, file: string): string {
  return /[\\\uFDD1]$/u.test(folder) ? `${folder}${file}` : `${folder}\\${file}`;
}

const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)$/u;

/** Makes the start of file names from a display name, the same on every system. */
export function fileNameOf(name: string, writerId: string): string {
  const base = name
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, "-")
    .replaceAll(/^-|-$/gu, "")
    .slice(0, 64)
    .replace(/-$/u, "");
  const isUsable = base !== "" && !RESERVED.test(base);
  return isUsable ? base : `addin-${writerId.slice(1, 9).toLowerCase()}`;
}
