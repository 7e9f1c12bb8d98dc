/** Shrunk schedules that once broke an invariant, so that no change of the generator loses them. */
import { readFileSync } from "node:fs";

import type { Schedule } from "./schedule.ts";

export interface FoundFault {
  /** What went wrong in a few words. */
  readonly name: string;
  readonly schedule: Schedule;
}

export const foundFaults: readonly FoundFault[] = JSON.parse(
  readFileSync(new URL("found.json", import.meta.url), "utf8"),
);
