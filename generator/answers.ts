import { builtinModules } from "node:module";
import { basename, resolve } from "node:path";
import rootPackage from "../package.json" with { type: "json" };
import { createGuid, parseGuid } from "../src/guid.ts";
import { identifierRule } from "../src/manifest/parse.ts";
import { isReservedOnWindows } from "./validate.ts";

/** What the developer said by flag or prompt; an answer that is missing gets its default. */
export interface GivenAnswers {
  readonly name?: string | undefined;
  /** Folder as typed: relative to the current one or absolute, with either slash. */
  readonly folder?: string | undefined;
  readonly identifier?: string | undefined;
  readonly writerId?: string | undefined;
  readonly services?: readonly string[] | undefined;
}

/** Everything the templates are filled with. */
export interface Answers {
  readonly name: string;
  /** Absolute path of the project. */
  readonly folder: string;
  readonly packageName: string;
  readonly applicationIdentifier: string;
  readonly writerId: string;
  /** The writer id was made here, so no VSS writer has it yet. */
  readonly writerIdIsNew: boolean;
  readonly clsid: string;
  readonly appId: string;
  readonly services: readonly string[];
  readonly versions: ToolVersions;
}

/** Versions the scaffold depends on: the ones this repository itself is tested with. */
export interface ToolVersions {
  readonly wsbAddin: string;
  readonly typescript: string;
  readonly vitest: string;
  readonly nodeTypes: string;
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
};

/** npm refuses Node's own module names, and a project that has the name of one of its dependencies. */
const takenPackageNames = new Set([...builtinModules, "wsb-addin", "typescript", "vitest"]);

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
    .replace(/[\p{M}'’]/gu, "")
    .replace(/[^\p{ASCII}]/gu, (letter) => asciiLetters.get(letter) ?? "-");
  const slug = ascii
    .replace(/[^a-z\d]+/gu, "-")
    .slice(0, maxPackageNameLength)
    .replace(/^-+|-+$/gu, "");
  if (slug === "") return fallbackPackageName;
  return isReservedOnWindows(slug) || takenPackageNames.has(slug) ? `${slug}-addin` : slug;
}

/** Name a project gets when none is given: that of its folder, when it has one that can be used. */
export function defaultName(given: GivenAnswers, currentFolder: string): string {
  if (given.folder === undefined) return fallbackName;
  const folderName = basename(absoluteFolder(given.folder, currentFolder));
  return identifierRule(folderName) === undefined ? folderName : fallbackName;
}

/**
 * Gives every missing answer its default and assigns the add-in's identity.
 *
 * @param given Answers that {@link checkAnswers} has nothing against.
 * @param currentFolder Absolute path that a relative folder starts from.
 */
export function completeAnswers(given: GivenAnswers, currentFolder: string): Answers {
  const name = given.name ?? defaultName(given, currentFolder);
  const packageName = packageNameFor(name);
  const writerId = given.writerId === undefined ? undefined : parseGuid(given.writerId);
  return {
    name,
    folder: absoluteFolder(given.folder ?? packageName, currentFolder),
    packageName,
    applicationIdentifier: given.identifier ?? name,
    writerId: writerId ?? createGuid(),
    writerIdIsNew: writerId === undefined,
    clsid: createGuid(),
    appId: createGuid(),
    services: given.services ?? [],
    versions: toolVersions,
  };
}

/** Resolves a folder as typed; as Windows has no backslash in a name, it separates folders everywhere. */
export function absoluteFolder(folder: string, currentFolder: string): string {
  return resolve(currentFolder, folder.replaceAll("\\", "/"));
}
