/** Small file systems in memory, for tests of full disks. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

function isMountedOn(folder: string, sizeBytes: number): boolean {
  // Nobody else may write there: the kit would not obey what it finds.
  const options = `size=${sizeBytes},mode=0700`;
  return spawnSync("mount", ["-t", "tmpfs", "-o", options, "none", folder]).status === 0;
}

/** Removes a small disk, with programs that still use it. */
function unmount(folder: string): void {
  spawnSync("umount", ["--lazy", folder]);
}

function tryToMount(): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  const folder = mkdtempSync(join(tmpdir(), "small-disk-"));
  const isMounted = isMountedOn(folder, 4096);
  if (isMounted) unmount(folder);
  rmSync(folder, { recursive: true });
  return isMounted;
}

/** Whether this machine lets tests mount a file system. */
export const canMount: boolean = tryToMount();

/** A file system of its own in a folder that exists. */
export class SmallDisk {
  readonly #folder: string;
  readonly #ballast: string;

  constructor(folder: string, sizeBytes: number) {
    if (!isMountedOn(folder, sizeBytes)) throw new Error(`cannot mount ${folder}`);
    this.#folder = folder;
    this.#ballast = join(folder, "all-the-rest");
  }

  /** Takes all space but the last bytes, in whole blocks. */
  fill(freeBytes = 0): void {
    const { bavail, bsize } = statfsSync(this.#folder);
    writeFileSync(this.#ballast, Buffer.alloc(Math.max(0, bavail * bsize - freeBytes)));
  }

  /** Gives back what {@link fill} took. */
  empty(): void {
    rmSync(this.#ballast, { force: true });
  }

  remove(): void {
    unmount(this.#folder);
  }
}
