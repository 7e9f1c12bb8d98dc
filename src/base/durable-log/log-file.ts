import type { DiskFile } from "../disk.ts";
import { HEAD_BYTES, decodeHead, markPosition, markSector, type Head, type Mark } from "./head.ts";
import { FILLER } from "./filler.ts";

/** Larger files are no logs: nothing here takes more memory than this. */
export const MAX_LOG_BYTES: number = 256 * 1024 * 1024;

/** Reads a part of a file; fewer bytes than asked for where the file ends. */
export function readPart(handle: DiskFile, position: number, sizeBytes: number): Buffer {
  const bytes = Buffer.allocUnsafe(sizeBytes);
  let done = 0;
  while (done < sizeBytes) {
    const count = handle.read(bytes.subarray(done), position + done);
    if (count === 0) break;
    done += count;
  }
  return bytes.subarray(0, done);
}

/** Writes all bytes: a disk that is nearly full writes a part and reports success. */
export function writePart(handle: DiskFile, position: number, bytes: Uint8Array): void {
  let done = 0;
  while (done < bytes.length) {
    const count = handle.write(bytes.subarray(done), position + done);
    if (count <= 0) throw Object.assign(new Error("ENOSPC: nothing written"), { code: "ENOSPC" });
    done += count;
  }
}

const filler = Buffer.alloc(64 * 1024, FILLER);

/** Writes filler from one place to another. */
export function writeFiller(handle: DiskFile, startBytes: number, endBytes: number): void {
  for (let at = startBytes; at < endBytes; at += filler.length) {
    writePart(handle, at, filler.subarray(0, endBytes - at));
  }
}

/** Tells whether the file has these bytes at this place. */
export function readsBack(handle: DiskFile, position: number, bytes: Uint8Array): boolean {
  return readPart(handle, position, bytes.length).equals(bytes);
}

/** Reads the first sectors; `undefined` when they are damaged or the file was cut. */
export function readHead(handle: DiskFile): Head | undefined {
  const head = decodeHead(readPart(handle, 0, HEAD_BYTES));
  const isCut = head !== undefined && handle.sizeBytes() < head.mark.sizeBytes;
  return isCut ? undefined : head;
}

/** Replaces the older mark. The newer one stays, so that one can always be read. */
export function writeMark(handle: DiskFile, head: Head, mark: Mark): void {
  writePart(handle, markPosition(head.freeMark), markSector(head.logId, mark));
}
