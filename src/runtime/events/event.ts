import type { LogLevel } from "../../base/log.ts";
import type { MethodName, ServiceState } from "../native/binding.ts";

/** Version of the lines of a record; a reader passes over lines of a later one. */
export const RECORD_SCHEMA_VERSION = 1;

/** Which process of an add-in an event comes from; `cli`: a command that a person has run. */
export type RecordRole = "server" | "guardian" | "recover" | "cli";

/** How a restore session ended. */
export type SessionOutcome =
  /** With the last component's PostRestore. */
  | "completed"
  /** PreRestore failed, and nothing else was prepared. */
  | "failed"
  /** Its client had gone, or had not been heard of for too long. */
  | "abandoned"
  /** By `wsb-addin recover`, or when the machine started. */
  | "recovered";

/** A COM call; `component` is `logicalPath\componentName`, absent where the method has none. */
export interface RecordedCall {
  /** Id that the shim gave the call: joins the events of one call of one process. */
  readonly id: number;
  readonly method: MethodName;
  readonly component?: string;
}

/**
 * What an add-in's processes have on record. Durations are in milliseconds, HRESULTs unsigned.
 *
 * No event has room for the writer metadata document.
 */
export type RecordEvent =
  | { readonly event: "serverStarted" }
  | { readonly event: "serverStopped" }
  | (RecordedCall & { readonly event: "callReceived"; readonly clientPid?: number })
  | (RecordedCall & {
      readonly event: "callAnswered";
      readonly durationMs: number;
      readonly hresult: number;
      readonly description?: string;
    })
  /** A consistency check, which goes on after its call was answered, has ended. */
  | (RecordedCall & {
      readonly event: "checkFinished";
      readonly durationMs: number;
      readonly hresult: number;
    })
  | (RecordedCall & {
      readonly event: "handlerFailed";
      /** Code of the error, `ERR_WSB_TIMEOUT`, or the name of its class. */
      readonly code: string;
      readonly hresult: number;
      readonly text: string;
    })
  | {
      readonly event: "sessionOpened";
      /** In place of the one that is open now. */
      readonly sessionId?: string;
      readonly clientPid?: number;
      /** Full path of the client's program. */
      readonly clientImage?: string;
      /** Services that the session is about to stop. */
      readonly services: readonly string[];
    }
  | {
      readonly event: "sessionClosed";
      readonly sessionId?: string;
      readonly outcome: SessionOutcome;
      /** Services that ran before the session and do not run now. */
      readonly leftStopped: readonly string[];
    }
  /** The server ended in mid-session: a crash, or somebody killed it. */
  | { readonly event: "serverLost"; readonly sessionId?: string; readonly serverPid: number }
  | { readonly event: "serviceStopping" | "serviceStarting"; readonly service: string }
  | {
      readonly event: "serviceStopped" | "serviceStarted";
      readonly service: string;
      readonly durationMs: number;
    }
  | {
      readonly event: "serviceFailed";
      readonly service: string;
      readonly wanted: "STOPPED" | "RUNNING";
      /** `unknown`: there is no such service, or Windows does not tell. */
      readonly state: ServiceState | "unknown";
      readonly text: string;
    }
  /** Free text, of a handler or of the kit. */
  | { readonly event: "message"; readonly level: LogLevel; readonly text: string };

/** What every line of a record says beside its event. */
export interface RecordHeader {
  readonly schemaVersion: typeof RECORD_SCHEMA_VERSION;
  /** ISO 8601 with milliseconds, in UTC. */
  readonly time: string;
  readonly pid: number;
  readonly role: RecordRole;
  /** The restore session that the event belongs to, where there is one. */
  readonly sessionId?: string;
}

/** One line of a record. */
export type RecordLine = RecordHeader & RecordEvent;
