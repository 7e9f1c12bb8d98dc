import type { AddinEvent } from "./definitions.ts";

/** Says that something happened. Never throws; waits for nothing but the disk. */
export type Emit = (event: AddinEvent) => void;

/** Receives each event; one that throws loses the event for itself alone. */
export type EventSink = (event: AddinEvent) => void;

/**
 * Returns the way to say that something happened: each event goes to each of the sinks.
 *
 * A full disk or a folder of somebody else's must not stop a restore, so what a sink throws is
 * dropped.
 */
export function emitTo(...sinks: readonly EventSink[]): Emit {
  return (event) => {
    for (const sink of sinks) {
      try {
        sink(event);
      } catch {
        // This sink loses the event; the others and the restore go on.
      }
    }
  };
}
