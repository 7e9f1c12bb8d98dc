import type { WriterSettings } from "./writer-settings.ts";

/** A set of files: a folder, a pattern in it, and whether subfolders are included. */
export interface WriterFiles {
  /** A folder on a local drive; it may contain environment variables of the machine. */
  readonly path: string;
  /** A file name or a pattern with `*` and `?`. */
  readonly filespec: string;
  readonly recursive: boolean;
}

/** A set of files of a component. */
export interface ComponentFileSet extends WriterFiles {
  /** The folder from which a backup reads the files; they are restored to `path`. */
  readonly alternatePath?: string;
}

/** The data files or the logs of a database component. */
export interface DatabaseFileSet {
  readonly path: string;
  readonly filespec: string;
}

/** A component that is backed up and restored together with the one that names it. */
export interface ComponentDependency {
  /** The class id of the writer that has the component, `{UPPER-CASE}`. */
  readonly writerId: string;
  readonly logicalPath?: string;
  readonly name: string;
}

/** A component that an express writer can have: a group of files. */
export interface DeclaredComponent {
  /** Unique together with the logical path; not localized. */
  readonly name: string;
  readonly logicalPath?: string;
  /** The text for people. */
  readonly caption?: string;
  /** `true` when people may select it for a backup. */
  readonly selectable: boolean;
  /** `true` when people may select it for a restore. */
  readonly selectableForRestore: boolean;
  readonly files: readonly WriterFiles[];
  readonly dependencies: readonly ComponentDependency[];
}

/** A component of a writer in a service: a group of files, or a database. */
export interface ServiceComponent extends DeclaredComponent {
  readonly files: readonly ComponentFileSet[];
  /** The files of a database without its logs. A component with these has no `files`. */
  readonly databaseFiles: readonly DatabaseFileSet[];
  readonly logFiles: readonly DatabaseFileSet[];
}

/** The way in which backup programs restore the files; names of `VSS_RESTOREMETHOD_ENUM`. */
export type RestoreMethodName =
  | "restoreIfNotThere"
  | "restoreIfCanReplace"
  | "stopRestoreStart"
  | "restoreAtReboot"
  | "restoreAtRebootIfCannotReplace";

/** A kind of backup that a writer supports besides a full one; names of `VSS_BACKUP_SCHEMA`. */
export type BackupSchemaName = "copy" | "differential" | "incremental" | "log";

/** The parts that both kinds of the kit's writers have. */
interface OwnWriter {
  readonly restoreMethod: RestoreMethodName;
  /** The service that the backup program stops; only with `stopRestoreStart`. */
  readonly restoreService?: string;
  /** Files that a backup leaves out. */
  readonly exclude: readonly WriterFiles[];
}

/** An express writer: its components are in Windows' own store, and no process answers. */
export interface DeclaredWriter extends OwnWriter {
  readonly kind: "declared";
  readonly components: readonly DeclaredComponent[];
  readonly backupSchema: readonly "copy"[];
}

/** A writer in a service of the kit, with handlers in TypeScript. */
export interface ServiceWriter extends OwnWriter, WriterSettings {
  readonly kind: "service";
  readonly components: readonly ServiceComponent[];
  readonly backupSchema: readonly BackupSchemaName[];
}

/** A writer that the application brings itself; the kit knows only its id. */
export interface ExternalWriter {
  readonly kind: "external";
}

/** The application's VSS writer: its kind, and what the kit's own kinds report. */
export type Writer = ExternalWriter | DeclaredWriter | ServiceWriter;
