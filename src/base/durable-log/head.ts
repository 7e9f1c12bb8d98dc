import { checksum } from "./line.ts";

/** The part of a file that a disk writes as a whole or not at all, whatever happens. */
export const SECTOR_BYTES = 512;

/** The header and two marks, each in a sector of its own. */
export const HEAD_BYTES: number = 3 * SECTOR_BYTES;

/** How far a log has come. Kept twice: the newer one is never written over. */
export interface Mark {
  /** How many records are on the disk, at least. */
  readonly records: number;
  /** Size of the file, with its room. What is beyond belongs to no log. */
  readonly sizeBytes: number;
}

/** What the first sectors of a log say. */
export interface Head {
  readonly logId: string;
  readonly mark: Mark;
  /** Which of the two marks the next one replaces: the older one, or one that cannot be read. */
  readonly freeMark: 0 | 1;
  /** A mark cannot be read: it was cut while it was written. */
  readonly torn: boolean;
}

const EXPLANATION = "Do not edit. A line is: number, log, JSON, CRC-32. Empty lines are room.";

function sector(text: string): Buffer {
  const sealed = `${text} ${checksum(Buffer.from(text))}`;
  return Buffer.from(`${sealed.padEnd(SECTOR_BYTES - 1)}\n`);
}

function headerSector(logId: string): Buffer {
  return sector(`wsb-addin log 1 ${logId}. ${EXPLANATION}`);
}

/** Returns a mark as it is in the file. */
export function markSector(logId: string, { records, sizeBytes }: Mark): Buffer {
  return sector(`log ${logId}: ${records} records, ${sizeBytes} bytes`);
}

/** Returns the position in the file of a mark. */
export function markPosition(index: 0 | 1): number {
  return (1 + index) * SECTOR_BYTES;
}

/** Returns the first sectors of a new log. */
export function encodeHead(logId: string, mark: Mark): Buffer {
  const marked = markSector(logId, mark);
  return Buffer.concat([headerSector(logId), marked, marked]);
}

function sectorAt(bytes: Buffer, position: number): Buffer {
  return bytes.subarray(position, position + SECTOR_BYTES);
}

function readHeader(bytes: Buffer): string | undefined {
  const logId = /^wsb-addin log 1 ([\da-f]{8})\./u.exec(bytes.toString("latin1", 0, 30))?.[1];
  if (logId === undefined) return undefined;
  return headerSector(logId).equals(sectorAt(bytes, 0)) ? logId : undefined;
}

const MARK = /^log [\da-f]{8}: (\d{1,9}) records, (\d{1,9}) bytes/u;

function readMark(bytes: Buffer, logId: string, index: 0 | 1): Mark | undefined {
  const stored = sectorAt(bytes, markPosition(index));
  const [, records, sizeBytes] = MARK.exec(stored.toString("latin1", 0, 60)) ?? [];
  if (records === undefined || sizeBytes === undefined) return undefined;
  const mark = { records: Number(records), sizeBytes: Number(sizeBytes) };
  // One bit that changed anywhere in the sector makes it another.
  return markSector(logId, mark).equals(stored) ? mark : undefined;
}

function isNewer(one: Mark, other: Mark): boolean {
  if (one.records !== other.records) return one.records > other.records;
  return one.sizeBytes > other.sizeBytes;
}

/** Reads the first sectors of a log; `undefined` when the header or both marks are damaged. */
export function decodeHead(bytes: Buffer): Head | undefined {
  const logId = readHeader(bytes);
  if (logId === undefined) return undefined;
  const [first, second] = [readMark(bytes, logId, 0), readMark(bytes, logId, 1)];
  if (first === undefined || second === undefined) {
    const mark = first ?? second;
    if (mark === undefined) return undefined;
    return { logId, mark, freeMark: first === undefined ? 0 : 1, torn: true };
  }
  return isNewer(second, first)
    ? { logId, mark: second, freeMark: 0, torn: false }
    : { logId, mark: first, freeMark: 1, torn: false };
}
