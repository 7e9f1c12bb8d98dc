import { formatHresult } from "../../base/hresult.ts";
import { bound } from "./bound.ts";
import type { RecordLine } from "./event.ts";

function shown(key: string, value: unknown): unknown {
  if (key === "hresult" && typeof value === "number") return formatHresult(value);
  const kept = bound(value);
  return Array.isArray(kept) ? kept.map(bound) : kept;
}

/** Writes an event as a line of JSON, texts bounded, HRESULTs as Windows prints them. */
export function formatLine(line: RecordLine): string {
  // Not with a replacer of JSON.stringify: no event goes deeper than a list of texts, and two lines
  // are written with every call.
  const fields = Object.entries(line).map(([key, value]) => [key, shown(key, value)] as const);
  return `${JSON.stringify(Object.fromEntries(fields))}\n`;
}
