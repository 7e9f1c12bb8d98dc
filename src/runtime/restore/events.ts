import type { RecordEvent } from "../events/event.ts";

/** What happens in a restore session, as it goes on record. */
export type SessionEvent = Extract<
  RecordEvent,
  {
    readonly event:
      | "sessionOpened"
      | "sessionClosed"
      | "serverLost"
      | "serviceStopping"
      | "serviceStopped"
      | "serviceStarting"
      | "serviceStarted"
      | "serviceFailed"
      | "message";
  }
>;

/** Puts an event on record; never throws, and waits for nothing but the disk. */
export type RecordSession = (event: SessionEvent) => void;
