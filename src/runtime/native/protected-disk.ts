import type { Disk } from "../../base/disk.ts";
import { requireProtectedFile, type InspectionApi } from "./protected-file.ts";

/**
 * Returns a disk that opens only files below the kit's folder that nobody but SYSTEM and
 * Administrators can change.
 *
 * A path is checked just before it is opened. Nobody else can put another file there meanwhile, since
 * nobody else may change its folders.
 */
export function protectedDisk(api: InspectionApi, disk: Disk): Disk {
  return {
    open(file, mode) {
      requireProtectedFile(api, file);
      return disk.open(file, mode);
    },
    replace: (from, to) => disk.replace(from, to),
    remove: (file) => disk.remove(file),
    identity: (file) => disk.identity(file),
    pause: (durationMs) => disk.pause(durationMs),
  };
}
