import type { Disk, DiskFile } from "../disk.ts";
import { isMissingFile } from "../file-error.ts";
import type { Head } from "./head.ts";
import { FILLER } from "./filler.ts";
import { SEAL_BYTES, encodeLine, sealBefore } from "./line.ts";
import { damagedError, logError, replacedError, withLogErrors } from "./log-errors.ts";
import {
  MAX_LOG_BYTES,
  readHead,
  readPart,
  readsBack,
  writeFiller,
  writeMark,
  writePart,
} from "./log-file.ts";
import { openToRead, readWhole } from "./read-log.ts";
import { scanRecords, type LogState } from "./scan.ts";

/** A record: any JSON object. A lone surrogate in a string survives. */
export type LogRecord = object;

// Files grow by whole blocks of every usual file system.
const GROWTH_BYTES = 16 * 1024;
const NEW_PART_BYTES = 16 * 1024;
const ROOM = Buffer.from([FILLER]);

/** Rounds the size of a file up. */
export function wholeBlocks(sizeBytes: number): number {
  return Math.ceil(sizeBytes / GROWTH_BYTES) * GROWTH_BYTES;
}

/** Returns a record's line, or throws. */
export function lineOf(file: string, logId: string, sequence: number, record: LogRecord): Buffer {
  const line = encodeLine(sequence, logId, record);
  if (line !== undefined) return line;
  throw logError("append to", file, "a record is no JSON object of up to 1 MiB", "Report this.");
}

/**
 * An open log. It does not keep the file open before its first append or reserve, so that an object
 * that only reads never prevents another process from replacing the file.
 *
 * All methods throw {@link WsbError} `ERR_WSB_JOURNAL`.
 */
export class DurableLog {
  readonly #file: string;
  readonly #disk: Disk;
  readonly #logId: string;
  #records: number;
  #endBytes: number;
  /** The checksum of the last record: that record may not have changed. */
  #seal: Buffer;
  /** Whether there is something behind the last record: of an append that failed, or was cut. */
  #hasTail: boolean;
  #open: { readonly handle: DiskFile; readonly identity: string } | undefined;
  /** What the last reserve has seen, until the next append. */
  #reserved: { readonly handle: DiskFile; readonly head: Head } | undefined;

  constructor(file: string, disk: Disk, state: LogState) {
    this.#file = file;
    this.#disk = disk;
    this.#logId = state.logId;
    this.#records = state.records;
    this.#endBytes = state.endBytes;
    this.#seal = state.seal;
    this.#hasTail = hasTail(state);
  }

  /**
   * Appends a record. It is on the disk and has been read back when this returns.
   *
   * Uses the reserved room, else the file grows. After a failure the log is as before: what was
   * written of the record becomes room again, now or before the next append; until then, it is read
   * as torn. The caller holds a lock: no other process appends at the same time. If another process
   * has appended before, call {@link readNew} first.
   */
  append(record: LogRecord): void {
    const line = this.#lineOf(record);
    this.#reserved = undefined;
    withLogErrors("append to", this.#file, () => {
      const handle = this.#handle();
      let head = this.#prepare(handle);
      const lineEnd = this.#endBytes + line.length;
      if (lineEnd > head.mark.sizeBytes) head = this.#grow(handle, head, lineEnd);
      this.#writeRecord(handle, head, line);
    });
  }

  /**
   * Appends like {@link append}, but relies on what the last {@link reserve} has seen: for a record
   * whose time matters, in a log that only this object writes. What somebody has done to the file
   * since then, the next append notices.
   */
  appendReserved(record: LogRecord): void {
    const reserved = this.#reserved;
    const line = this.#lineOf(record);
    const lineEnd = this.#endBytes + line.length;
    if (reserved === undefined || lineEnd > reserved.head.mark.sizeBytes) {
      this.append(record);
      return;
    }
    this.#reserved = undefined;
    withLogErrors("append to", this.#file, () => {
      this.#writeRecord(reserved.handle, reserved.head, line);
    });
  }

  /**
   * Makes sure that room is reserved beyond the last record. Cheap when it is.
   *
   * On NTFS and ext4, later appends into this room need no space on the disk. On file systems that
   * copy on write (ReFS with integrity streams, btrfs) and in compressed folders, they may.
   *
   * When the disk is full, what was reserved before still is.
   */
  reserve(roomBytes: number): void {
    this.#reserved = undefined;
    withLogErrors("reserve room in", this.#file, () => {
      const handle = this.#handle();
      let head = this.#prepare(handle);
      const neededBytes = this.#endBytes + roomBytes;
      if (neededBytes > head.mark.sizeBytes) head = this.#grow(handle, head, neededBytes);
      this.#reserved = { handle, head };
    });
  }

  /**
   * Reads what other processes have appended since this object last read or appended.
   *
   * Looks only at what is new, so that its cost does not grow. A record that another process is
   * appending may be read before it is on the disk.
   *
   * Throws when the file is damaged, gone, or another log, or when the last record that was read was
   * taken back because its append failed: open the log again.
   */
  readNew(): readonly unknown[] {
    this.#reserved = undefined;
    return withLogErrors("read", this.#file, () => {
      const handle = openToRead(this.#file, this.#disk);
      if (handle === undefined) throw replacedError("read", this.#file);
      try {
        return this.#readTail(handle) ?? this.#readAgain(handle);
      } finally {
        handle.close();
      }
    });
  }

  /** Closing a closed log does nothing. The next append opens it again. */
  close(): void {
    const open = this.#open;
    this.#open = undefined;
    this.#reserved = undefined;
    open?.handle.close();
  }

  /** Returns the file, open to write; never one that is no longer at the path. */
  #handle(): DiskFile {
    try {
      if (this.#open === undefined) {
        const handle = this.#disk.open(this.#file, "write");
        this.#open = { handle, identity: handle.identity() };
      }
      const { handle, identity } = this.#open;
      if (this.#disk.identity(this.#file) === identity) return handle;
    } catch (error) {
      if (!isMissingFile(error)) throw error;
    }
    this.close();
    throw replacedError("append to", this.#file);
  }

  /** Makes sure that the file ends where this object thinks, with nothing but filler behind. */
  #prepare(handle: DiskFile): Head {
    const head = readHead(handle);
    if (head === undefined) throw damagedError("append to", this.#file);
    if (head.logId !== this.#logId) throw replacedError("append to", this.#file);
    if (head.mark.records > this.#records) throw this.#appendedError();
    if (!readsBack(handle, this.#endBytes - SEAL_BYTES, this.#seal)) {
      throw replacedError("append to", this.#file);
    }
    // A process that was killed in its append has told nobody.
    if (this.#hasTail || !readsBack(handle, this.#endBytes, ROOM)) this.#cutTail(handle);
    if (head.mark.records === this.#records) return head;
    // A killed process may not have flushed its last record, and a mark says that it is on the disk.
    handle.sync();
    return this.#mark(handle, head, head.mark.sizeBytes);
  }

  #appendedError(): Error {
    const why = "another process has appended to it";
    return logError("append to", this.#file, why, "Read the new records first.");
  }

  #cutTail(handle: DiskFile): void {
    const { state } = readWhole(handle, this.#disk);
    if (state === undefined) throw damagedError("append to", this.#file);
    if (state.records > this.#records) throw this.#appendedError();
    this.#makeRoom(handle, state.tornEndBytes);
    this.#hasTail = false;
  }

  /** On the disk before anything is written over it: else a shorter record would end in its rest. */
  #makeRoom(handle: DiskFile, endBytes: number): void {
    writeFiller(handle, this.#endBytes, endBytes);
    handle.sync();
  }

  #lineOf(record: LogRecord): Buffer {
    return lineOf(this.#file, this.#logId, this.#records + 1, record);
  }

  #writeRecord(handle: DiskFile, head: Head, line: Buffer): void {
    this.#writeLine(handle, line);
    this.#advance(1, this.#endBytes + line.length, line.subarray(-SEAL_BYTES));
    this.#tryMark(handle, head);
  }

  #writeLine(handle: DiskFile, line: Buffer): void {
    try {
      writePart(handle, this.#endBytes, line);
      handle.sync();
      if (readsBack(handle, this.#endBytes, line)) return;
    } catch (error) {
      this.#takeBack(handle, line.length);
      throw error;
    }
    this.#takeBack(handle, line.length);
    const why = "a record reads back other than it was written";
    throw logError("append to", this.#file, why, "Check the disk.");
  }

  #takeBack(handle: DiskFile, lineBytes: number): void {
    try {
      this.#makeRoom(handle, this.#endBytes + lineBytes);
    } catch {
      // The append has failed already, and the next one tries again.
      this.#hasTail = true;
    }
  }

  /** The record is on the disk. Without its mark, only its later loss would not be noticed. */
  #tryMark(handle: DiskFile, head: Head): void {
    try {
      this.#mark(handle, head, head.mark.sizeBytes);
    } catch {
      // The next append writes it first, or fails.
    }
  }

  #mark(handle: DiskFile, head: Head, sizeBytes: number): Head {
    const mark = { records: this.#records, sizeBytes };
    writeMark(handle, head, mark);
    const freeMark = head.freeMark === 0 ? 1 : 0;
    return { logId: head.logId, mark, freeMark, torn: false };
  }

  #grow(handle: DiskFile, head: Head, neededBytes: number): Head {
    const sizeBytes = wholeBlocks(neededBytes);
    if (sizeBytes > MAX_LOG_BYTES) {
      throw logError("grow", this.#file, "it would be larger than 256 MiB", "End the session.");
    }
    this.#writeRoom(handle, head.mark.sizeBytes, sizeBytes);
    const grown = this.#mark(handle, head, sizeBytes);
    // No record may be written where the disk does not yet know the file to be.
    handle.sync();
    return grown;
  }

  #writeRoom(handle: DiskFile, startBytes: number, endBytes: number): void {
    try {
      writeFiller(handle, startBytes, endBytes);
      handle.sync();
    } catch (error) {
      try {
        handle.truncate(startBytes);
      } catch {
        // What is beyond the marked size belongs to no log.
      }
      throw error;
    }
  }

  /** Reads only what is new; `undefined` when something looks wrong or is being written. */
  #readTail(handle: DiskFile): readonly unknown[] | undefined {
    const head = readHead(handle);
    if (head?.logId !== this.#logId) return undefined;
    const partStart = this.#endBytes - SEAL_BYTES;
    const leftBytes = head.mark.sizeBytes - partStart;
    const start = { logId: this.#logId, startBytes: SEAL_BYTES, sequence: this.#records + 1 };
    for (let partBytes = NEW_PART_BYTES; ; partBytes *= 4) {
      const part = readPart(handle, partStart, Math.min(partBytes, leftBytes));
      if (!part.subarray(0, SEAL_BYTES).equals(this.#seal)) return undefined;
      const { records, endBytes } = scanRecords(part, start);
      const hasAll = this.#records + records.length >= head.mark.records;
      if (hasAll && part[endBytes] === FILLER) {
        this.#advance(records.length, partStart + endBytes, sealBefore(part, endBytes));
        return records;
      }
      if (partBytes >= leftBytes) return undefined;
    }
  }

  #readAgain(handle: DiskFile): readonly unknown[] {
    const { contents, state } = readWhole(handle, this.#disk);
    if (state === undefined) throw damagedError("read", this.#file);
    const isSame = readsBack(handle, this.#endBytes - SEAL_BYTES, this.#seal);
    if (state.logId !== this.#logId || !isSame) throw replacedError("read", this.#file);
    const records = contents.records.slice(this.#records);
    this.#advance(records.length, state.endBytes, state.seal);
    this.#hasTail = hasTail(state);
    return records;
  }

  #advance(newRecords: number, endBytes: number, seal: Buffer): void {
    this.#records += newRecords;
    this.#endBytes = endBytes;
    this.#seal = Buffer.from(seal);
  }
}

function hasTail({ tornEndBytes, endBytes }: LogState): boolean {
  return tornEndBytes > endBytes;
}
