import { copyFileSync, mkdirSync, readdirSync, readlinkSync, symlinkSync } from "node:fs";
import { extname, join, resolve } from "node:path";

import { WsbError } from "../../../src/base/errors.ts";
import type { WineLab } from "../../../src/tools/lab/lab.ts";
import { linkOrCopy } from "../../../src/tools/lab/link.ts";
import { readStamp, writeStamp } from "../../../src/tools/lab/stamp.ts";

// Code and tables. Nothing writes to them, and they are all of a prefix except 2 MB.
const SHARED_EXTENSIONS: ReadonlySet<string> = new Set([
  ".acm",
  ".ax",
  ".com",
  ".cpl",
  ".dll",
  ".drv",
  ".exe",
  ".msstyles",
  ".nls",
  ".ocx",
  ".sys",
  ".tlb",
]);

const SHARED_FOLDERS = ["drive_c/windows", "drive_c/Program Files", "drive_c/Program Files (x86)"];

function isShared(relativePath: string): boolean {
  return (
    SHARED_EXTENSIONS.has(extname(relativePath).toLowerCase()) &&
    SHARED_FOLDERS.some((folder) => relativePath.startsWith(`${folder}/`))
  );
}

function cloneTree(source: string, target: string, relativePath: string): void {
  const from = join(source, relativePath);
  const to = join(target, relativePath);
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const path = relativePath === "" ? entry.name : `${relativePath}/${entry.name}`;
    if (entry.isDirectory()) {
      cloneTree(source, target, path);
    } else if (entry.isSymbolicLink()) {
      symlinkSync(readlinkSync(join(from, entry.name)), join(to, entry.name));
    } else if (entry.isFile()) {
      const place = isShared(path) ? linkOrCopy : copyFileSync;
      place(join(from, entry.name), join(to, entry.name));
    }
  }
}

/**
 * Makes an independent lab from an existing one in a fraction of a second.
 *
 * The clone has its own registry, files and processes. It shares read-only code by hard links, so
 * `folder` must be on the same file system. Remove it with `labDown({ folder })`.
 *
 * @param lab A lab that is unchanged since `labUp` or runs no program.
 * @param folder A folder that does not exist or is empty.
 * @throws {@link WsbError} `ERR_WSB_LAB` when `lab` is not up or `folder` is not empty.
 */
export function cloneLab(lab: WineLab, folder: string): WineLab {
  const stamp = readStamp(lab.folder);
  if (stamp === undefined) {
    throw new WsbError("ERR_WSB_LAB", `The lab ${lab.folder} is not up. Run: wsb-addin lab up`);
  }
  mkdirSync(folder, { recursive: true });
  if (readdirSync(folder).length > 0) {
    throw new WsbError(
      "ERR_WSB_LAB",
      `Cannot clone the lab into ${folder}: it is not empty. Choose another folder.`,
    );
  }
  const cloned = resolve(folder);
  const prefix = join(cloned, "prefix");
  cloneTree(lab.prefix, prefix, "");
  writeStamp(cloned, stamp);
  return { ...lab, folder: cloned, prefix };
}
