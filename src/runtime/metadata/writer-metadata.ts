/**
 * The contents of a writer metadata document, under the document's own names.
 *
 * Texts are unchanged: environment variables in paths are not expanded. A missing text is `null`.
 * Only `yes` sets a flag. A missing or invalid number has the default in its description.
 *
 * @see https://learn.microsoft.com/windows/win32/vss/writer-metadata-document-contents
 */
export interface WriterMetadata {
  /** The version of the document's format, for example `1.2`. */
  readonly version: string | null;
  /** The kinds of backup that the writer supports, a mask of `VSS_BACKUP_SCHEMA`; 0 by default. */
  readonly backupSchema: number;
  readonly identification: WriterIdentification;
  /** `null` when the document has none. */
  readonly restoreMethod: RestoreMethod | null;
  /** All components, in the document's order. */
  readonly components: readonly MetadataComponent[];
  /** The files of components that a backup excludes. */
  readonly excludedFiles: readonly FileSpec[];
  /** The files that are deleted from the shadow copy. */
  readonly excludedFilesFromSnapshot: readonly FileSpec[];
  /**
   * Finds a component by both its names, for example the names in a request.
   *
   * Names are compared character by character. A missing logical path equals an empty one.
   *
   * @returns `undefined` when the document does not have the component.
   */
  readonly findComponent: (names: {
    readonly componentName: string | null;
    readonly logicalPath: string | null;
  }) => MetadataComponent | undefined;
}

/** The identity of the writer that wrote the document. */
export interface WriterIdentification {
  /** The writer's class id, `{UPPER-CASE}`; `null` when it is missing or invalid. */
  readonly writerId: string | null;
  /** The id of the writer's instance, `{UPPER-CASE}`; `null` when it is missing or invalid. */
  readonly instanceId: string | null;
  readonly instanceName: string | null;
  readonly friendlyName: string | null;
  /** The purpose of the data, for example `USER_DATA` or `BOOTABLE_SYSTEM_STATE`. */
  readonly usage: string | null;
  /** The kind of data, for example `TRANSACTION_DB` or `OTHER`. */
  readonly dataSource: string | null;
  /** 0 by default. */
  readonly majorVersion: number;
  /** 0 by default. */
  readonly minorVersion: number;
}

/** The way in which the writer wants to be restored. */
export interface RestoreMethod {
  /** The method, for example `RESTORE_IF_CAN_BE_REPLACED` or `REPLACE_AT_REBOOT`. */
  readonly method: string | null;
  /** The service to stop for the restore, if the method requires it. */
  readonly service: string | null;
  /** The location of the instructions for a manual restore. */
  readonly userProcedure: string | null;
  /** When the writer takes part in a restore, for example `always` or `never`. */
  readonly writerRestore: string | null;
  readonly rebootRequired: boolean;
  /** The folders for files that cannot be restored to their original location. */
  readonly alternateLocationMappings: readonly AlternateLocationMapping[];
}

/** A set of files: a folder, a pattern in it, and whether subfolders are included. */
export interface FileSpec {
  /** The folder; empty when the document has none. */
  readonly path: string;
  /** The file name or pattern, for example `*.dat`; `*` when the document has none. */
  readonly filespec: string;
  readonly recursive: boolean;
}

/** A set of files, and the folder to which they are restored instead of their own. */
export interface AlternateLocationMapping extends FileSpec {
  readonly alternatePath: string | null;
}

/** A set of files of a component. */
export interface ComponentFiles extends FileSpec {
  /** The folder from which a backup reads the files; they are restored to `path`. */
  readonly alternatePath: string | null;
  /**
   * The kinds of backup that need the files or a shadow copy of them, a mask of
   * `VSS_FILE_SPEC_BACKUP_TYPE`. 3855 by default: every kind, always from a shadow copy.
   */
  readonly filespecBackupType: number;
}

/** A component of the writer. */
export interface MetadataComponent {
  readonly type: "database" | "fileGroup";
  /** Empty when the document has none. */
  readonly componentName: string;
  readonly logicalPath: string | null;
  /** The text for people. */
  readonly caption: string | null;
  readonly restoreMetadata: boolean;
  readonly notifyOnBackupComplete: boolean;
  /** `true` when people may select it for a backup. */
  readonly selectable: boolean;
  /** `true` when people may select it for a restore. */
  readonly selectableForRestore: boolean;
  /** A mask of `VSS_COMPONENT_FLAGS`; 0 by default. */
  readonly componentFlags: number;
  /** The files of a file group, or of a database without its logs. */
  readonly files: readonly ComponentFiles[];
  /** The logs of a database. */
  readonly logFiles: readonly ComponentFiles[];
  /** The components, also of other writers, that are backed up and restored together with it. */
  readonly dependencies: readonly ComponentDependency[];
}

/** A component that another component depends on. */
export interface ComponentDependency {
  /** The class id of its writer, `{UPPER-CASE}`; `null` when it is missing or invalid. */
  readonly writerId: string | null;
  readonly logicalPath: string | null;
  /** Empty when the document has none. */
  readonly componentName: string;
}
