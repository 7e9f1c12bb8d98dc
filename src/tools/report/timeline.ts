import type { AddinEvent } from "../../runtime/events/definitions.ts";

/** One thing that happened, in a simulation or in the past: a step at its time. */
export type TimelineEntry = Omit<AddinEvent<"stepTaken">, "event" | "sessionId">;
