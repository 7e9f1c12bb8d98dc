import type { Component } from "../../base/component.ts";
import { WsbError } from "../../base/errors.ts";
import type { RunChecker } from "./checker.ts";
import type { WriterMetadata } from "../metadata/writer-metadata.ts";
import type { Signal } from "../../base/platform-types.ts";

/** The writer metadata document of a call, as it came and as it reads. */
export interface MetadataRequest {
  /** The document (XML) as the caller handed it over; of a restore, the one in the backup. */
  readonly writerMetadata: string | null;
  /**
   * Reads the document, at the first call only: a request whose handler does not ask costs nothing.
   *
   * @throws {@link WsbError} `ERR_WSB_METADATA` where there is none or it cannot be read.
   */
  readonly metadata: () => WriterMetadata;
}

/** What `preRestore` and `postRestore` are told. */
export interface RestoreRequest extends Component, MetadataRequest {
  /** A point-in-time recovery: the application must not roll forward over the restored files. */
  readonly noRollForward: boolean;
}

/** What `orderComponents` is told. */
export interface OrderComponentsRequest {
  /** Frozen: return another array, for example `components.toSorted(…)`. */
  readonly components: readonly Component[];
}

/** A volume of the backup and the shadow copy that was made of it, as `\\?\Volume{GUID}\`. */
export interface VolumePair {
  readonly source: string | null;
  readonly snapshot: string | null;
}

/** What `checkConsistency` is told. */
export interface ConsistencyRequest extends Component, MetadataRequest {
  readonly volumes: readonly VolumePair[];
}

/** Where a handler writes what an administrator should be able to read later. */
export interface HandlerLog {
  info(message: string): void;
  warn(message: string): void;
}

/** What every handler gets beside its request. */
export interface HandlerContext {
  /** Aborts at the handler's time limit, or when the caller gives a check up. */
  readonly signal: Signal;
  readonly log: HandlerLog;
}

/** What `checkConsistency` gets beside its request. */
export interface ConsistencyContext extends HandlerContext {
  /**
   * Says how far the check is: a percentage from 0 to 100, or a few words. It goes to the log, a
   * line every ten seconds at most; Windows Server Backup has no place for it.
   */
  readonly progress: (update: number | string) => void;
  /** Runs a command-line program that checks files, such as a database's own. */
  readonly runChecker: RunChecker;
}

/**
 * Called before the files of each component are restored, with the manifest's services stopped.
 * What it throws fails the restore of the component; the services are then started again.
 */
export type PreRestoreHandler = (
  request: RestoreRequest,
  context: HandlerContext,
) => void | Promise<void>;

/**
 * Called after the files of a component were restored; the services start after the last one.
 * It may run in another process than `preRestore` did, and may never come.
 */
export type PostRestoreHandler = PreRestoreHandler;

/**
 * Called once before components are restored. Returns the same components in the order in which
 * they must be restored, or `null` for no particular order.
 */
export type OrderComponentsHandler = (
  request: OrderComponentsRequest,
  context: HandlerContext,
) => readonly Component[] | null | Promise<readonly Component[] | null>;

/** Says whether the application can roll forward to a later state than the backup's. */
export type IsRollForwardSupportedHandler = (context: HandlerContext) => boolean | Promise<boolean>;

/**
 * Called after the shadow copies were made. A Promise is the check: it resolves when the component
 * is consistent and rejects when it is not, and then the component cannot be recovered from this
 * backup. `null`, returned at once and not from an `async` function, means that no check is needed.
 *
 * Checks of several components can run at once. The signal aborts at the limit, when the client
 * gives the check up, and when the client's process ends.
 */
export type CheckConsistencyHandler = (
  request: ConsistencyRequest,
  context: ConsistencyContext,
) => Promise<void> | null;

/** The handlers of an add-in; each is optional. */
export interface AddinHandlers {
  readonly preRestore?: PreRestoreHandler;
  readonly postRestore?: PostRestoreHandler;
  readonly orderComponents?: OrderComponentsHandler;
  readonly isRollForwardSupported?: IsRollForwardSupportedHandler;
  readonly checkConsistency?: CheckConsistencyHandler;
}

/** An add-in, ready to be served. */
export interface Addin {
  readonly handlers: AddinHandlers;
}

const handlerNames: readonly string[] = [
  "preRestore",
  "postRestore",
  "orderComponents",
  "isRollForwardSupported",
  "checkConsistency",
] satisfies readonly (keyof AddinHandlers)[];

/**
 * Defines an add-in by its handlers.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` for a name that is no handler's, or for a
 * handler that is no function: a misspelt one would never be called.
 * @see https://learn.microsoft.com/windows/win32/api/wsbapp/
 */
export function defineAddin(handlers: AddinHandlers): Addin {
  for (const [name, handler] of Object.entries(handlers)) {
    if (!handlerNames.includes(name)) {
      throw new WsbError(
        "ERR_WSB_INVALID_ARGUMENT",
        `There is no handler ${JSON.stringify(name)}. The handlers are: ${handlerNames.join(", ")}.`,
      );
    }
    if (handler !== undefined && typeof handler !== "function") {
      throw new WsbError("ERR_WSB_INVALID_ARGUMENT", `The handler ${name} must be a function.`);
    }
  }
  return Object.freeze({ handlers: Object.freeze({ ...handlers }) });
}
