import type { AnyHandlerName } from "../../base/handler-name.ts";
import type {
  EventRole,
  CallFields,
  SessionOutcome,
  Failure,
} from "../../runtime/events/definitions.ts";

// All times are milliseconds since the epoch.

/** A time span. It has no end while it continues or when it was interrupted. */
export interface Span {
  readonly startMs: number;
  /** Absent when there is no end event. */
  readonly endMs?: number;
}

/** A COM call, the consistency check that a call started, or an event of VSS for the writer. */
export interface CallSpan extends Span {
  readonly what: "call" | "check";
  readonly method: CallFields["method"] | AnyHandlerName;
  readonly component?: string;
  readonly hresult?: number;
  readonly text?: string;
  readonly failed: boolean;
  /** `true` when its process ended before it answered. */
  readonly isInterrupted: boolean;
  /** The failure of the handler. */
  readonly failure?: Failure;
}

/** An attempt to stop or to start a service. */
export interface ServiceSpan extends Span {
  readonly service: string;
  readonly wanted: "STOPPED" | "RUNNING";
  readonly role: EventRole;
  readonly text?: string;
  readonly failed: boolean;
  /** `true` when its process ended before the result. */
  readonly isInterrupted: boolean;
}

/** A process. */
export interface ProcessSpan extends Span {
  /** The time of its last event. */
  readonly lastMs: number;
  readonly pid: number;
  readonly role: EventRole;
  /**
   * `true` when it was killed or crashed: other events show that it ended, but it has no end event.
   */
  readonly isLost: boolean;
}

/** A message, or a handler's failure that is not part of a call's answer. */
export interface Note {
  readonly atMs: number;
  readonly level: "info" | "warn" | "error";
  readonly text: string;
  readonly role: EventRole;
  /** The handler that failed. */
  readonly method?: AnyHandlerName;
  readonly component?: string;
  readonly hresult?: number;
  /** The failure of the handler. */
  readonly failure?: Failure;
}

/** A restore. */
export interface SessionSpan extends Span {
  /** Absent for a restore that stops no service; it opens no session. */
  readonly sessionId: string | undefined;
  /** `true` when `startMs` is the time of its opening, `false` when it is only its first event. */
  readonly isBeginningKnown: boolean;
  readonly client: string | undefined;
  readonly outcome: SessionOutcome | undefined;
  readonly leftStopped: readonly string[];
  /** The components of a restore without a session whose PostRestore is not recorded. */
  readonly unfinished: readonly string[];
}

/** The history of a run, joined from its events. */
export interface History {
  readonly startMs: number;
  /** The time of the last event. */
  readonly endMs: number;
  readonly session: SessionSpan | undefined;
  /** Whether it is a backup that the application's writer took part in. */
  readonly isBackup: boolean;
  readonly processes: readonly ProcessSpan[];
  readonly calls: readonly CallSpan[];
  readonly services: readonly ServiceSpan[];
  readonly notes: readonly Note[];
}
