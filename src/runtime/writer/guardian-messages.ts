/** What a writer's service and its guardian tell each other over the guardian's input and output. */
import type { TypeOf } from "../../base/document/definition.ts";
import { forms } from "../../base/document/fields.ts";
import { boolean } from "../../base/document/kinds.ts";
import { milliseconds } from "../../base/document/parts.ts";
import { readText } from "../../base/document/read.ts";

const order = forms("order", {
  /** A freeze may begin: see it in the journal, and thaw so many milliseconds later. */
  expect: { thawAfterMs: milliseconds(1) },
  /** Thaw so many milliseconds from now, and at once when the service ends before. */
  watch: { thawAfterMs: milliseconds(1) },
  /** Nothing remains to be done: the service has thawed, or there was no freeze. */
  over: {},
});

/** What the service tells its guardian. */
export type GuardianOrder = TypeOf<typeof order>;

const report = forms("report", {
  /** The guardian has its place. */
  ready: {},
  /** The answer to `watch`. */
  watching: {
    /** The guardian has thawed, or has begun to. */
    hasThawed: boolean,
  },
});

/** What the guardian tells its service. */
export type GuardianReport = TypeOf<typeof report>;

/** Reads an order; `undefined` for another text. */
export function parseOrder(line: string): GuardianOrder | undefined {
  const reading = readText(order, line, "the order");
  return "value" in reading ? reading.value : undefined;
}

/** Reads a report; `undefined` for another text. */
export function parseReport(line: string): GuardianReport | undefined {
  const reading = readText(report, line, "the report");
  return "value" in reading ? reading.value : undefined;
}

/** Formats a message as a line of its own: a handler may have printed half a line. */
export function formatMessage(message: GuardianOrder | GuardianReport): string {
  return `\n${JSON.stringify(message)}\n`;
}
