import { HEAD_BYTES, SECTOR_BYTES, decodeHead } from "./head.ts";
import { FILLER, skipFiller, usedEnd } from "./filler.ts";
import { MAX_LINE_BYTES, decodeLine, linePrefix, sealBefore, type Line } from "./line.ts";

/**
 * How a log ends:
 * - `"whole"`: every byte is as written.
 * - `"torn"`: the last record was cut while being written. Its step was not taken; all records before
 *   it are whole.
 * - `"damaged"`: something that had been written whole is no longer. Records after it may be missing.
 */
export type LogEnd = "whole" | "torn" | "damaged";

/** The contents of a log. */
export interface LogContents {
  /** The records before the first fault, in order. */
  readonly records: readonly unknown[];
  readonly end: LogEnd;
  /** Records after the first fault of a damaged log: for reports, never to be obeyed. */
  readonly salvaged: readonly unknown[];
}

/** Where a writer continues. */
export interface LogState {
  readonly logId: string;
  /** How many records there are. */
  readonly records: number;
  /** Where the next record begins. */
  readonly endBytes: number;
  /** Where a torn record ends; `endBytes` when there is none. */
  readonly tornEndBytes: number;
  /** The last bytes before `endBytes`. */
  readonly seal: Buffer;
  /** Whether the last records may not be on the disk yet: a process was killed during an append. */
  readonly isUnmarked: boolean;
}

/** The records that follow each other without a gap, and where the last one ends. */
export interface Scanned {
  readonly records: readonly unknown[];
  readonly endBytes: number;
}

/** Where to begin to scan, and what the first record there is called. */
export interface ScanStart {
  readonly logId: string;
  readonly startBytes: number;
  readonly sequence: number;
}

/** Reads records until one is missing, cut or not as written. */
export function scanRecords(bytes: Buffer, { logId, startBytes, sequence }: ScanStart): Scanned {
  const records: unknown[] = [];
  let at = startBytes;
  for (;;) {
    const lineEnd = bytes.indexOf(FILLER, at);
    const line = lineEnd > at ? decodeLine(bytes, at, lineEnd) : undefined;
    if (line?.logId !== logId || line.sequence !== sequence + records.length) break;
    records.push(line.record);
    at = lineEnd + 1;
  }
  return { records, endBytes: at };
}

/** Reads each line from a place on that is a record, whatever is between. */
function salvageLines(bytes: Buffer, startBytes: number): readonly Line[] {
  const lines: Line[] = [];
  for (let at = skipFiller(bytes, startBytes); at < bytes.length;) {
    const found = bytes.indexOf(FILLER, at);
    const lineEnd = found === -1 ? bytes.length : found;
    const line = decodeLine(bytes, at, lineEnd);
    if (line !== undefined) lines.push(line);
    at = skipFiller(bytes, lineEnd);
  }
  return lines;
}

// What a cut write leaves of one sector: text from the front on, then filler. There is filler before
// the text if the process was killed while it took the record back.
// oxlint-disable-next-line no-control-regex -- text from the kit has no control character
const TORN_SECTOR = /^\n*[^\u{0}-\u{1f}]*\n*$/u;

function sectorAfter(position: number): number {
  return position + SECTOR_BYTES - (position % SECTOR_BYTES);
}

/**
 * Tells whether some bytes can be what a cut write of one record left: of each sector one piece of
 * text or nothing, and the right start if there is one.
 */
function isTorn(bytes: Buffer, startBytes: number, endBytes: number, prefix: string): boolean {
  if (endBytes - startBytes > MAX_LINE_BYTES) return false;
  const firstBytes = Math.min(prefix.length, sectorAfter(startBytes) - startBytes);
  const begun = bytes.toString("latin1", startBytes, startBytes + firstBytes).replace(/\n*$/u, "");
  if (!prefix.startsWith(begun)) return false;
  for (let at = startBytes; at < endBytes;) {
    const sectorEnd = Math.min(sectorAfter(at), endBytes);
    if (!TORN_SECTOR.test(bytes.toString("latin1", at, sectorEnd))) return false;
    at = sectorEnd;
  }
  return true;
}

/** The contents of a log, and where a writer continues unless it is damaged. */
export interface ParsedLog {
  readonly contents: LogContents;
  readonly state: LogState | undefined;
}

function damaged(records: readonly unknown[], salvaged: readonly Line[]): ParsedLog {
  const later = salvaged.filter(({ sequence }) => sequence > records.length);
  const contents: LogContents = {
    records,
    end: "damaged",
    salvaged: later.map(({ record }) => record),
  };
  return { contents, state: undefined };
}

/** Reads the bytes of a log. */
export function parseLog(bytes: Buffer): ParsedLog {
  const head = decodeHead(bytes);
  if (head === undefined) return damaged([], salvageLines(bytes, 0));
  const { logId, mark } = head;
  const { records, endBytes } = scanRecords(bytes, { logId, startBytes: HEAD_BYTES, sequence: 1 });
  const salvaged = salvageLines(bytes, endBytes);
  const isMissing = records.length < mark.records || bytes.length < mark.sizeBytes;
  if (isMissing || salvaged.length > 0) return damaged(records, salvaged);
  const tornEndBytes = usedEnd(bytes, endBytes, mark.sizeBytes);
  const prefix = linePrefix(records.length + 1, logId);
  if (!isTorn(bytes, endBytes, tornEndBytes, prefix)) return damaged(records, salvaged);
  const end: LogEnd = tornEndBytes > endBytes || head.torn ? "torn" : "whole";
  return {
    contents: { records, end, salvaged: [] },
    state: {
      logId,
      records: records.length,
      endBytes,
      tornEndBytes,
      seal: Buffer.from(sealBefore(bytes, endBytes)),
      isUnmarked: records.length > mark.records,
    },
  };
}
