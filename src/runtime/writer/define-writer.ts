import type { Component } from "../../base/component.ts";
import { WsbError } from "../../base/errors.ts";
import { WRITER_HANDLER_NAMES } from "../../base/handler-name.ts";
import type { HandlerContext } from "../addin/define-addin.ts";
import type { ThawReason } from "../events/definitions.ts";

/** The kind of a backup: the names of `VSS_BACKUP_TYPE`. */
export type BackupType =
  | "undefined"
  | "full"
  | "incremental"
  | "differential"
  | "log"
  | "copy"
  | "other";

/** What a requester backs up. */
export interface BackupRequest {
  readonly backupType: BackupType;
  /**
   * The components that the requester has selected; `null` for a backup of whole volumes, which
   * selects none.
   */
  readonly components: readonly Component[] | null;
}

/** A volume with files of the writer's components. */
export interface WriterVolume {
  /** Its root, such as `D:\`. */
  readonly volume: string;
  /** `true` when the shadow copy includes it. */
  readonly isInSet: boolean;
}

/** The request of the events about one shadow copy set. */
export interface SnapshotRequest extends BackupRequest {
  /** The id of the shadow copy set. */
  readonly snapshotSetId: string;
  readonly volumes: readonly WriterVolume[];
}

/** The request of `thaw`. It has nothing of the freeze, because another process may run it. */
export interface ThawRequest {
  readonly reason: ThawReason;
}

/** The request of `abort`. */
export interface AbortRequest {
  /** The id of the shadow copy set; `null` before there is one. */
  readonly snapshotSetId: string | null;
}

/** The request of `backupShutdown`. */
export interface BackupShutdownRequest {
  /** The id of the shadow copy set; `null` when the backup made none. */
  readonly snapshotSetId: string | null;
}

type WriterHandler<Request> = (request: Request, context: HandlerContext) => void | Promise<void>;

/** Prepares a backup: called when the requester has chosen what it backs up. */
export type PrepareBackupHandler = WriterHandler<BackupRequest>;

/** Does the slow work before a freeze, such as a checkpoint. The application keeps working. */
export type PrepareSnapshotHandler = WriterHandler<SnapshotRequest>;

/**
 * Freezes the application: writes everything to its files and holds its writes until `thaw`.
 *
 * An error fails the backup, and the application is thawed. It has ten seconds unless the manifest
 * says otherwise. A handler that goes on after its limit is thawed again when it ends, and no other
 * freeze begins before.
 */
export type FreezeHandler = WriterHandler<SnapshotRequest>;

/**
 * Lets the application write again. It must succeed when nothing is frozen, when it runs twice, also
 * at the same time, and in a process that did not run `freeze`: it cannot use anything that `freeze`
 * kept in memory.
 */
export type ThawHandler = WriterHandler<ThawRequest>;

/** Called when the shadow copy exists and the application runs again. */
export type PostSnapshotHandler = WriterHandler<SnapshotRequest>;

/** Called when a backup was aborted, after `thaw` if the application was frozen. */
export type AbortHandler = WriterHandler<AbortRequest>;

/** Called when the requester has copied the files. */
export type BackupCompleteHandler = WriterHandler<BackupRequest>;

/** Called when the requester has ended, after `thaw` if the application was still frozen. */
export type BackupShutdownHandler = WriterHandler<BackupShutdownRequest>;

/** The handlers of a writer; each is optional. */
export interface WriterHandlers {
  readonly prepareBackup?: PrepareBackupHandler;
  readonly prepareSnapshot?: PrepareSnapshotHandler;
  readonly freeze?: FreezeHandler;
  readonly thaw?: ThawHandler;
  readonly postSnapshot?: PostSnapshotHandler;
  readonly abort?: AbortHandler;
  readonly backupComplete?: BackupCompleteHandler;
  readonly backupShutdown?: BackupShutdownHandler;
}

/** A writer that a service can host. */
export interface Writer {
  readonly writerHandlers: WriterHandlers;
}

const names: readonly string[] = WRITER_HANDLER_NAMES satisfies readonly (keyof WriterHandlers)[];

/**
 * Defines a writer from its handlers.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` for an unknown handler name, because a
 * misspelt handler would never be called; for a handler that is not a function; and for `freeze`
 * without `thaw`, because nobody could end that freeze.
 * @see https://learn.microsoft.com/windows/win32/vss/writers
 */
export function defineWriter(handlers: WriterHandlers): Writer {
  for (const [name, handler] of Object.entries(handlers)) {
    if (!names.includes(name)) {
      throw invalid(
        `Unknown handler: ${JSON.stringify(name)}. The handlers are: ${names.join(", ")}.`,
      );
    }
    if (handler !== undefined && typeof handler !== "function") {
      throw invalid(`The handler ${name} must be a function.`);
    }
  }
  if (handlers.freeze !== undefined && handlers.thaw === undefined) {
    throw invalid("The writer has freeze without thaw. Add thaw, which ends the freeze.");
  }
  return Object.freeze({ writerHandlers: Object.freeze({ ...handlers }) });
}

function invalid(text: string): WsbError {
  return new WsbError("ERR_WSB_INVALID_ARGUMENT", text);
}
