/**
 * What a writer metadata document says, under the document's own names.
 *
 * Texts are as the writer gave them: environment variables in paths are not expanded. A text that
 * the document does not have is `null`; a flag is set by `yes` alone; a number that is missing, or
 * is none, has the default that its description names.
 *
 * @see https://learn.microsoft.com/windows/win32/vss/writer-metadata-document-contents
 */
export interface WriterMetadata {
  /** Version of the document's form, for example `1.2`. */
  readonly version: string | null;
  /** Kinds of backup the writer takes part in, a mask of `VSS_BACKUP_SCHEMA`; 0 by default. */
  readonly backupSchema: number;
  readonly identification: WriterIdentification;
  /** `null` where the document has none. */
  readonly restoreMethod: RestoreMethod | null;
  /** All components, in the document's order. */
  readonly components: readonly MetadataComponent[];
  /** Files that a backup leaves out although a component has them. */
  readonly excludedFiles: readonly FileSpec[];
  /** Files that are deleted from the shadow copy. */
  readonly excludedFilesFromSnapshot: readonly FileSpec[];
  /**
   * Finds a component by both its names, for example by those of a request.
   *
   * Names are compared as they are written. No logical path and an empty one are the same.
   *
   * @returns `undefined` where the document has no such component.
   */
  readonly findComponent: (names: {
    readonly componentName: string | null;
    readonly logicalPath: string | null;
  }) => MetadataComponent | undefined;
}

/** Who wrote the document. */
export interface WriterIdentification {
  /** Class id of the writer, `{UPPER-CASE}`; `null` also for what is no GUID. */
  readonly writerId: string | null;
  /** Id of the writer's process that wrote it, `{UPPER-CASE}`; `null` also for what is no GUID. */
  readonly instanceId: string | null;
  readonly instanceName: string | null;
  readonly friendlyName: string | null;
  /** What the data is for, for example `USER_DATA` or `BOOTABLE_SYSTEM_STATE`. */
  readonly usage: string | null;
  /** What kind of data it is, for example `TRANSACTION_DB` or `OTHER`. */
  readonly dataSource: string | null;
  /** 0 by default. */
  readonly majorVersion: number;
  /** 0 by default. */
  readonly minorVersion: number;
}

/** How the writer wants to be restored. */
export interface RestoreMethod {
  /** For example `RESTORE_IF_CAN_BE_REPLACED` or `REPLACE_AT_REBOOT`. */
  readonly method: string | null;
  /** Service to stop for the restore, where the method says so. */
  readonly service: string | null;
  /** Where an administrator reads how to restore by hand. */
  readonly userProcedure: string | null;
  /** Whether the writer takes part in a restore, for example `always` or `never`. */
  readonly writerRestore: string | null;
  readonly rebootRequired: boolean;
  /** Where files go that cannot go back to where they came from. */
  readonly alternateLocationMappings: readonly AlternateLocationMapping[];
}

/** Files: a folder, a pattern in it, and whether its subfolders count. */
export interface FileSpec {
  /** Folder; empty where the document has none. */
  readonly path: string;
  /** File name or pattern, for example `*.dat`; `*` where the document has none. */
  readonly filespec: string;
  readonly recursive: boolean;
}

/** Files, and the folder they are restored to instead of their own. */
export interface AlternateLocationMapping extends FileSpec {
  readonly alternatePath: string | null;
}

/** Files of a component. */
export interface ComponentFiles extends FileSpec {
  /** Folder that a backup reads the files from instead; they are restored to `path`. */
  readonly alternatePath: string | null;
  /**
   * Which kinds of backup need the files, and a shadow copy of them: a mask of
   * `VSS_FILE_SPEC_BACKUP_TYPE`. 3855 by default: every kind, always from a shadow copy.
   */
  readonly filespecBackupType: number;
}

/** A component of the writer. */
export interface MetadataComponent {
  readonly type: "database" | "fileGroup";
  /** Empty where the document has none. */
  readonly componentName: string;
  readonly logicalPath: string | null;
  /** What people are shown. */
  readonly caption: string | null;
  readonly restoreMetadata: boolean;
  readonly notifyOnBackupComplete: boolean;
  /** Whether people may choose it for a backup. */
  readonly selectable: boolean;
  /** Whether people may choose it for a restore. */
  readonly selectableForRestore: boolean;
  /** A mask of `VSS_COMPONENT_FLAGS`; 0 by default. */
  readonly componentFlags: number;
  /** Files of a file group, or of a database without its logs. */
  readonly files: readonly ComponentFiles[];
  /** Logs of a database. */
  readonly logFiles: readonly ComponentFiles[];
  /** Components, perhaps of other writers, that are backed up and restored together with it. */
  readonly dependencies: readonly ComponentDependency[];
}

/** A component that another one goes with. */
export interface ComponentDependency {
  /** Class id of the other component's writer, `{UPPER-CASE}`; `null` also for what is no GUID. */
  readonly writerId: string | null;
  readonly logicalPath: string | null;
  /** Empty where the document has none. */
  readonly componentName: string;
}
