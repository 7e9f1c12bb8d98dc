/** Shrunk schedules that once broke an invariant, so that no change of the generator loses them. */
import { readFileSync } from "node:fs";

import type { Schedule } from "./schedule.ts";
import type { FoundFault } from "./test-simulation.ts";

export const foundFaults: readonly FoundFault<Schedule>[] = JSON.parse(
  readFileSync(new URL("found.json", import.meta.url), "utf8"),
);
