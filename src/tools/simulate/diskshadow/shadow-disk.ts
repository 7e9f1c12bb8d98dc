import { win32 } from "node:path";

import type { Disk } from "../set-files.ts";
import type { ShadowDevices } from "./make-shadow-copy.ts";

/** Returns a disk that reads files of volumes from their shadow copies, under their usual paths. */
export function diskOfShadow(disk: Disk, devices: ShadowDevices): Disk {
  const inShadow = (path: string): string => {
    const { root } = win32.parse(path);
    const device = devices.get(root.toUpperCase());
    return device === undefined ? path : `${device}\\${path.slice(root.length)}`;
  };
  return {
    ...disk,
    async list(folder, options) {
      const shadow = inShadow(folder);
      const entries = await disk.list(shadow, options);
      return entries.map(({ path, isFolder }) => ({
        path: win32.join(folder, path.slice(shadow.length)),
        isFolder,
      }));
    },
    copyFile: (from, to) => disk.copyFile(inShadow(from), to),
  };
}
