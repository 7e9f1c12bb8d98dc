import type { ProjectChanges } from "../../../base/generator.ts";
import { paint, type Output } from "./output.ts";

function paintLine(line: string): string {
  if (line.startsWith("+")) return paint("green", line);
  return line.startsWith("-") ? paint("red", line) : line;
}

/** Shows the files that a command created and changed, or would, with their differences. */
export function showChanges(
  output: Output,
  changes: ProjectChanges,
  state: "made" | "planned",
): void {
  const { created, changed, todo } = changes;
  for (const file of created)
    output.line(`${state === "planned" ? "Would create" : "Created"} ${file}`);
  for (const { path, diff } of changed) {
    output.line(`${state === "planned" ? "Would change" : "Changed"} ${path}`);
    for (const line of diff.trimEnd().split("\n").slice(1)) output.line(paintLine(line));
  }
  for (const sentence of todo) output.line(`To do: ${sentence}`);
}
