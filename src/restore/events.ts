import type { LogLevel } from "../log.ts";
import type { ServiceState } from "../native/binding.ts";

/** How a session ended. */
export type SessionOutcome =
  /** With the last component's PostRestore. */
  | "completed"
  /** PreRestore failed, and nothing else was prepared. */
  | "failed"
  /** Its client had gone, or had not been heard of for too long. */
  | "abandoned"
  /** By `wsb-addin recover`, or when the machine started. */
  | "recovered";

/** What happens in a restore session, as it goes on record. */
export type SessionEvent =
  | {
      readonly event: "sessionOpened";
      readonly sessionId: string;
      readonly clientPid: number;
      readonly clientImage: string;
      readonly services: readonly string[];
    }
  | { readonly event: "serviceStopping" | "serviceStarting"; readonly service: string }
  | {
      readonly event: "serviceStopped" | "serviceStarted";
      readonly service: string;
      readonly durationMs: number;
    }
  | {
      readonly event: "serviceFailed";
      readonly service: string;
      readonly wanted: ServiceState;
      readonly state: ServiceState | "unknown";
      readonly text: string;
    }
  | {
      readonly event: "sessionClosed";
      readonly sessionId: string;
      readonly outcome: SessionOutcome;
      /** Services that the kit stopped and that do not run. */
      readonly leftStopped: readonly string[];
    }
  /** The server ended in mid-session: a crash, or somebody killed it. */
  | { readonly event: "serverLost"; readonly sessionId: string; readonly serverPid: number }
  | { readonly event: "message"; readonly level: LogLevel; readonly text: string };

/** Puts an event on record; never throws and never waits. */
export type RecordSession = (event: SessionEvent) => void;
