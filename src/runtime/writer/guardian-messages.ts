/** What a writer's service and its guardian tell each other over the guardian's input and output. */
import type { TypeOf } from "../../base/document/definition.ts";
import { forms } from "../../base/document/fields.ts";
import { boolean, integer } from "../../base/document/kinds.ts";
import { milliseconds } from "../../base/document/parts.ts";
import { readText } from "../../base/document/read.ts";

/** Counts the freezes of one guardian. */
const freeze = integer({ least: 1, most: Number.MAX_SAFE_INTEGER });

const order = forms("order", {
  /** Thaw so many milliseconds from now, and at once when the service ends before. */
  watch: { freeze, thawAfterMs: milliseconds(1) },
  /** The service has thawed: nothing remains to be done for this freeze. */
  over: { freeze },
});

/** What the service tells its guardian. */
export type GuardianOrder = TypeOf<typeof order>;

const report = forms("report", {
  /** The guardian has its place. */
  ready: {},
  /** The answer to `watch`. */
  watching: {
    freeze,
    /** The guardian has thawed during this freeze, or has begun to. */
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
