import { formatHresult } from "../../base/hresult.ts";
import type { Definition } from "../../base/document/definition.ts";
import { readValue } from "../../base/document/read.ts";
import { bound } from "./bound.ts";
import { EVENTS, type EventLine } from "./definitions.ts";

function shown(key: string, value: unknown): unknown {
  return key === "hresult" && typeof value === "number" ? formatHresult(value) : bound(value);
}

/** Formats an event as a line of JSON: texts bounded, HRESULTs as Windows prints them. */
export function formatLine(line: EventLine): string {
  // Faster than a replacer of JSON.stringify, and every call writes two lines.
  const fields = Object.entries(line).map(([key, value]) => [key, shown(key, value)] as const);
  return `${JSON.stringify(Object.fromEntries(fields))}\n`;
}

const lines = new Map<unknown, Pick<Definition<EventLine>, "read">>(
  EVENTS.map(({ name, line }) => [name, line]),
);

/** A line of an event file: its `event` names the definition of the other fields. */
export const lineDefinition: Pick<Definition<EventLine>, "read" | "schema"> = {
  read(value, place) {
    const name = typeof value === "object" && value !== null && "event" in value && value.event;
    return lines.get(name)?.read(value, place) ?? place.refuse("is not a known event");
  },
  schema: (shared) => ({
    // The steps of a simulation are not written to a file.
    oneOf: EVENTS.filter(({ name }) => name !== "stepTaken").map(({ line }) => line.schema(shared)),
  }),
};

/**
 * Reads a line of an event file, with its texts bounded as {@link formatLine} does: others may have
 * written it. `undefined` when this version does not know such a line.
 */
export function parseLine(text: string): EventLine | undefined {
  // A line needs no positions of its problems, and JSON.parse is ten times as fast as readText.
  let value: unknown;
  try {
    value = bound(JSON.parse(text));
  } catch {
    return undefined;
  }
  const reading = readValue(lineDefinition, value, "the line");
  return "value" in reading ? reading.value : undefined;
}

/** Returns the time of a line in milliseconds since the epoch. */
export function timeOf({ time }: EventLine): number {
  return Date.parse(time);
}
