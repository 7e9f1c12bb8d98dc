import type { Definition } from "../../../base/document/definition.ts";
import { fields } from "../../../base/document/fields.ts";
import { boolean, integer, list, string } from "../../../base/document/kinds.ts";
import { shared } from "../../../base/document/schema.ts";
import { isWsbErrorCode } from "../../../base/errors.ts";
import { nameHresult } from "../../../base/hresult.ts";
import { failureLines } from "../../report/failure-lines.ts";
import type { TimelineEntry } from "../../report/timeline.ts";
import { errorPage, seePage } from "./docs-page.ts";
import { open } from "./document.ts";
import { paint } from "./output.ts";

const milliseconds = integer({ least: 0, most: Number.MAX_SAFE_INTEGER });

const handlerFailure = fields(
  {
    code: string.about("Code of the error, such as ERR_WSB_TIMEOUT, or the name of its class."),
    text: string.about("The error and its causes in one sentence."),
    stack: list(string).about("Frames of its stack, the innermost first.").optional(),
    causes: list(
      fields(
        {
          name: string,
          code: string.optional(),
          text: string,
          stack: list(string).optional(),
        },
        open,
      ),
    )
      .about("The errors that caused it, the nearest first.")
      .optional(),
  },
  open,
);

/** An entry of a timeline, in a document. */
export const timelineEntryDefinition: Definition<TimelineEntry> = shared(
  "timelineEntry",
  fields(
    {
      startMs: milliseconds.about("Milliseconds since the first step."),
      durationMs: milliseconds.about("Duration in milliseconds."),
      step: string.about("A COM method, or an action of the simulator; the list is open.", {
        examples: ["PreRestore", "activate", "copy"],
      }),
      component: string
        .about("Component that the step was for: logicalPath\\componentName.")
        .optional(),
      hresult: integer({ least: 0, most: 0xffffffff })
        .about("Result of the call, as a number. Absent if the step is not a COM call.")
        .optional(),
      detail: string
        .about("Text of the COM error information, or the result of the step.")
        .optional(),
      failed: boolean,
      service: string.about("Service that the step was for.").optional(),
      failure: handlerFailure
        .about("The failure of the handler, if the add-in's events have it.")
        .optional(),
    },
    open,
  ).about("One step of a simulation or of a recorded session."),
);

const STEP_WIDTH = 22;

/** Heading above the lines of {@link entryLines}. */
export function timelineHeading(): string {
  const heading = `${"at".padStart(9)}  ${"took".padStart(9)}  ${"step".padEnd(STEP_WIDTH)}  result`;
  return paint("dim", heading);
}

const INDENT = " ".repeat(22);

/** Returns a text, which may have several lines, as one line. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/gu, " ");
}

/** Returns an entry for people: one line, then its failure's stack, causes and page. */
export function entryLines(entry: TimelineEntry): readonly string[] {
  const lines = [...failureLines(entry), ...pageOf(entry)].map((line) => paint("dim", line));
  return [entryLine(entry), ...lines.map((line) => `${INDENT}${line}`)];
}

function pageOf({ failure }: TimelineEntry): readonly string[] {
  return isWsbErrorCode(failure?.code) ? [`  ${seePage(errorPage(failure.code))}`] : [];
}

function entryLine(entry: TimelineEntry): string {
  const { startMs, durationMs, step, component, service, hresult, failed } = entry;
  const detail = entry.detail === undefined ? undefined : oneLine(entry.detail);
  const outcome = hresult === undefined ? undefined : nameHresult(hresult);
  const parts = [
    `${startMs} ms`.padStart(9),
    `${durationMs} ms`.padStart(9),
    step.padEnd(STEP_WIDTH),
    [
      outcome === undefined ? undefined : paint(failed ? "red" : "green", outcome),
      component === undefined ? undefined : oneLine(component),
      service,
      detail === undefined || !failed ? detail : paint("red", detail),
    ]
      .filter((part) => part !== undefined)
      .join("  "),
  ];
  return parts.join("  ");
}
