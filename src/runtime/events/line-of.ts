import type { RecordEvent, RecordLine } from "./event.ts";

/** A line of a record with one of these events. */
export type LineOf<Name extends RecordEvent["event"]> = Extract<
  RecordLine,
  { readonly event: Name }
>;

/** When a line was written, in milliseconds since the epoch. */
export function timeOf({ time }: RecordLine): number {
  return Date.parse(time);
}
