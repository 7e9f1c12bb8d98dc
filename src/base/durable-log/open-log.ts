import { machineDisk, type Disk } from "../disk.ts";
import { DurableLog } from "./durable-log.ts";
import { damagedError, withLogErrors } from "./log-errors.ts";
import { loadLog } from "./read-log.ts";
import type { LogContents } from "./scan.ts";

/** An open log and what it held. */
export interface OpenedLog {
  readonly log: DurableLog;
  readonly contents: LogContents;
}

/** Makes sure that a power cut cannot take back what the caller is about to obey. */
function trySync(file: string, disk: Disk): void {
  try {
    const handle = disk.open(file, "write");
    try {
      handle.sync();
    } finally {
      handle.close();
    }
  } catch {
    // Where nothing can be written, what is due must still be known.
  }
}

/**
 * Opens a log to append to it and to follow it. Changes nothing yet: a torn tail is cut before the
 * first append.
 *
 * @returns `undefined` when there is no such file.
 * @throws {@link WsbError} `ERR_WSB_JOURNAL` when it is damaged or cannot be read.
 */
export function openLog(file: string, disk: Disk = machineDisk): OpenedLog | undefined {
  return withLogErrors("open", file, () => {
    const parsed = loadLog(file, disk);
    if (parsed === undefined) return undefined;
    if (parsed.state === undefined) throw damagedError("open", file);
    if (parsed.state.isUnmarked) trySync(file, disk);
    return { log: new DurableLog(file, disk, parsed.state), contents: parsed.contents };
  });
}
