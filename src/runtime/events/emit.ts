import type { AddinEvent } from "./definitions.ts";

/**
 * Emits an event that happened at a time, by default now. Never throws; waits only for the disk.
 */
export type Emit = (event: AddinEvent, at?: Date) => void;

/** Receives each event. A sink that throws loses the event; other sinks still get it. */
export type EventSink = Emit;

/**
 * Returns a function that passes each event to all sinks.
 *
 * Errors of a sink are dropped: a full disk or a foreign folder must not stop a restore.
 */
export function emitTo(...sinks: readonly EventSink[]): Emit {
  return (event, at) => {
    for (const sink of sinks) {
      try {
        sink(event, at);
      } catch {
        // This sink loses the event; the others and the restore go on.
      }
    }
  };
}

/** Returns a function that emits a text as an error. */
export function errorsTo(emit: Emit): (text: string) => void {
  return (text) => emit({ event: "message", level: "error", text });
}
