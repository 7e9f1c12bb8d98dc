import { join } from "node:path";
import type { Answers } from "./answers.ts";
import type { HandlerName } from "./choices.ts";
import { listFiles } from "./target.ts";

/** What decides which templates a project is made of. */
export type Choices = Pick<Answers, "kind" | "handlers" | "ci" | "packageManager">;

/** One file of a project and the template it is made from. */
export interface ProjectFile {
  /** Below the project's folder, with forward slashes. */
  readonly path: string;
  /** Absolute path of the template: `*.hbs` is filled in, everything else is copied. */
  readonly template: string;
  /** The kit keeps it up to date as long as its owner leaves it as it is. */
  readonly isKitOwned: boolean;
}

// Layers whose files nobody needs to edit.
const kitOwned = /^(?:common|yarn|ci\/\w+)$/u;

/** `preRestore` is `pre-restore` in the names of files. */
export function kebabCase(name: string): string {
  return name.replace(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`);
}

/** `ledger-files` is `ledgerFiles` in a program. */
export function camelCase(name: string): string {
  return name.replace(/-([a-z\d])/gu, (_match, letter: string) => letter.toUpperCase());
}

/** Folder of templates that one handler is made of. */
export function handlerLayer(name: HandlerName): string {
  return `handlers/${kebabCase(name)}`;
}

/** Folders of templates, below `templates`, that a project is made of: one for each choice. */
export function layersOf({ kind, handlers, ci, packageManager }: Choices): readonly string[] {
  const kindLayers = {
    "add-in": ["addin"],
    application: ["application"],
    cloud: ["cloud-project", "cloud"],
  };
  return [
    "common",
    ...kindLayers[kind],
    ...handlers.map(handlerLayer),
    ...(ci === "none" ? [] : [`ci/${ci}`]),
    ...(packageManager === "yarn" ? ["yarn"] : []),
  ];
}

/**
 * The files that layers make, sorted by path.
 *
 * @param name Stands for `__name__` in their paths.
 */
export function filesOf(
  templates: string,
  layers: readonly string[],
  name = "",
): readonly ProjectFile[] {
  return layers
    .flatMap((layer) =>
      listFiles(join(templates, layer)).map((file) => ({
        path: file.replace(/\.hbs$/u, "").replace("__name__", name),
        template: join(templates, layer, file),
        isKitOwned: kitOwned.test(layer),
      })),
    )
    .toSorted((one, other) => (one.path < other.path ? -1 : 1));
}
