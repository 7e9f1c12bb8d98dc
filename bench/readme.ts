import { asMarkdown, type Report } from "./table.ts";

const BEGIN = "<!-- bench: made by npm run bench of bench/results.json -->";
const END = "<!-- /bench -->";

/**
 * Writes the table of a report between the README's markers.
 *
 * @throws when the markers are missing.
 */
export function withTable(readme: string, report: Report): string {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin === -1 || end < begin) throw new Error(`README.md has no ${BEGIN} before ${END}.`);
  const before = readme.slice(0, begin + BEGIN.length);
  return `${before}\n${asMarkdown(report)}\n${readme.slice(end)}`;
}
