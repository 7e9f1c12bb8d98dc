import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
  type BigIntStats,
} from "node:fs";
import { dirname } from "node:path";

import { pause, whenFree } from "./when-free.ts";

/** How to open a file: to read it; to read and write an existing file; to make it new and empty. */
export type OpenMode = "read" | "write" | "create";

/** An open file. Every method throws the error of the file system. */
export interface DiskFile {
  /** Returns the number of bytes read: fewer than asked for at the end of the file. */
  read(bytes: Uint8Array, position: number): number;
  /** Returns the number of bytes written, which may be fewer than given. */
  write(bytes: Uint8Array, position: number): number;
  /** Returns when everything written is on the disk, also after a power cut. */
  sync(): void;
  truncate(sizeBytes: number): void;
  sizeBytes(): number;
  /** Identifies the file, whatever its path is now. */
  identity(): string;
  close(): void;
}

/** The file operations of a log. Every method throws the error of the file system. */
export interface Disk {
  open(file: string, mode: OpenMode): DiskFile;
  /** Replaces the file `to`; returns when this outlives a power cut, as far as the system can tell. */
  replace(from: string, to: string): void;
  /** Removing a file that does not exist succeeds. */
  remove(file: string): void;
  /** Identifies the file that is at this path now. */
  identity(file: string): string;
  /** Blocks the thread while another process finishes what it does to a file. */
  pause(durationMs: number): void;
}

function identityOf({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`;
}

const flags = { read: "r", write: "r+", create: "w+" } as const;

class MachineFile implements DiskFile {
  readonly #descriptor: number;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  read(bytes: Uint8Array, position: number): number {
    return readSync(this.#descriptor, bytes, 0, bytes.length, position);
  }

  write(bytes: Uint8Array, position: number): number {
    return writeSync(this.#descriptor, bytes, 0, bytes.length, position);
  }

  sync(): void {
    fsyncSync(this.#descriptor);
  }

  truncate(sizeBytes: number): void {
    ftruncateSync(this.#descriptor, sizeBytes);
  }

  sizeBytes(): number {
    return fstatSync(this.#descriptor).size;
  }

  identity(): string {
    return identityOf(fstatSync(this.#descriptor, { bigint: true }));
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

function syncPath(path: string, mode: "r" | "r+"): void {
  const descriptor = openSync(path, mode);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Makes a new name of a file outlive a power cut. */
function syncName(file: string): void {
  // Windows opens no folder like a file; a flushed file there takes its name with it.
  if (process.platform === "win32") whenFree(() => syncPath(file, "r+"));
  else syncPath(dirname(file), "r");
}

/** The disks of this machine. Waits half a second for a file that another process holds open. */
export const machineDisk: Disk = {
  open: (file, mode) => new MachineFile(whenFree(() => openSync(file, flags[mode]))),
  replace: (from, to) => {
    whenFree(() => renameSync(from, to));
    syncName(to);
  },
  remove: (file) => rmSync(file, { force: true }),
  identity: (file) => identityOf(whenFree(() => statSync(file, { bigint: true }))),
  pause,
};
