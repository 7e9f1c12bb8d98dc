import type { Disk, DiskFile, OpenMode } from "../../src/base/disk.ts";

const SECTOR_BYTES = 512;
const BLOCK_BYTES = 4096;

/** One operation that a fault can hit. */
export interface Effect {
  readonly operation: "open" | "read" | "write" | "sync" | "truncate" | "replace";
  /** Counts from 0. */
  readonly number: number;
}

/**
 * What goes wrong with an operation:
 * - `"short"`: a write writes a part and says so.
 * - `"error"`: EIO. A write leaves a part; a flush loses what it was to flush, as Linux does.
 * - `"kill"`: the process is killed in the middle. Everything it still tries fails.
 */
export type Fault = "short" | "error" | "kill";

export interface SimulatedDiskOptions {
  /** A number from 0 to less than 1. */
  readonly random: () => number;
  /** Default: as much as anybody needs. */
  readonly spaceBytes?: number;
  readonly fault?: (effect: Effect) => Fault | undefined;
}

/** A process does not survive this: no code may catch it and go on. */
export class Killed extends Error {}

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: simulated`), { code });
}

/** A file as processes see it, and as it is on the disk. */
class Inode {
  readonly id: number;
  visible: Buffer = Buffer.alloc(0);
  durable: Buffer = Buffer.alloc(0);
  /** All contents of a sector since it was last flushed: a power cut leaves any one. */
  unflushed = new Map<number, Buffer[]>();

  constructor(id: number) {
    this.id = id;
  }

  write(bytes: Uint8Array, position: number): void {
    const end = position + bytes.length;
    if (end > this.visible.length) {
      this.visible = Buffer.concat([this.visible, Buffer.alloc(end - this.visible.length)]);
    }
    this.visible.set(bytes, position);
    for (let at = position - (position % SECTOR_BYTES); at < end; at += SECTOR_BYTES) {
      const versions = this.unflushed.get(at) ?? [];
      this.unflushed.set(at, versions);
      versions.push(Buffer.from(this.visible.subarray(at, at + SECTOR_BYTES)));
    }
  }

  truncate(sizeBytes: number): void {
    const kept = Buffer.alloc(sizeBytes);
    this.visible.copy(kept);
    this.visible = kept;
    for (const at of this.unflushed.keys()) if (at >= sizeBytes) this.unflushed.delete(at);
  }

  flush(): void {
    if (this.durable.length !== this.visible.length) this.durable = Buffer.from(this.visible);
    for (const at of this.unflushed.keys()) {
      this.visible.copy(this.durable, at, at, at + SECTOR_BYTES);
    }
    this.unflushed.clear();
  }

  /** Flushes some sectors, each as it was at some time. */
  flushSome(random: () => number): void {
    const sizeBytes = random() < 0.5 ? this.durable.length : this.visible.length;
    const kept = Buffer.alloc(sizeBytes);
    this.durable.copy(kept);
    for (const [at, versions] of this.unflushed) {
      const version = versions[Math.floor(random() * (versions.length + 1))];
      version?.copy(kept, at);
    }
    this.durable = kept;
    this.unflushed.clear();
  }
}

/** A disk in memory, with everything that goes wrong with one. Processes share it. */
export class SimulatedDisk implements Disk {
  readonly #options: SimulatedDiskOptions;
  readonly #files = new Map<string, Inode>();
  #spaceBytes: number;
  #effects = 0;
  #inodes = 0;
  #isDead = false;
  #openHandles = 0;

  constructor(options: SimulatedDiskOptions) {
    this.#options = options;
    this.#spaceBytes = options.spaceBytes ?? Number.MAX_SAFE_INTEGER;
  }

  /** Whether the process was killed; {@link restart} starts the next one. */
  get isDead(): boolean {
    return this.#isDead;
  }

  get effects(): number {
    return this.#effects;
  }

  /** How many files are open. */
  get openHandles(): number {
    return this.#openHandles;
  }

  restart(): void {
    this.#isDead = false;
  }

  /** Every file is as some of the writes since its last flush left it. */
  powerCut(): void {
    this.#isDead = false;
    for (const inode of this.#files.values()) {
      inode.flushSome(this.#options.random);
      inode.visible = Buffer.from(inode.durable);
    }
  }

  has(file: string): boolean {
    return this.#files.has(file);
  }

  get paths(): readonly string[] {
    return [...this.#files.keys()];
  }

  /** Renames a file behind everybody's back, as the rename of its folder does. */
  move(from: string, to: string): void {
    this.#files.set(to, this.#inode(from));
    this.#files.delete(from);
  }

  /** Leaves this much free from now on. */
  setSpace(spaceBytes: number): void {
    this.#spaceBytes = spaceBytes;
  }

  bytesOf(file: string): Buffer {
    return Buffer.from(this.#inode(file).visible);
  }

  /** Changes the file behind everybody's back. */
  setBytes(file: string, bytes: Uint8Array): void {
    const inode = this.#files.get(file) ?? this.#newInode(file);
    inode.truncate(0);
    inode.write(bytes, 0);
    inode.flush();
  }

  open(file: string, mode: OpenMode): DiskFile {
    this.#meet("open");
    const inode = mode === "create" ? this.#newInode(file) : this.#inode(file);
    this.#openHandles += 1;
    return {
      read: (bytes, position) => this.#read(inode, bytes, position),
      write: (bytes, position) => this.#write(inode, bytes, position),
      sync: () => this.#sync(inode),
      truncate: (sizeBytes) => this.#truncate(inode, sizeBytes),
      sizeBytes: () => inode.visible.length,
      identity: () => String(inode.id),
      close: () => {
        this.#openHandles -= 1;
      },
    };
  }

  replace(from: string, to: string): void {
    this.#meet("replace");
    this.move(from, to);
  }

  remove(file: string): void {
    if (this.#isDead) throw new Killed();
    this.#files.delete(file);
  }

  identity(file: string): string {
    return String(this.#inode(file).id);
  }

  pause(): void {}

  #newInode(file: string): Inode {
    this.#inodes += 1;
    const inode = new Inode(this.#inodes);
    this.#files.set(file, inode);
    return inode;
  }

  #inode(file: string): Inode {
    const inode = this.#files.get(file);
    if (inode === undefined) throw systemError("ENOENT");
    return inode;
  }

  #meet(operation: Effect["operation"]): Fault | undefined {
    if (this.#isDead) throw new Killed();
    const fault = this.#options.fault?.({ operation, number: this.#effects });
    this.#effects += 1;
    if (fault === "kill") this.#isDead = true;
    const isPartial = operation === "write" || operation === "sync";
    if (fault === "kill" && !isPartial) throw new Killed();
    if (fault === "error" && !isPartial) throw systemError("EIO");
    return fault;
  }

  #read(inode: Inode, bytes: Uint8Array, position: number): number {
    const fault = this.#meet("read");
    const wanted = fault === "short" ? Math.ceil(bytes.length / 2) : bytes.length;
    const part = inode.visible.subarray(position, position + wanted);
    bytes.set(part);
    return part.length;
  }

  #write(inode: Inode, bytes: Uint8Array, position: number): number {
    const fault = this.#meet("write");
    const allowed = this.#allocate(inode, position + bytes.length) - position;
    const part = Math.floor(this.#options.random() * (bytes.length + 1));
    const count = fault === undefined ? bytes.length : fault === "short" ? part || 1 : part;
    const done = Math.max(0, Math.min(count, allowed));
    if (done > 0) inode.write(bytes.subarray(0, done), position);
    if (fault === "kill") throw new Killed();
    if (fault === "error") throw systemError("EIO");
    if (done === 0) throw systemError("ENOSPC");
    return done;
  }

  /** Takes blocks for a file to end there; returns where it can end. */
  #allocate(inode: Inode, endBytes: number): number {
    const hasBytes = Math.ceil(inode.visible.length / BLOCK_BYTES) * BLOCK_BYTES;
    if (endBytes <= hasBytes) return endBytes;
    const wanted = Math.ceil((endBytes - hasBytes) / BLOCK_BYTES) * BLOCK_BYTES;
    const free = Math.floor(this.#spaceBytes / BLOCK_BYTES) * BLOCK_BYTES;
    const taken = Math.min(wanted, free);
    this.#spaceBytes -= taken;
    return Math.min(endBytes, hasBytes + taken);
  }

  #sync(inode: Inode): void {
    const fault = this.#meet("sync");
    if (fault === undefined || fault === "short") {
      inode.flush();
      return;
    }
    if (fault === "kill") throw new Killed();
    inode.flushSome(this.#options.random);
    throw systemError("EIO");
  }

  #truncate(inode: Inode, sizeBytes: number): void {
    this.#meet("truncate");
    const before = Math.ceil(inode.visible.length / BLOCK_BYTES);
    inode.truncate(sizeBytes);
    this.#spaceBytes += (before - Math.ceil(sizeBytes / BLOCK_BYTES)) * BLOCK_BYTES;
  }
}
