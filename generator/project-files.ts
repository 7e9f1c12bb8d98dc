import { join } from "node:path";
import { SHIM_FOLDER } from "../src/base/shim-source.ts";
import type { Answers } from "./answers.ts";
import type { HandlerName } from "./choices.ts";
import { listFiles } from "./staging.ts";

/** The answers that decide which templates make up a project. */
export type Choices = Pick<
  Answers,
  "kind" | "writer" | "handlers" | "dotnet" | "shim" | "ci" | "packageManager"
>;

/** Absolute paths of the folders that a project's files come from. */
export interface Sources {
  /** Contains a folder of templates for each layer. */
  readonly templates: string;
  /** Contains the shim's source, which is copied unchanged. */
  readonly shim: string;
}

/** A file of a project and its template. */
export interface ProjectFile {
  /** Below the project's folder, with forward slashes. */
  readonly path: string;
  /** Absolute path of the template: Handlebars renders `*.hbs`, other files are copied. */
  readonly template: string;
  /** `wsb-addin upgrade` updates the file unless its owner has changed it. */
  readonly isKitOwned: boolean;
}

// Layers whose files nobody needs to edit.
const kitOwned = /^(?:common|yarn|dotnet|shim|ci\/\w+)$/u;

/** Layer of a project that has handlers in C#. */
export const dotnetLayer = "dotnet";
/** Layer of a project whose writer is a service. */
export const writerLayer = "writer";
/** Layer of a project that builds its own shim: these templates and the shim's source. */
const shimLayer = "shim";

/** Writes `preRestore` as `pre-restore`, for the names of files. */
export function kebabCase(name: string): string {
  return name.replace(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`);
}

/** Writes `ledger-files` as `ledgerFiles`, for names in code. */
export function camelCase(name: string): string {
  return name.replace(/-([a-z\d])/gu, (_match, letter: string) => letter.toUpperCase());
}

/** File of a handler in a project. */
export function handlerFile(name: HandlerName): string {
  return `src/handlers/${kebabCase(name)}.ts`;
}

/** Folder of templates for a handler. */
export function handlerLayer(name: HandlerName): string {
  return `handlers/${kebabCase(name)}`;
}

/** Folder of templates for a handler in C#. */
export function dotnetHandlerLayer(name: HandlerName): string {
  return `dotnet-handlers/${kebabCase(name)}`;
}

/** Folders of templates that make up a project, below `templates`: one for each choice. */
export function layersOf(choices: Choices): readonly string[] {
  const { kind, writer, handlers, dotnet, shim, ci, packageManager } = choices;
  const kindLayers = {
    "add-in": ["addin"],
    application: ["application"],
    cloud: ["cloud-project", "cloud"],
  };
  return [
    "common",
    ...kindLayers[kind],
    ...(writer === "service" ? [writerLayer] : []),
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
 * Lists the files that layers contain, sorted by path.
 *
 * @param name Replaces `__name__` in their paths.
 */
export function filesOf(
  sources: Sources,
  layers: readonly string[],
  name = "",
): readonly ProjectFile[] {
  return layers
    .flatMap((layer) => [
      ...listFiles(join(sources.templates, layer)).map((file) => ({
        path: file.replace(/\.hbs$/u, "").replace("__name__", name),
        template: join(sources.templates, layer, file),
        isKitOwned: kitOwned.test(layer),
      })),
      ...(layer === shimLayer ? shimFiles(sources.shim) : []),
    ])
    .toSorted((one, other) => (one.path < other.path ? -1 : 1));
}

/** GitHub's workflow below a project's folder. */
export const gitHubWorkflow = ".github/workflows/ci.yml";

/** Moves GitHub's workflow to the root of the repository, the only place where GitHub reads it. */
export function placeWorkflow(
  files: readonly ProjectFile[],
  { place, packageName }: Pick<Answers, "place" | "packageName">,
): readonly ProjectFile[] {
  if (place.projectPath === "") return files;
  const up = place.projectPath.replace(/[^/]+/gu, "..");
  const path = `${up}/.github/workflows/${packageName}.yml`;
  return files.map((file) => (file.path === gitHubWorkflow ? { ...file, path } : file));
}

/** Lists the files of a new project, sorted by path. */
export function projectFiles(sources: Sources, answers: Answers): readonly ProjectFile[] {
  return placeWorkflow(filesOf(sources, layersOf(answers)), answers);
}

function shimFiles(folder: string): readonly ProjectFile[] {
  return listFiles(folder).map((file) => ({
    path: `${SHIM_FOLDER}/${file}`,
    template: join(folder, file),
    isKitOwned: true,
  }));
}
