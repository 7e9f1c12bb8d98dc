import { stat } from "node:fs/promises";
import { win32 } from "node:path";

import { WsbError } from "../../base/errors.ts";
import type { Disk } from "./set-files.ts";
import type { ShadowDevices } from "../diskshadow/make-shadow-copy.ts";

/** Returns the serial number of the volume on which something is. */
export type SerialOf = (path: string) => Promise<bigint>;

const serialOnDisk: SerialOf = async (path) => (await stat(path, { bigint: true })).dev;

/**
 * Returns a disk that reads files of volumes from their shadow copies, under their usual paths. What
 * is not in a shadow copy cannot be read: other volumes, and folders in which another one is mounted.
 */
export function diskOfShadow(
  disk: Disk,
  devices: ShadowDevices,
  serialOf: SerialOf = serialOnDisk,
): Disk {
  return {
    ...disk,
    async list(folder, options) {
      const shadow = inShadow(devices, folder);
      const entries = (await disk.list(shadow.path, options)).map(({ path, isFolder }) => ({
        path: win32.join(folder, path.slice(shadow.path.length)),
        isFolder,
      }));
      const serial = await serialOf(`${shadow.device}\\`);
      for (const { path } of [{ path: folder }, ...entries.filter(({ isFolder }) => isFolder)]) {
        if ((await serialOf(inShadow(devices, path).path)) !== serial) throw mounted(path);
      }
      return entries;
    },
    copyFile: async (from, to) => disk.copyFile(inShadow(devices, from).path, to),
  };
}

function inShadow(
  devices: ShadowDevices,
  path: string,
): { readonly device: string; readonly path: string } {
  const { root } = win32.parse(path);
  const device = devices.get(root.toUpperCase());
  if (device !== undefined) return { device, path: `${device}\\${path.slice(root.length)}` };
  throw new WsbError(
    "ERR_WSB_INVALID_ARGUMENT",
    `There is no shadow copy with ${path}. Report this.`,
  );
}

function mounted(path: string): WsbError {
  return new WsbError(
    "ERR_WSB_INVALID_ARGUMENT",
    `Another volume is mounted in ${path}, so that its files are in no shadow copy. Give that volume a drive letter, and name it in the components.`,
  );
}
