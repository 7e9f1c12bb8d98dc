import { formatHresult } from "../hresult.ts";
import { bound } from "./bound.ts";
import type { RecordLine } from "./event.ts";

/** Writes an event as a line of JSON, texts bounded, HRESULTs as Windows prints them. */
export function formatLine(line: RecordLine): string {
  const text = JSON.stringify(line, (key, value: unknown) =>
    key === "hresult" && typeof value === "number" ? formatHresult(value) : bound(value),
  );
  return `${text}\n`;
}
