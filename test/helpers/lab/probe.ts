import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { TestAddin } from "./test-lab.ts";
import { until } from "../until.ts";

/** A line of the probe add-in's output. */
export interface ProbeCall {
  readonly pid: number;
  readonly method: string;
  readonly [field: string]: unknown;
}

/** Returns all lines of the probe add-in so far. */
export function probeCalls({ folder }: TestAddin): readonly ProbeCall[] {
  const file = join(folder, "dist", "calls.jsonl");
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.slice(0, -1).map((line): ProbeCall => JSON.parse(line));
}

/** Waits until the probe add-in has written a call that `matches`. */
export function untilProbe(
  addin: TestAddin,
  what: string,
  matches: (call: ProbeCall) => boolean,
): Promise<ProbeCall> {
  return until(what, () => probeCalls(addin).find(matches));
}
