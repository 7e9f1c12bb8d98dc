import type { Growth } from "./grower.ts";
import { paint, type Output } from "./output.ts";

function paintLine(line: string): string {
  if (line.startsWith("+")) return paint("green", line);
  return line.startsWith("-") ? paint("red", line) : line;
}

/** Shows what was, or would be, created and changed in a project, differences included. */
export function showGrowth(output: Output, growth: Growth, isDryRun: boolean): void {
  const { created, changed, todo } = growth;
  for (const file of created) output.line(`${isDryRun ? "Would create" : "Created"} ${file}`);
  for (const { path, diff } of changed) {
    output.line(`${isDryRun ? "Would change" : "Changed"} ${path}`);
    for (const line of diff.trimEnd().split("\n").slice(1)) output.line(paintLine(line));
  }
  for (const sentence of todo) output.line(`Left to you: ${sentence}`);
}
