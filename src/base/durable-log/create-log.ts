import { machineDisk, type Disk } from "../disk.ts";
import { DurableLog, lineOf, wholeBlocks, type LogRecord } from "./durable-log.ts";
import { HEAD_BYTES, encodeHead } from "./head.ts";
import { FILLER } from "./filler.ts";
import { sealBefore } from "./line.ts";
import { logError, withLogErrors } from "./log-errors.ts";
import { MAX_LOG_BYTES, readsBack, writePart } from "./log-file.ts";

/** Options of a new log. */
export interface NewLogOptions {
  /** Room for later records, which is written when the log exists. */
  readonly roomBytes: number;
  /** Default: the disks of this machine. */
  readonly disk?: Disk;
}

/** Two logs at one path differ in their ids. */
function newLogId(): string {
  return Math.floor(Math.random() * 2 ** 32)
    .toString(16)
    .padStart(8, "0");
}

function writeNew(file: string, bytes: Buffer, disk: Disk): void {
  const handle = disk.open(file, "create");
  try {
    writePart(handle, 0, bytes);
    handle.sync();
    if (readsBack(handle, 0, bytes)) return;
  } finally {
    handle.close();
  }
  throw logError("create", file, "it reads back other than it was written", "Check the disk.");
}

function removeQuietly(file: string, disk: Disk): void {
  try {
    disk.remove(file);
  } catch {
    // The next log at this path replaces it.
  }
}

/**
 * Makes a new log, in place of any file at its path.
 *
 * When it returns, the first records are on the disk and were read back, and the room is reserved.
 * If it fails before that, the old file is as it was. On Windows it fails while another process has
 * the old file open for longer than half a second.
 *
 * @throws {@link WsbError} `ERR_WSB_JOURNAL`.
 */
export function createLog(
  file: string,
  records: readonly LogRecord[],
  { roomBytes, disk = machineDisk }: NewLogOptions,
): DurableLog {
  const logId = newLogId();
  const lines = Buffer.concat(
    records.map((record, index) => lineOf(file, logId, index + 1, record)),
  );
  const endBytes = HEAD_BYTES + lines.length;
  const sizeBytes = wholeBlocks(endBytes + roomBytes);
  if (sizeBytes > MAX_LOG_BYTES) {
    throw logError("create", file, "it would be larger than 256 MiB", "Report this.");
  }
  const head = encodeHead(logId, { records: records.length, sizeBytes });
  const bytes = Buffer.concat([head, lines, Buffer.alloc(sizeBytes - endBytes, FILLER)]);
  withLogErrors("create", file, () => {
    const temporary = `${file}.new`;
    try {
      writeNew(temporary, bytes, disk);
      disk.replace(temporary, file);
    } catch (error) {
      removeQuietly(temporary, disk);
      throw error;
    }
  });
  return new DurableLog(file, disk, {
    logId,
    records: records.length,
    endBytes,
    tornEndBytes: endBytes,
    seal: sealBefore(bytes, endBytes),
    isUnmarked: false,
  });
}
