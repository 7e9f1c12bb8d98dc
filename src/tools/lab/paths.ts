import { join, resolve, sep } from "node:path";

import type { Lab } from "./lab.ts";

function driveC(prefix: string): string {
  return join(prefix, "drive_c");
}

/**
 * Converts a path of this machine to the lab's Windows path: `C:\…` inside the prefix, else `Z:\…`.
 *
 * @param path A path, absolute or relative to the working folder.
 */
export function toWindowsPath(lab: Lab, path: string): string {
  const absolute = resolve(path);
  if (lab.kind === "machine") return absolute;
  const inside = driveC(lab.prefix);
  const [drive, rest] =
    absolute === inside || absolute.startsWith(inside + sep)
      ? ["C:", absolute.slice(inside.length)]
      : ["Z:", absolute];
  return `${drive}${rest === "" ? "\\" : rest.replaceAll("/", "\\")}`;
}

/**
 * Converts a Windows path in the lab to a path of this machine.
 *
 * @param path An absolute Windows path on drive C: or Z:, in the file's own case: Linux is
 * case-sensitive.
 */
export function fromWindowsPath(lab: Lab, path: string): string {
  if (lab.kind === "machine") return path;
  const rest = path.slice(2).replaceAll("\\", "/");
  return /^z:/iu.test(path) ? resolve("/", rest) : join(driveC(lab.prefix), rest);
}
