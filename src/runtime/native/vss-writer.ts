import type { Component } from "../../base/component.ts";

/** An event of a backup; the name of its handler. */
export type WriterEventName =
  | "prepareBackup"
  | "prepareSnapshot"
  | "freeze"
  | "thaw"
  | "postSnapshot"
  | "abort"
  | "backupComplete"
  | "backupShutdown";

/** The kind of a backup: the names of `VSS_BACKUP_TYPE` (vss.h). */
export type VssBackupType =
  | "undefined"
  | "full"
  | "incremental"
  | "differential"
  | "log"
  | "copy"
  | "other";

/** A volume with files of the writer's components. */
export interface NativeWriterVolume {
  /** The mount point, such as `D:\`. */
  readonly volume: string;
  /** `true` when the shadow copy set includes it. */
  readonly isInSet: boolean;
}

/**
 * An event of a backup. The shim asks VSS for these values on the thread that called, because VSS
 * answers only there.
 */
export interface NativeWriterRequest {
  readonly event: WriterEventName;
  readonly backupType: VssBackupType;
  /**
   * The components that the requester has selected; `null` for a backup of whole volumes. VSS tells
   * them in `prepareBackup`, `postSnapshot` and `backupComplete`; other events have those of the last
   * `prepareBackup`.
   */
  readonly components: readonly Component[] | null;
  /**
   * The id of the shadow copy set, `{UPPER-CASE}`: of `prepareSnapshot`, `freeze`, `thaw`,
   * `postSnapshot`, `abort` and `backupShutdown`; `null` where there is none.
   */
  readonly snapshotSetId: string | null;
  /** The volumes of the plan's folders: of `prepareSnapshot` and `freeze`, otherwise empty. */
  readonly volumes: readonly NativeWriterVolume[];
}

/** The failure of an event. VSS gets it through `SetWriterFailureEx`. */
export interface NativeWriterFailure {
  /**
   * What it means for the requester (vsserror.h): `VSS_E_WRITERERROR_TIMEOUT` 0x800423F2,
   * `…_RETRYABLE` 0x800423F3, `…_NONRETRYABLE` 0x800423F4, `…_INCONSISTENTSNAPSHOT` 0x800423F0,
   * `…_OUTOFRESOURCES` 0x800423F1.
   */
  readonly hresult: number;
  /** The application's own HRESULT. */
  readonly applicationHresult: number;
  /** One sentence for people. */
  readonly message: string;
}

/** An event from the shim, always delivered on the JavaScript thread, in the order of the calls. */
export type NativeWriterEvent =
  /** VSS waits for {@link NativeWriter.complete}. */
  | { readonly kind: "request"; readonly id: number; readonly request: NativeWriterRequest }
  /**
   * The event exceeded its limit, or the writer was unsubscribed meanwhile. VSS already has the
   * failure. What the handler still does comes too late: a freeze that ends now must be thawed.
   */
  | { readonly kind: "expired"; readonly id: number };

/** A folder and a pattern in it. */
export interface NativeFileSet {
  /** The folder; it may contain environment variables. */
  readonly path: string;
  readonly filespec: string;
  readonly recursive: boolean;
  readonly alternatePath: string | null;
}

/** A component of a plan: a database when it has database or log files, otherwise a file group. */
export interface NativeWriterComponent {
  readonly name: string;
  readonly logicalPath: string | null;
  readonly caption: string | null;
  readonly selectable: boolean;
  readonly selectableForRestore: boolean;
  readonly files: readonly NativeFileSet[];
  readonly databaseFiles: readonly NativeFileSet[];
  readonly logFiles: readonly NativeFileSet[];
  readonly dependencies: readonly {
    readonly writerId: string;
    readonly logicalPath: string | null;
    readonly name: string;
  }[];
}

/** What a writer reports at Identify. The shim copies it and answers without JavaScript. */
export interface NativeWriterPlan {
  readonly components: readonly NativeWriterComponent[];
  readonly exclude: readonly NativeFileSet[];
  /** A `VSS_RESTOREMETHOD_ENUM` (vswriter.h). */
  readonly restoreMethod: number;
  /** The service that the requester stops; `null` unless the method stops one. */
  readonly restoreService: string | null;
  /** The sum of `VSS_BACKUP_SCHEMA` flags (vss.h). */
  readonly backupSchema: number;
}

export interface NativeWriterOptions {
  /** The class id of the writer, `{UPPER-CASE}`. */
  readonly id: string;
  readonly name: string;
  readonly plan: NativeWriterPlan;
  /**
   * The self-relative security descriptor that says who may call this process through COM: SYSTEM,
   * Administrators, Backup Operators and the service's own account. It cannot be set twice.
   */
  readonly accessDescriptor: Uint8Array;
  /**
   * The longest time that VSS's thread waits for each event, in milliseconds, from the call on. Also
   * a blocked event loop cannot exceed it.
   */
  readonly limitsMs: Readonly<Record<WriterEventName, number>>;
  /**
   * VSS's own limit between freeze and thaw, in milliseconds; after it, VSS sends `abort`. Its
   * default is 60,000.
   */
  readonly freezeTimeoutMs: number;
  readonly onEvent: (event: NativeWriterEvent) => void;
}

/**
 * A subscribed writer. Call its methods only on the JavaScript thread. It keeps the process alive
 * until {@link unsubscribe} has resolved.
 */
export interface NativeWriter {
  /**
   * Ends an event: well, or with a failure. Returns `false` when VSS no longer waits: the limit or
   * {@link unsubscribe} was first, and the outcome that VSS got is a failure.
   */
  complete(id: number, failure?: NativeWriterFailure): boolean;
  /**
   * Fails the waiting events and all later ones with `VSS_E_WRITERERROR_RETRYABLE` at once, then
   * unsubscribes on the writer's own thread. Resolves when VSS will not call any more. Idempotent.
   */
  unsubscribe(): Promise<void>;
}

/** The exit code of a process that the shim ended, because it could not have thawed. */
export const THAW_NOT_TAKEN = 1460; // ERROR_TIMEOUT (winerror.h)

/**
 * The shim's functions for a writer. Failures are those of the whole binding.
 *
 * An event whose limit has passed before JavaScript took it is not delivered: its handler does not
 * run. `thaw`, `abort` and `backupShutdown` are delivered late all the same, because they end a freeze;
 * `complete` then returns `false`. If a freeze was delivered, and JavaScript does not even take what ends
 * it within its limit, the event loop is blocked, and the shim ends the process with
 * {@link THAW_NOT_TAKEN}: the guardian thaws, and Windows starts the service again.
 */
export interface NativeVssWriters {
  /**
   * Creates a writer and subscribes it to backups; it takes no part in restores. Resolves when VSS
   * calls it. Rejects with the `api` and `hresult` of what VSS refused: `CreateWriterEx`,
   * `Initialize` or `Subscribe`; `LoadLibraryExW` for a vssapi.dll that is missing;
   * `CoInitializeSecurity` with RPC_E_TOO_LATE when the process has set its security. Then nothing
   * is subscribed.
   */
  createWriter(options: NativeWriterOptions): Promise<NativeWriter>;
}
