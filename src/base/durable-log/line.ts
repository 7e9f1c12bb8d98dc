import { crc32 } from "./crc32.ts";

/** The longest line of a record, with its end. */
export const MAX_LINE_BYTES = 1024 * 1024;

const CRC_DIGITS = 8;

/** How many bytes end a line: a space, its checksum and the end. They tell one line from another. */
export const SEAL_BYTES: number = CRC_DIGITS + 2;

/** Returns the last bytes of the line that ends at a place. */
export function sealBefore(bytes: Buffer, endBytes: number): Buffer {
  return bytes.subarray(endBytes - SEAL_BYTES, endBytes);
}

/** Returns the checksum of a line's text as it stands in the line. */
export function checksum(bytes: Uint8Array, start?: number, end?: number): string {
  return crc32(bytes, start, end).toString(16).padStart(CRC_DIGITS, "0");
}

/** One record as its line tells it. */
export interface Line {
  readonly sequence: number;
  readonly logId: string;
  readonly record: unknown;
}

/** Returns the start of every line of a record: its place in the log, and which log. */
export function linePrefix(sequence: number, logId: string): string {
  return `${sequence} ${logId} `;
}

/**
 * Returns a record's line: sequence number, id of the log, JSON, checksum.
 *
 * @returns `undefined` for what has no JSON object or is too long.
 */
export function encodeLine(sequence: number, logId: string, record: object): Buffer | undefined {
  const json: unknown = JSON.stringify(record);
  if (typeof json !== "string" || !/^[[{]/u.test(json)) return undefined;
  const text = Buffer.from(`${linePrefix(sequence, logId)}${json}`);
  const line = Buffer.concat([text, Buffer.from(` ${checksum(text)}\n`)]);
  return line.length <= MAX_LINE_BYTES ? line : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const PREFIX = /^([1-9]\d{0,8}) ([\da-f]{8}) /u;
const MAX_PREFIX_BYTES = 20;

/**
 * Reads the line between two places, without its end.
 *
 * @returns `undefined` when it is no record or is not as it was written.
 */
export function decodeLine(bytes: Buffer, start: number, end: number): Line | undefined {
  const textEnd = end - CRC_DIGITS - 1;
  if (textEnd <= start || end - start >= MAX_LINE_BYTES) return undefined;
  const prefix = PREFIX.exec(bytes.toString("latin1", start, start + MAX_PREFIX_BYTES));
  if (prefix === null) return undefined;
  const seal = ` ${checksum(bytes, start, textEnd)}`;
  if (bytes.toString("latin1", textEnd, end) !== seal) return undefined;
  const [all, sequence, logId = ""] = prefix;
  const record = parseJson(bytes.toString("utf8", start + all.length, textEnd));
  return record === undefined ? undefined : { sequence: Number(sequence), logId, record };
}
