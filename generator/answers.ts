import { builtinModules } from "node:module";
import { basename, resolve } from "node:path";
import rootPackage from "../package.json" with { type: "json" };
import { createGuid, parseGuid } from "../src/base/guid.ts";
import { identifierRule } from "../src/runtime/manifest/rules.ts";
import {
  choose,
  chosenHandlers,
  ciSystems,
  commandsOf,
  detectPackageManager,
  dotnetHandlers,
  kinds,
  packageManagers,
  shimForms,
} from "./choices.ts";
import type { CiSystem, Commands, HandlerName, Kind, PackageManager, ShimForm } from "./choices.ts";
import { isReservedOnWindows } from "./validate.ts";

/** What the developer said by flag or prompt; an answer that is missing gets its default. */
export interface GivenAnswers {
  readonly name?: string | undefined;
  /** Folder as typed: relative to the current one or absolute, with either slash. */
  readonly folder?: string | undefined;
  readonly kind?: string | undefined;
  readonly identifier?: string | undefined;
  readonly writerId?: string | undefined;
  readonly clsid?: string | undefined;
  readonly appId?: string | undefined;
  readonly snapinId?: string | undefined;
  /** Names of handlers, or `all` or `none` alone. */
  readonly handlers?: readonly string[] | undefined;
  readonly services?: readonly string[] | undefined;
  /** Names of handlers to write in C#, or `all` or `none` alone. */
  readonly dotnet?: readonly string[] | undefined;
  readonly shim?: string | undefined;
  readonly ci?: string | undefined;
  readonly packageManager?: string | undefined;
  readonly install?: boolean | undefined;
  readonly git?: boolean | undefined;
}

/** Where the generator runs. */
export interface Surroundings {
  /** Absolute path that a relative folder starts from. */
  readonly currentFolder: string;
  /** What the package manager that runs the generator calls itself, `npm_config_user_agent`. */
  readonly userAgent?: string | undefined;
}

/** What makes a project the one it is; it is kept from release to release. */
export interface Identity {
  readonly name: string;
  readonly applicationIdentifier: string;
  readonly writerId: string;
  readonly clsid: string;
  readonly appId: string;
  readonly snapinId: string;
  readonly services: readonly string[];
}

/** Everything the templates are filled with. */
export interface Answers extends Identity {
  readonly kind: Kind;
  /** Absolute path of the project. */
  readonly folder: string;
  readonly packageName: string;
  /** The writer id was made here, so no VSS writer has it yet. */
  readonly writerIdIsNew: boolean;
  /** Where the resources of a cloud backup provider are to be. */
  readonly resourceDll: string;
  readonly handlers: readonly HandlerName[];
  /** Those of the handlers that are written in C#. */
  readonly dotnet: readonly HandlerName[];
  readonly shim: ShimForm;
  readonly ci: CiSystem;
  readonly packageManager: PackageManager;
  /** Version of the package manager, when it runs the generator; what Corepack goes by. */
  readonly packageManagerVersion: string | undefined;
  readonly commands: Commands;
  readonly install: boolean;
  readonly git: boolean;
  readonly versions: ToolVersions;
}

/** Versions the scaffold depends on: the ones this repository itself is tested with. */
export interface ToolVersions {
  readonly wsbAddin: string;
  readonly typescript: string;
  readonly vitest: string;
  readonly nodeTypes: string;
  /** A range: what the kit can load. */
  readonly edgeJs: string;
  readonly cmakeJs: string;
  readonly nodeAddonApi: string;
  readonly nodeApiHeaders: string;
}

const fallbackName = "My Add-in";
const fallbackPackageName = "my-add-in";
// Leaves room for what npm and the project put below the folder: Windows paths end at 260 characters.
const maxPackageNameLength = 64;

const toolVersions: ToolVersions = {
  wsbAddin: rootPackage.version,
  typescript: rootPackage.devDependencies.typescript,
  vitest: rootPackage.devDependencies.vitest,
  nodeTypes: rootPackage.devDependencies["@types/node"],
  edgeJs: rootPackage.peerDependencies["edge-js"],
  cmakeJs: rootPackage.devDependencies["cmake-js"],
  nodeAddonApi: rootPackage.devDependencies["node-addon-api"],
  nodeApiHeaders: rootPackage.devDependencies["node-api-headers"],
};

/** npm refuses Node's own module names, and a project that has the name of one of its dependencies. */
const takenPackageNames = new Set([
  ...builtinModules,
  "wsb-addin",
  "typescript",
  "vitest",
  "edge-js",
  "cmake-js",
  "node-addon-api",
  "node-api-headers",
]);

/** Letters that are not a base letter with marks, so that Unicode normalization leaves them alone. */
const asciiLetters: ReadonlyMap<string, string> = new Map([
  ["ß", "ss"],
  ["æ", "ae"],
  ["œ", "oe"],
  ["ø", "o"],
  ["đ", "d"],
  ["ð", "d"],
  ["ł", "l"],
  ["þ", "th"],
  ["ı", "i"],
]);

/**
 * Derives an npm package name, which is also the default folder, from a product name.
 *
 * It is ASCII, never empty, and neither Windows nor npm refuses it.
 */
export function packageNameFor(name: string): string {
  const ascii = name
    .toLowerCase()
    .normalize("NFKD")
    .replaceAll("'", "")
    .replace(/[^\p{ASCII}]/gu, toAscii);
  const slug = ascii
    .replace(/[^a-z\d]+/gu, "-")
    .slice(0, maxPackageNameLength)
    .replace(/^-+|-+$/gu, "");
  if (slug === "") return fallbackPackageName;
  return isReservedOnWindows(slug) || takenPackageNames.has(slug) ? `${slug}-addin` : slug;
}

function toAscii(letter: string): string {
  return /[\p{M}’]/u.test(letter) ? "" : (asciiLetters.get(letter) ?? "-");
}

/** Name a project gets when none is given: that of its folder, when it has one that can be used. */
export function defaultName(given: GivenAnswers, currentFolder: string): string {
  if (given.folder === undefined) return fallbackName;
  const folderName = basename(absoluteFolder(given.folder, currentFolder));
  return identifierRule(folderName) === undefined ? folderName : fallbackName;
}

/**
 * Gives every missing answer its default and assigns the project's identity.
 *
 * @param given Answers that {@link checkAnswers} has nothing against.
 */
export function completeAnswers(given: GivenAnswers, surroundings: Surroundings): Answers {
  const { currentFolder, userAgent } = surroundings;
  const name = given.name ?? defaultName(given, currentFolder);
  const packageName = packageNameFor(name);
  const kind = choose(kinds, given.kind ?? "") ?? "add-in";
  const used = detectPackageManager(userAgent);
  const handlers = kind === "add-in" ? chosenHandlers(given.handlers) : [];
  const packageManager = choose(packageManagers, given.packageManager ?? "") ?? used.name;
  return {
    kind,
    name,
    folder: absoluteFolder(given.folder ?? packageName, currentFolder),
    packageName,
    applicationIdentifier: given.identifier ?? name,
    writerId: guidOrNew(given.writerId),
    writerIdIsNew: given.writerId === undefined,
    clsid: guidOrNew(given.clsid),
    appId: guidOrNew(given.appId),
    snapinId: guidOrNew(given.snapinId),
    resourceDll: `C:\\Program Files\\${packageName}\\resources.dll`,
    handlers,
    dotnet: given.dotnet === undefined ? [] : dotnetHandlers(given.dotnet, handlers),
    shim: choose(shimForms, given.shim ?? "") ?? "prebuilt",
    services: given.services ?? [],
    ci: choose(ciSystems, given.ci ?? "") ?? "github",
    packageManager,
    packageManagerVersion: packageManager === used.name ? used.version : undefined,
    commands: commandsOf[packageManager],
    install: given.install ?? false,
    git: given.git ?? false,
    versions: toolVersions,
  };
}

function guidOrNew(text: string | undefined): string {
  return (text === undefined ? undefined : parseGuid(text)) ?? createGuid();
}

/** Resolves a folder as typed; as Windows has no backslash in a name, it separates folders everywhere. */
export function absoluteFolder(folder: string, currentFolder: string): string {
  return resolve(currentFolder, folder.replaceAll("\\", "/"));
}
