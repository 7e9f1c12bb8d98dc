/** The settings of a writer in a service, besides what it reports. */
import { fields } from "../../base/document/fields.ts";
import { choice, integer } from "../../base/document/kinds.ts";
import { milliseconds } from "../../base/document/parts.ts";
import type { WriterHandlerName } from "../../base/handler-name.ts";

/** What becomes of a writer whose freezes fail. */
export type OnFailedFreezes =
  /** Each of them fails its backup. */
  | "fail"
  /** After three in a row, the writer no longer takes part in backups. */
  | "leave";

/** The time limit of each handler of a writer, in milliseconds. */
export type WriterTimeouts = Readonly<Record<WriterHandlerName, number>>;

export interface WriterSettings {
  readonly timeoutsMs: WriterTimeouts;
  /** The longest time from the end of `freeze` to `thaw`, in milliseconds. */
  readonly frozenMs: number;
  readonly onFailedFreezes: OnFailedFreezes;
}

const second = 1000;
const minute = 60 * second;

/** The longest time between freeze and thaw that VSS allows, in milliseconds. */
export const VSS_FREEZE_MS: number = minute;

// A shorter time would end the freeze of a healthy backup.
const MIN_FROZEN_MS: number = 2 * second;

/** The values of fields that a manifest omits. */
export const WRITER_DEFAULTS: WriterSettings = {
  timeoutsMs: {
    prepareBackup: 5 * minute,
    prepareSnapshot: 5 * minute,
    freeze: 10 * second,
    thaw: 10 * second,
    postSnapshot: 5 * minute,
    abort: minute,
    backupComplete: 5 * minute,
    backupShutdown: minute,
  },
  frozenMs: 10 * second,
  onFailedFreezes: "fail",
};

const { timeoutsMs } = WRITER_DEFAULTS;
const limit = milliseconds(1);

const timeouts = fields({
  prepareBackup: limit.or(timeoutsMs.prepareBackup),
  prepareSnapshot: limit.or(timeoutsMs.prepareSnapshot),
  freeze: integer({ least: 1, most: VSS_FREEZE_MS, unit: "milliseconds" })
    .about("Limit of freeze; default 10 seconds, at most 60.")
    .or(timeoutsMs.freeze),
  thaw: limit.or(timeoutsMs.thaw),
  postSnapshot: limit.or(timeoutsMs.postSnapshot),
  abort: limit.or(timeoutsMs.abort),
  backupComplete: limit.or(timeoutsMs.backupComplete),
  backupShutdown: limit.or(timeoutsMs.backupShutdown),
});

/** The fields of `writer` for these settings. */
export const writerSettings = {
  timeoutsMs: timeouts
    .about("Time limit of each handler of the writer in milliseconds.")
    .or(timeoutsMs, {}),
  frozenMs: integer({ least: MIN_FROZEN_MS, most: VSS_FREEZE_MS, unit: "milliseconds" })
    .about(
      "Longest time from the end of freeze to thaw in milliseconds; default 10 seconds. After it, the application is thawed and the backup fails.",
    )
    .or(WRITER_DEFAULTS.frozenMs),
  onFailedFreezes: choice(["fail", "leave"])
    .about(
      "What to do when freeze fails: fail fails the backup each time; leave takes the writer out of backups after three failures in a row, so that they lack its components until somebody runs wsb-addin writer on.",
    )
    .or(WRITER_DEFAULTS.onFailedFreezes),
};
