import { asMarkdown, type Report } from "./table.ts";
import type { Result } from "./result.ts";

const BEGIN = "<!-- bench: made by npm run bench of bench/results.json -->";
const END = "<!-- /bench -->";

/** The results that the README shows, besides the worst. */
const HIGHLIGHTS: ReadonlySet<string> = new Set([
  "PreRestore that does nothing",
  "PreRestore, 16 MB of metadata",
  "PreRestore, the last 100 of 10,000, compared with the first 100",
  "Writer: freeze to thaw, without the copy",
  "Registration without activation, like the batch",
  "Memory, idle",
]);

/** The documents with results, and the function that selects the results of each. */
export const documents = { "README.md": highlights, "docs/bench.md": compared } as const;

/** Returns the results with a peer. */
function compared(results: readonly Result[]): readonly Result[] {
  return results.filter(({ peer }) => peer !== null);
}

function highlights(results: readonly Result[]): readonly Result[] {
  const worst = worstOf(results);
  return results.filter((result) => HIGHLIGHTS.has(result.name) || result === worst);
}

/** Returns the result that is furthest behind its peer. */
export function worstOf(results: readonly Result[]): Result | undefined {
  return compared(results).toSorted((a, b) => slowdown(b) - slowdown(a))[0];
}

function slowdown({ ratio, unit }: Result): number {
  if (ratio === null) return 0;
  return unit === "calls/s" ? 1 / ratio : ratio;
}

/**
 * Writes the table of a document between its markers.
 *
 * @throws when the markers are missing.
 */
export function withTable(name: keyof typeof documents, text: string, report: Report): string {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin === -1 || end < begin) throw new Error(`${name} has no ${BEGIN} before ${END}.`);
  const before = text.slice(0, begin + BEGIN.length);
  const results = documents[name](report.results);
  return `${before}\n\n${asMarkdown({ ...report, results })}\n\n${text.slice(end)}`;
}
