import type { TimelineEntry } from "./timeline.ts";

/**
 * Formats a failure's stack and causes as lines of text, like Node.js prints an error.
 *
 * @returns No lines for an entry without a failure or without a stack.
 */
export function failureLines({ failure }: TimelineEntry): readonly string[] {
  if (failure === undefined) return [];
  const { stack = [], causes = [] } = failure;
  return [...stack.map(indent), ...causes.flatMap(causeLines)];
}

type Cause = NonNullable<NonNullable<TimelineEntry["failure"]>["causes"]>[number];

function causeLines({ name, code, text, stack = [] }: Cause): readonly string[] {
  const kind = code === undefined ? name : `${name} (${code})`;
  return [`  caused by ${kind}: ${text}`].concat(stack.map(indent));
}

function indent(frame: string): string {
  return `    ${frame}`;
}
