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
  interfaceHandlers,
  kinds,
  packageManagers,
  shimForms,
  writerKinds,
} from "./choices.ts";
import type {
  CiSystem,
  Commands,
  HandlerName,
  Kind,
  PackageManager,
  ShimForm,
  WriterKind,
} from "./choices.ts";
import { defaultFilesFolder } from "./own-writer.ts";
import { findPlace, lockFileOf, workflowObstacle } from "./place.ts";
import type { Place } from "./place.ts";
import { isReservedOnWindows } from "./validate.ts";

/** Answers from flags and prompts; a missing answer gets its default. */
export interface GivenAnswers {
  readonly name?: string | undefined;
  /** Folder as typed: absolute or relative to the current folder, with slashes or backslashes. */
  readonly folder?: string | undefined;
  readonly kind?: string | undefined;
  readonly identifier?: string | undefined;
  readonly writer?: string | undefined;
  readonly writerId?: string | undefined;
  /** Folder of the application's files, as Windows writes it. */
  readonly files?: string | undefined;
  readonly clsid?: string | undefined;
  readonly appId?: string | undefined;
  readonly snapinId?: string | undefined;
  /** Names of handlers, or only `all` or `none`. */
  readonly handlers?: readonly string[] | undefined;
  readonly services?: readonly string[] | undefined;
  /** Names of handlers to write in C#, or only `all` or `none`. */
  readonly dotnet?: readonly string[] | undefined;
  readonly shim?: string | undefined;
  readonly ci?: string | undefined;
  readonly packageManager?: string | undefined;
  readonly install?: boolean | undefined;
  readonly git?: boolean | undefined;
}

/** The environment that the generator runs in. */
export interface Surroundings {
  /** Absolute path that relative folders start from. */
  readonly currentFolder: string;
  /** `npm_config_user_agent` of the package manager that runs the generator. */
  readonly userAgent?: string | undefined;
}

/** Identity of a project, which stays the same from release to release. */
export interface Identity {
  readonly name: string;
  readonly applicationIdentifier: string;
  readonly writerId: string;
  readonly clsid: string;
  readonly appId: string;
  readonly snapinId: string;
  readonly services: readonly string[];
}

/** Values for the templates. */
export interface Answers extends Identity {
  readonly kind: Kind;
  /** Absolute path of the project. */
  readonly folder: string;
  readonly packageName: string;
  readonly writer: WriterKind;
  /** The folder of the application's files, which a writer of the kit reports. */
  readonly filesFolder: string;
  /** The generator made the writer ID, so no VSS writer has it yet. */
  readonly writerIdIsNew: boolean;
  /** Path of the DLL with the resources of a cloud backup provider. */
  readonly resourceDll: string;
  readonly handlers: readonly HandlerName[];
  /** The handlers that are written in C#. */
  readonly dotnet: readonly HandlerName[];
  readonly shim: ShimForm;
  readonly ci: CiSystem;
  readonly packageManager: PackageManager;
  readonly place: Place;
  /** The lock file that a build machine needs, below the repository's root. */
  readonly lockFile: string;
  /** Version of the package manager if it runs the generator; Corepack uses it. */
  readonly packageManagerVersion: string | undefined;
  readonly commands: Commands;
  readonly install: boolean;
  readonly git: boolean;
  readonly versions: ToolVersions;
}

/** Versions of the packages that a scaffold depends on, the same as this repository's. */
export interface ToolVersions {
  readonly wsbAddin: string;
  readonly typescript: string;
  readonly vitest: string;
  readonly nodeTypes: string;
  /** Range of the versions that the kit can load. */
  readonly edgeJs: string;
  readonly cmakeJs: string;
  readonly nodeAddonApi: string;
  readonly nodeApiHeaders: string;
}

const fallbackName = "My Add-in";
const fallbackPackageName = "my-add-in";
// Leaves room for paths below the folder: Windows limits paths to 260 characters.
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

/** npm refuses names of Node's modules, and a project that has the name of a dependency. */
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

/** Letters that Unicode normalization does not decompose. */
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

/** Returns the default name of a project: the name of its folder if that is valid. */
export function defaultName(given: GivenAnswers, currentFolder: string): string {
  if (given.folder === undefined) return fallbackName;
  const folderName = basename(absoluteFolder(given.folder, currentFolder));
  return identifierRule(folderName) === undefined ? folderName : fallbackName;
}

/**
 * Gives every missing answer its default and assigns the project's identity.
 *
 * @param given Answers in which {@link checkAnswers} finds no problem.
 */
export function completeAnswers(given: GivenAnswers, surroundings: Surroundings): Answers {
  const { currentFolder, userAgent } = surroundings;
  const name = given.name ?? defaultName(given, currentFolder);
  const packageName = packageNameFor(name);
  const kind = choose(kinds, given.kind ?? "") ?? "add-in";
  const used = detectPackageManager(userAgent);
  const handlers = kind === "add-in" ? chosenHandlers(given.handlers) : [];
  const dotnet = chosenHandlers(given.dotnet ?? ["none"]);
  const folder = absoluteFolder(given.folder ?? packageName, currentFolder);
  const place = findPlace(folder);
  const packageManager =
    choose(packageManagers, given.packageManager ?? "") ??
    place.workspace?.packageManager ??
    used.name;
  const commands = commandsOf[packageManager];
  return {
    kind,
    name,
    folder,
    packageName,
    applicationIdentifier: given.identifier ?? name,
    writer: choose(writerKinds, given.writer ?? "") ?? "external",
    filesFolder: given.files ?? defaultFilesFolder({ name, packageName }),
    writerId: guidOrNew(given.writerId),
    writerIdIsNew: given.writerId === undefined,
    clsid: guidOrNew(given.clsid),
    appId: guidOrNew(given.appId),
    snapinId: guidOrNew(given.snapinId),
    resourceDll: `C:\\Program Files\\${packageName}\\resources.dll`,
    handlers,
    dotnet: interfaceHandlers.filter(
      (handler) => handlers.includes(handler) && dotnet.includes(handler),
    ),
    shim: choose(shimForms, given.shim ?? "") ?? "prebuilt",
    services: given.services ?? [],
    ci:
      workflowObstacle(place) === undefined
        ? (choose(ciSystems, given.ci ?? "") ?? "github")
        : "none",
    packageManager,
    place,
    lockFile: lockFileOf(place, commands.lockFile),
    packageManagerVersion: packageManager === used.name ? used.version : undefined,
    commands,
    // Packages that are installed before the project is in its workspace get a lock file of their own.
    install: (given.install ?? false) && place.workspace === undefined,
    git: given.git ?? false,
    versions: toolVersions,
  };
}

function guidOrNew(text: string | undefined): string {
  return (text === undefined ? undefined : parseGuid(text)) ?? createGuid();
}

/** Resolves a folder as typed. A backslash separates folders on every system, as on Windows. */
export function absoluteFolder(folder: string, currentFolder: string): string {
  return resolve(currentFolder, folder.replaceAll("\\", "/"));
}
