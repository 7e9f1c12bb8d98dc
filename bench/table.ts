import type { Result } from "./result.ts";

/** The contents of bench/results.json. */
export interface Report {
  /** The processor, cores, memory and system of the machine. */
  readonly machine: string;
  /** The day, for example `2026-01-31`. */
  readonly date: string;
  /** The commit that was measured. */
  readonly commit: string;
  readonly results: readonly Result[];
}

const HEAD = [
  "Measurement",
  "wsb-addin",
  "baseline",
  "ratio",
  "goal",
  "spread",
  "samples",
] as const;

function number(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString("en-US") : String(value);
}

function percent(part: number): string {
  return `±${(part * 100).toFixed(0)} %`;
}

/** Returns the cells of a table: a header and a line for each result. */
export function cells(results: readonly Result[]): readonly (readonly string[])[] {
  const lines = results.map(({ name, value, unit, peer, ratio, goal, samples, spread }) => [
    name,
    `${number(value)} ${unit}`,
    peer === null ? "" : `${number(peer)} ${unit}`,
    ratio === null ? "" : ratio.toFixed(2),
    goal === null ? "" : `≤ ${goal.toFixed(2)}${ratio !== null && ratio > goal ? " ✗" : ""}`,
    percent(spread),
    String(samples),
  ]);
  return [HEAD, ...lines];
}

/** Formats a table for a terminal. */
export function asText(results: readonly Result[]): string {
  const lines = cells(results);
  const widths = HEAD.map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  const pad = (cell: string, column: number): string =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return lines.map((line) => line.map(pad).join("  ").trimEnd()).join("\n");
}

/** Formats the results as a table for a document. */
export function asMarkdown({ machine, date, commit, results }: Report): string {
  const [head = [], ...lines] = cells(results);
  const rule = head.map((_, column) => (column === 0 ? "---" : "---:"));
  const rows = [head, rule, ...lines].map((line) => `| ${line.join(" | ")} |`);
  return [`Measured on ${date}, ${machine}, at ${commit}:`, "", ...rows].join("\n");
}
