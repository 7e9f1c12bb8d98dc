import type { BackupSchemaName, RestoreMethodName } from "../manifest/writer.ts";

/** A restore method as a call names it (vswriter.h), and as a metadata document does. */
export const RESTORE_METHODS: Readonly<
  Record<RestoreMethodName, { readonly value: number; readonly text: string }>
> = {
  restoreIfNotThere: { value: 1, text: "RESTORE_IF_NONE_THERE" },
  restoreIfCanReplace: { value: 2, text: "RESTORE_IF_CAN_BE_REPLACED" },
  stopRestoreStart: { value: 3, text: "STOP_RESTART_SERVICE" },
  restoreAtReboot: { value: 5, text: "REPLACE_AT_REBOOT" },
  restoreAtRebootIfCannotReplace: { value: 6, text: "REPLACE_AT_REBOOT_IF_CANNOT_REPLACE" },
};

/** The bits of `VSS_BACKUP_SCHEMA` (vss.h). */
const SCHEMA_BITS: Readonly<Record<BackupSchemaName, number>> = {
  differential: 0x1,
  incremental: 0x2,
  log: 0x8,
  copy: 0x10,
};

/** Returns the mask of kinds of backup. */
export function backupSchemaMask(names: readonly BackupSchemaName[]): number {
  return names.reduce((mask, name) => mask | SCHEMA_BITS[name], 0);
}

/**
 * `VSS_FSBT_ALL_BACKUP_REQUIRED | VSS_FSBT_ALL_SNAPSHOT_REQUIRED` (vss.h): every kind of backup
 * contains the files, always from the shadow copy.
 */
export const ALL_BACKUPS = 0xf0f;
