import type { Component } from "../../base/component.ts";
import { WsbError } from "../../base/errors.ts";
import { HANDLER_NAMES } from "../../base/handler-name.ts";
import type { OnAbandonedRestore } from "../manifest/manifest.ts";
import type { RunChecker } from "./checker.ts";
import type { RunProgram } from "./program.ts";
import type { WriterMetadata } from "../metadata/writer-metadata.ts";
import type { Signal } from "../../base/platform-types.ts";

/** The writer metadata document of a call, as text and parsed. */
export interface MetadataRequest {
  /** The XML document that the caller passed. In a restore, it comes from the backup. */
  readonly writerMetadata: string | null;
  /**
   * Parses the document at the first call, so a handler that does not need it pays nothing.
   *
   * @throws {@link WsbError} `ERR_WSB_METADATA` when there is no document or it cannot be parsed.
   */
  readonly metadata: () => WriterMetadata;
}

/** The request to `preRestore` and `postRestore`. */
export interface RestoreRequest extends Component, MetadataRequest {
  /**
   * `true` for a point-in-time recovery: the application must not roll forward over the restored
   * files.
   */
  readonly noRollForward: boolean;
}

/** The request to `orderComponents`. */
export interface OrderComponentsRequest {
  /** The components, frozen: return another array, for example `components.toSorted(…)`. */
  readonly components: readonly Component[];
}

/** A volume of the backup and its shadow copy. The volume is written as `\\?\Volume{GUID}\`. */
export interface VolumePair {
  readonly source: string | null;
  readonly snapshot: string | null;
}

/** The request to `checkConsistency`. */
export interface ConsistencyRequest extends Component, MetadataRequest {
  readonly volumes: readonly VolumePair[];
}

/** The log of a handler: messages that an administrator can read later. */
export interface HandlerLog {
  info(message: string): void;
  warn(message: string): void;
}

/** The context that every handler gets besides its request. */
export interface HandlerContext {
  /** Aborts at the handler's time limit, when the client ends, and when the caller aborts a check. */
  readonly signal: Signal;
  readonly log: HandlerLog;
  /**
   * Reports progress: a percentage from 0 to 100, or a few words. It goes to the events, at most once
   * every ten seconds; Windows Server Backup cannot show it.
   */
  readonly progress: (update: number | string) => void;
  /** Runs a program without a shell, and ends it when the handler ends. */
  readonly run: RunProgram;
}

/** The context that `checkConsistency` gets besides its request. */
export interface ConsistencyContext extends HandlerContext {
  /** Runs a program that checks files, such as a database's own checker. */
  readonly run: RunChecker;
  /**
   * The old name of `run`.
   *
   * @deprecated Use `run`; version 1.0 removes this name.
   */
  readonly runChecker: RunChecker;
}

/**
 * Prepares the restore of a component: called before its files are restored, with the manifest's
 * services stopped. An error fails the restore of the component; the services are then started
 * again.
 */
export type PreRestoreHandler = (
  request: RestoreRequest,
  context: HandlerContext,
) => void | Promise<void>;

/**
 * Completes the restore of a component: called after its files were restored. The services start
 * after the last call. It may run in another process than `preRestore`, and it may never be called.
 */
export type PostRestoreHandler = PreRestoreHandler;

/**
 * Orders the components: called once before a restore. Returns the same components in the order in
 * which they must be restored, or `null` for no particular order.
 */
export type OrderComponentsHandler = (
  request: OrderComponentsRequest,
  context: HandlerContext,
) => readonly Component[] | null | Promise<readonly Component[] | null>;

/** Tells whether the application can roll forward to a later state than the backup's. */
export type IsRollForwardSupportedHandler = (context: HandlerContext) => boolean | Promise<boolean>;

/**
 * Checks the consistency of a component: called after the shadow copies were made. The returned
 * promise resolves when the component is consistent. When it rejects, the component cannot be
 * recovered from this backup. `null`, returned directly and not from an `async` function, means
 * that no check is needed.
 *
 * Checks of several components can run at the same time. The signal aborts at the time limit, when
 * the client aborts the check, and when the client's process ends.
 */
export type CheckConsistencyHandler = (
  request: ConsistencyRequest,
  context: ConsistencyContext,
) => Promise<void> | null;

/** The request to `beforeServicesStop`. */
export interface BeforeServicesStopRequest {
  /**
   * The components that the client named in its last call of `orderComponents`; only the component to
   * prepare when it named none.
   */
  readonly components: readonly Component[];
  /** `true` for a point-in-time recovery. */
  readonly noRollForward: boolean;
  /** The services to stop, in this order, dependents included. */
  readonly services: readonly string[];
}

/**
 * Prepares the application while its services still run: called once a restore session, before the
 * first service is stopped and before the first `preRestore`. An error stops nothing and fails the
 * restore of the component. It is not called when no service runs.
 */
export type BeforeServicesStopHandler = (
  request: BeforeServicesStopRequest,
  context: HandlerContext,
) => void | Promise<void>;

/** The request to `afterServicesStart`. */
export interface AfterServicesStartRequest {
  /** The services that were started, in this order. */
  readonly services: readonly string[];
  /** The components of the restore session, each once. */
  readonly components: readonly Component[];
}

/**
 * Completes a restore when the services run again: called once a restore session, also after an
 * interrupted restore, and then in a process of its own. An error fails the last `postRestore` and
 * leaves the services running.
 */
export type AfterServicesStartHandler = (
  request: AfterServicesStartRequest,
  context: HandlerContext,
) => void | Promise<void>;

/** A component whose files may be half restored. */
export interface AbandonedComponent extends Component {
  /** The text of the failure; `"ok"` after a PreRestore that succeeded; `null` when unknown. */
  readonly outcome: string | null;
  /** The process that restored it; `null` when Windows cannot identify it. */
  readonly client: { readonly pid: number; readonly image: string } | null;
  /** `true` for a point-in-time recovery; `null` when unknown. */
  readonly noRollForward: boolean | null;
}

/** The request to `restoreAbandoned`. */
export interface RestoreAbandonedRequest {
  readonly components: readonly AbandonedComponent[];
  /** The services that the restore has stopped. */
  readonly services: readonly string[];
}

/**
 * Decides about the services of an abandoned restore, whose files may be half restored: look at the
 * files, and return `"startServices"` only if the application can run on them. With an error, at the
 * time limit and after a crash, the services stay stopped. It runs in a process of its own.
 */
export type RestoreAbandonedHandler = (
  request: RestoreAbandonedRequest,
  context: HandlerContext,
) => OnAbandonedRestore | Promise<OnAbandonedRestore>;

/** The handlers of an add-in; each is optional. */
export interface AddinHandlers {
  readonly preRestore?: PreRestoreHandler;
  readonly postRestore?: PostRestoreHandler;
  readonly orderComponents?: OrderComponentsHandler;
  readonly isRollForwardSupported?: IsRollForwardSupportedHandler;
  readonly checkConsistency?: CheckConsistencyHandler;
  readonly beforeServicesStop?: BeforeServicesStopHandler;
  readonly afterServicesStart?: AfterServicesStartHandler;
  readonly restoreAbandoned?: RestoreAbandonedHandler;
}

/** An add-in that can be served. */
export interface Addin {
  readonly handlers: AddinHandlers;
}

const handlerNames: readonly string[] = HANDLER_NAMES satisfies readonly (keyof AddinHandlers)[];

/**
 * Defines an add-in from its handlers.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` for an unknown handler name, because a
 * misspelt handler would never be called, and for a handler that is not a function.
 * @see https://learn.microsoft.com/windows/win32/api/wsbapp/
 */
export function defineAddin(handlers: AddinHandlers): Addin {
  for (const [name, handler] of Object.entries(handlers)) {
    if (!handlerNames.includes(name)) {
      throw new WsbError(
        "ERR_WSB_INVALID_ARGUMENT",
        `Unknown handler: ${JSON.stringify(name)}. The handlers are: ${handlerNames.join(", ")}.`,
      );
    }
    if (handler !== undefined && typeof handler !== "function") {
      throw new WsbError("ERR_WSB_INVALID_ARGUMENT", `The handler ${name} must be a function.`);
    }
  }
  return Object.freeze({ handlers: Object.freeze({ ...handlers }) });
}
