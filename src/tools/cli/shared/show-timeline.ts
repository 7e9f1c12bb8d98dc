import { nameHresult } from "../../../base/hresult.ts";
import { failureLines } from "../../report/failure-lines.ts";
import type { TimelineEntry } from "../../report/timeline.ts";
import { paint } from "./output.ts";

const STEP_WIDTH = 22;

/** Heading above the lines of {@link entryLines}. */
export function timelineHeading(): string {
  const heading = `${"at".padStart(9)}  ${"took".padStart(9)}  ${"step".padEnd(STEP_WIDTH)}  result`;
  return paint("dim", heading);
}

const INDENT = " ".repeat(22);

/** Nothing that a terminal obeys: texts come from anywhere. */
function printableLine(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, "\uFFFD");
}

/** One line, and nothing that a terminal obeys. */
function printable(text: string): string {
  return text.replaceAll(/\s+/gu, " ").replaceAll(/\p{Cc}/gu, "\uFFFD");
}

/** Returns an entry for people: one line, then the stack and the causes of its failure. */
export function entryLines(entry: TimelineEntry): readonly string[] {
  const failure = failureLines(entry).map((line) => paint("dim", printableLine(line)));
  return [entryLine(entry), ...failure.map((line) => `${INDENT}${line}`)];
}

function entryLine(entry: TimelineEntry): string {
  const { startMs, durationMs, step, component, service, hresult, failed } = entry;
  const detail = entry.detail === undefined ? undefined : printable(entry.detail);
  const outcome = hresult === undefined ? undefined : nameHresult(hresult);
  const parts = [
    `${startMs} ms`.padStart(9),
    `${durationMs} ms`.padStart(9),
    step.padEnd(STEP_WIDTH),
    [
      outcome === undefined ? undefined : paint(failed ? "red" : "green", outcome),
      component === undefined ? undefined : printable(component),
      service,
      detail === undefined || !failed ? detail : paint("red", detail),
    ]
      .filter((part) => part !== undefined)
      .join("  "),
  ];
  return parts.join("  ");
}
