import { join } from "node:path";
import { WsbError } from "../src/base/errors.ts";
import type { HandlerName } from "./choices.ts";
import { choiceRule, choose, handlers } from "./choices.ts";
import { listHandler } from "./edit-addin.ts";
import type { ExistingProject } from "./existing-project.ts";
import type { ProjectFile } from "./layers.ts";
import { readText } from "./render.ts";

const entryFile = "src/addin.ts";

/** What is to be done to a project, as far as it is known before a file is written. */
export interface Draft {
  readonly files: readonly ProjectFile[];
  /** What templates are filled with beside the project's answers. */
  readonly values: Readonly<Record<string, unknown>>;
  /** New texts of files that there are, by path. */
  readonly edits: ReadonlyMap<string, string>;
  readonly todo: readonly string[];
}

/** Changes of files that there are, or what their owner has to do instead. */
export type Edits = Pick<Draft, "edits" | "todo">;

/** Lists a handler in the entry module, or says how its owner does it. */
export function entryEdit(project: ExistingProject, name: HandlerName): Edits {
  const edit = listHandler(readText(join(project.folder, entryFile)) ?? "", name);
  switch (edit.kind) {
    case "edited":
      return { edits: new Map([[entryFile, edit.source]]), todo: [] };
    case "listed":
      return { edits: new Map(), todo: [] };
    case "unclear":
      return { edits: new Map(), todo: [`Add to ${entryFile}: ${edit.lines.join("  ")}`] };
  }
}

/** @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` for a project without an add-in. */
export function requireAddin({ kind, folder }: ExistingProject): void {
  if (kind === "add-in") return;
  throw new WsbError(
    "ERR_WSB_INVALID_ARGUMENT",
    `The project in ${folder} is no add-in, so nothing calls handlers. Create one of --kind add-in with create-wsb-addin.`,
  );
}

/** The handler that a text names, in any case; @throws {@link WsbError} with the list of them. */
export function requireHandler(text: string): HandlerName {
  const name = choose(handlers, text);
  if (name === undefined) throw noSuch("The handler", choiceRule(handlers, text));
  return name;
}

/** The error for a name that there is not. */
export function noSuch(what: string, rule: string | undefined): WsbError {
  return new WsbError("ERR_WSB_INVALID_ARGUMENT", `${what} ${rule ?? ""}.`);
}
