import { constants, copyFileSync, linkSync, rmSync } from "node:fs";
import { dirname } from "node:path";

import { makeFolders } from "../../base/make-folders.ts";

/** Makes `to` a hard link to `from`, or a copy if the file system does not support the link. */
export function linkOrCopy(from: string, to: string): void {
  makeFolders(dirname(to));
  rmSync(to, { force: true });
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to, constants.COPYFILE_FICLONE);
  }
}
