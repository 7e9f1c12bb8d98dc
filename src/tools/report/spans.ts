import type {
  EventRole,
  CallFields,
  SessionOutcome,
  Failure,
} from "../../runtime/events/definitions.ts";

// All times are milliseconds since the epoch.

/** Something that began and, unless it is still under way or broke off, ended. */
export interface Span {
  readonly startMs: number;
  /** Absent: no end is on record. */
  readonly endMs?: number;
}

/** A COM call, or the consistency check that one has started. */
export interface CallSpan extends Span {
  readonly what: "call" | "check";
  readonly method: CallFields["method"];
  readonly component?: string;
  readonly hresult?: number;
  readonly text?: string;
  readonly failed: boolean;
  /** How the handler failed. */
  readonly failure?: Failure;
}

/** An attempt to stop or to start a service. */
export interface ServiceSpan extends Span {
  readonly service: string;
  readonly wanted: "STOPPED" | "RUNNING";
  readonly role: EventRole;
  readonly text?: string;
  readonly failed: boolean;
}

/** A process, as far as it is on record. */
export interface ProcessSpan extends Span {
  /** The latest thing it has put on record. */
  readonly lastMs: number;
  readonly pid: number;
  readonly role: EventRole;
  /** It is gone, as others show, and has not said so itself: killed, or crashed. */
  readonly isLost: boolean;
}

/** A text, or a handler's failure that belongs to no call that has an answer of its own. */
export interface Note {
  readonly atMs: number;
  readonly level: "info" | "warn" | "error";
  readonly text: string;
  readonly role: EventRole;
  readonly method?: CallFields["method"];
  readonly component?: string;
  readonly hresult?: number;
  /** How the handler failed. */
  readonly failure?: Failure;
}

/** A restore session, as far as it is on record. */
export interface SessionSpan extends Span {
  readonly sessionId: string;
  /** Whether `startMs` is when it was opened, and not only the first that is on record of it. */
  readonly isBeginningKnown: boolean;
  readonly client: string | undefined;
  readonly outcome: SessionOutcome | undefined;
  readonly leftStopped: readonly string[];
}

/** A run as what happened in it, each thing from its beginning to its end. */
export interface History {
  readonly startMs: number;
  /** The latest thing on record. */
  readonly endMs: number;
  readonly session: SessionSpan | undefined;
  readonly processes: readonly ProcessSpan[];
  readonly calls: readonly CallSpan[];
  readonly services: readonly ServiceSpan[];
  readonly notes: readonly Note[];
}
