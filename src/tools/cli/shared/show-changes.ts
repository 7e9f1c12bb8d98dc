import type { Definition } from "../../../base/document/definition.ts";
import { fields } from "../../../base/document/fields.ts";
import { boolean, list, literal, string } from "../../../base/document/kinds.ts";
import type { FileChange, ProjectChanges } from "../../../base/generator.ts";
import { open } from "./document.ts";
import { paint, type Screen } from "./output.ts";

const change: Definition<FileChange> = fields(
  {
    path: string.about("Path relative to the project's folder, with forward slashes."),
    diff: string.about("The difference, in unified format."),
  },
  open,
);

/** Fields of the document of a command that changes a project. */
export const changesFields: {
  readonly ok: Definition<true>;
  readonly dryRun: Definition<boolean>;
  readonly created: Definition<readonly string[]>;
  readonly changed: Definition<readonly FileChange[]>;
  readonly todo: Definition<readonly string[]>;
} = {
  ok: literal(true),
  dryRun: boolean.about("Whether --dry-run was given; nothing was written then."),
  created: list(string).about("Created files."),
  changed: list(change).about("Changed files."),
  todo: list(string).about("Tasks for the project's owner."),
};

function paintLine(line: string): string {
  if (line.startsWith("+")) return paint("green", line);
  return line.startsWith("-") ? paint("red", line) : line;
}

/** Prints the created and changed files, or the planned ones, with their differences. */
export function showChanges(
  output: Screen,
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
