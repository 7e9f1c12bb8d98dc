import type { WriterHandlerName } from "../../base/handler-name.ts";

/** The time limit of each handler of a writer, in milliseconds. */
export type WriterTimeouts = Readonly<Record<WriterHandlerName, number>>;

const second = 1000;
const minute = 60 * second;

/** The longest time between freeze and thaw that VSS allows, and the highest limit of `freeze`. */
export const VSS_FREEZE_MS: number = 60 * second;

/** The limits of a manifest that has none. */
export const WRITER_TIMEOUTS: WriterTimeouts = {
  prepareBackup: 5 * minute,
  prepareSnapshot: 5 * minute,
  freeze: 10 * second,
  thaw: 10 * second,
  postSnapshot: 5 * minute,
  abort: minute,
  backupComplete: 5 * minute,
  backupShutdown: minute,
};

/** The longest time that an application stays frozen after its freeze, in milliseconds. */
export const FROZEN_LIMIT_MS: number = 10 * second;

/**
 * How far the limits of service, guardian and application lie apart: the service thaws first, then its
 * guardian, and both before the application's limit.
 */
export const GUARDIAN_LEAD_MS: number = second / 2;
