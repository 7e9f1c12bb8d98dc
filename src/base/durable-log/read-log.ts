import { machineDisk, type Disk, type DiskFile } from "../disk.ts";
import { isMissingFile } from "../file-error.ts";
import { HEAD_BYTES } from "./head.ts";
import { withLogErrors } from "./log-errors.ts";
import { MAX_LOG_BYTES, readPart } from "./log-file.ts";
import { parseLog, type LogContents, type ParsedLog } from "./scan.ts";

// Another process may be in the middle of an append.
const TRIES = 4;
const PAUSE_MS = 5;

function readOnce(handle: DiskFile): ParsedLog {
  // The head first: what it names is on the disk before, so that the rest is never older.
  const head = readPart(handle, 0, HEAD_BYTES);
  const sizeBytes = handle.sizeBytes();
  if (sizeBytes > MAX_LOG_BYTES) return parseLog(Buffer.alloc(0));
  const rest = readPart(handle, head.length, Math.max(0, sizeBytes - head.length));
  return parseLog(Buffer.concat([head, rest]));
}

/** Reads an open log, again while another process may be in the middle of an append. */
export function readWhole(handle: DiskFile, disk: Disk): ParsedLog {
  for (let tries = 1; ; tries += 1) {
    const parsed = readOnce(handle);
    if (parsed.contents.end === "whole" || tries === TRIES) return parsed;
    disk.pause(PAUSE_MS);
  }
}

/** Opens a file to read it; `undefined` when there is none. */
export function openToRead(file: string, disk: Disk): DiskFile | undefined {
  try {
    return disk.open(file, "read");
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw error;
  }
}

/** Reads a log and where a writer continues; `undefined` when there is no such file. */
export function loadLog(file: string, disk: Disk): ParsedLog | undefined {
  const handle = openToRead(file, disk);
  if (handle === undefined) return undefined;
  try {
    return readWhole(handle, disk);
  } finally {
    handle.close();
  }
}

/**
 * Reads a log without changing it, even while another process appends.
 *
 * A file of more than 256 MiB is not read: it is damaged and has no records.
 *
 * @returns `undefined` when there is no such file.
 * @throws {@link WsbError} `ERR_WSB_JOURNAL` when it cannot be read.
 */
export function readLog(file: string, disk: Disk = machineDisk): LogContents | undefined {
  return withLogErrors("read", file, () => loadLog(file, disk)?.contents);
}
