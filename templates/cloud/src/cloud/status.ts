import type { CloudStatus } from "wsb-addin/cloud";

/** What is known of a backup run when it has ended. */
export interface BackupRun {
  readonly endedAt: Date;
  readonly succeeded: boolean;
  /** Bytes that the provider stores, all runs together. */
  readonly storedBytes: number;
}

// Strings of the resource DLL: resources/provider.rc.
const STRING = {
  lastBackup: 201,
  value: 202,
  result: 203,
  succeeded: 204,
  failed: 205,
  stored: 206,
} as const;

/**
 * What the console of Windows Server Backup is to show of a run: at most five lines, each a name and
 * a text in which `%0`, `%1` … stand for at most five values.
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
