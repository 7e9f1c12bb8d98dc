import type { CloudStatus } from "wsb-addin/cloud";

/** A backup run that has ended. */
export interface BackupRun {
  readonly endedAt: Date;
  readonly succeeded: boolean;
  /** Bytes that the provider stores for all runs together. */
  readonly storedBytes: number;
}

// IDs of the strings in resources/provider.rc.
const STRING = {
  lastBackup: 201,
  value: 202,
  result: 203,
  succeeded: 204,
  failed: 205,
  stored: 206,
} as const;

/**
 * Describes a run for the console of Windows Server Backup: at most five lines, each with a name and
 * a text. In the text, `%0`, `%1` and so on stand for at most five values.
 */
export function statusOf(snapinId: string, run: BackupRun): CloudStatus {
  return {
    snapinId,
    entries: [
      {
        nameId: STRING.lastBackup,
        valueId: STRING.value,
        values: [{ type: "dateTime", value: run.endedAt }],
      },
      { nameId: STRING.result, valueId: run.succeeded ? STRING.succeeded : STRING.failed },
      {
        nameId: STRING.stored,
        valueId: STRING.value,
        values: [{ type: "size", value: run.storedBytes }],
      },
    ],
  };
}
