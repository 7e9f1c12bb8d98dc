import { nameHresult } from "../hresult.ts";
import type { TimelineEntry } from "../simulate/timeline.ts";
import { paint } from "./output.ts";

const STEP_WIDTH = 22;

/** Heading above the lines of {@link showEntry}. */
export function timelineHeading(): string {
  const heading = `${"at".padStart(9)}  ${"took".padStart(9)}  ${"step".padEnd(STEP_WIDTH)}  result`;
  return paint("dim", heading);
}

/** One line of a timeline for people. */
export function showEntry(entry: TimelineEntry): string {
  const { startMs, durationMs, step, component, hresult, detail, failed } = entry;
  const outcome = hresult === undefined ? undefined : nameHresult(hresult);
  const parts = [
    `${startMs} ms`.padStart(9),
    `${durationMs} ms`.padStart(9),
    step.padEnd(STEP_WIDTH),
    [
      outcome === undefined ? undefined : paint(failed ? "red" : "green", outcome),
      component,
      detail === undefined || !failed ? detail : paint("red", detail),
    ]
      .filter((part) => part !== undefined)
      .join("  "),
  ];
  return parts.join("  ");
}
