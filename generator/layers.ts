import { join } from "node:path";
import { SHIM_FOLDER } from "../src/tools/build/folder.ts";
import type { Answers } from "./answers.ts";
import type { HandlerName } from "./choices.ts";
import { templatePaths } from "./precompiled.ts";
import { listFiles } from "./target.ts";

/** What decides which templates a project is made of. */
export type Choices = Pick<
  Answers,
  "kind" | "handlers" | "dotnet" | "shim" | "ci" | "packageManager"
>;

/** Where a project's files come from; absolute paths. */
export interface Sources {
  /** Folder of templates, with a folder for each layer. */
  readonly templates: string;
  /** Folder of the shim's source, which is copied as it is. */
  readonly shim: string;
}

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
const kitOwned = /^(?:common|yarn|dotnet|shim|ci\/\w+)$/u;

/** Layer of a project that has handlers in C#. */
export const dotnetLayer = "dotnet";
/** Layer of a project that builds its own shim: templates, and beside them the shim's source. */
const shimLayer = "shim";

/** `preRestore` is `pre-restore` in the names of files. */
export function kebabCase(name: string): string {
  return name.replace(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`);
}

/** `ledger-files` is `ledgerFiles` in a program. */
export function camelCase(name: string): string {
  return name.replace(/-([a-z\d])/gu, (_match, letter: string) => letter.toUpperCase());
}

/** File of one handler in a project. */
export function handlerFile(name: HandlerName): string {
  return `src/handlers/${kebabCase(name)}.ts`;
}

/** Folder of templates that one handler is made of. */
export function handlerLayer(name: HandlerName): string {
  return `handlers/${kebabCase(name)}`;
}

/** Folder of templates that one handler in C# is made of. */
export function dotnetHandlerLayer(name: HandlerName): string {
  return `dotnet-handlers/${kebabCase(name)}`;
}

/** Folders of templates, below `templates`, that a project is made of: one for each choice. */
export function layersOf(choices: Choices): readonly string[] {
  const { kind, handlers, dotnet, shim, ci, packageManager } = choices;
  const kindLayers = {
    "add-in": ["addin"],
    application: ["application"],
    cloud: ["cloud-project", "cloud"],
  };
  return [
    "common",
    ...kindLayers[kind],
    ...handlers.map((name) =>
      dotnet.includes(name) ? dotnetHandlerLayer(name) : handlerLayer(name),
    ),
    ...(dotnet.length > 0 ? [dotnetLayer] : []),
    ...(shim === "source" ? [shimLayer] : []),
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
  sources: Sources,
  layers: readonly string[],
  name = "",
): readonly ProjectFile[] {
  const filesBelow = (layer: string): readonly string[] =>
    templatePaths === undefined
      ? listFiles(join(sources.templates, layer))
      : templatePaths
          .filter((path) => path.startsWith(`${layer}/`))
          .map((path) => path.slice(layer.length + 1));
  return layers
    .flatMap((layer) => [
      ...filesBelow(layer).map((file) => ({
        path: file.replace(/\.hbs$/u, "").replace("__name__", name),
        template: `${sources.templates}/${layer}/${file}`,
        isKitOwned: kitOwned.test(layer),
      })),
      ...(layer === shimLayer ? shimFiles(sources.shim) : []),
    ])
    .toSorted((one, other) => (one.path < other.path ? -1 : 1));
}

function shimFiles(folder: string): readonly ProjectFile[] {
  return listFiles(folder).map((file) => ({
    path: `${SHIM_FOLDER}/${file}`,
    template: join(folder, file),
    isKitOwned: true,
  }));
}
