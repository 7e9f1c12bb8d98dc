import type { AddinEvent } from "../../runtime/events/definitions.ts";

/** A step at its time, in a simulation or in recorded events. */
export type TimelineEntry = Omit<AddinEvent<"stepTaken">, "event" | "sessionId">;
