import type { AddinHandlers } from "../src/runtime/addin/define-addin.ts";

/** What a project is. */
export type Kind = "add-in" | "application" | "cloud";
export type HandlerName = keyof AddinHandlers;
export type ShimForm = "prebuilt" | "source";
export type CiSystem = "github" | "azure" | "none";
export type PackageManager = "npm" | "pnpm" | "yarn" | "bun";

/** One value of a choice, and what a prompt says about it. */
export interface Choice<Value extends string> {
  readonly value: Value;
  readonly name: string;
}

export const kinds: readonly Choice<Kind>[] = [
  { value: "add-in", name: "Add-in: handlers that run around a restore or a backup" },
  { value: "application", name: "Application only: its own item in the recovery wizard, no code" },
  { value: "cloud", name: "Cloud backup provider" },
];

/** In the order in which Windows Server Backup calls them. */
export const handlers: readonly Choice<HandlerName>[] = [
  { value: "isRollForwardSupported", name: "isRollForwardSupported: whether logs can be replayed" },
  { value: "orderComponents", name: "orderComponents: the order to restore components in" },
  { value: "preRestore", name: "preRestore: before the files of each component" },
  { value: "postRestore", name: "postRestore: after the files of each component" },
  { value: "checkConsistency", name: "checkConsistency: during a backup, on the shadow copies" },
];

export const shimForms: readonly Choice<ShimForm>[] = [
  { value: "prebuilt", name: "Prebuilt: comes with the kit, needs no compiler" },
  { value: "source", name: "Source: its C++ in native/, to change and build" },
];

export const ciSystems: readonly Choice<CiSystem>[] = [
  { value: "github", name: "GitHub Actions" },
  { value: "azure", name: "Azure Pipelines" },
  { value: "none", name: "None" },
];

export const packageManagers: readonly Choice<PackageManager>[] = [
  { value: "npm", name: "npm" },
  { value: "pnpm", name: "pnpm" },
  { value: "yarn", name: "Yarn" },
  { value: "bun", name: "Bun" },
];

/** The value that a text names, in any case. */
export function choose<Value extends string>(
  choices: readonly Choice<Value>[],
  text: string,
): Value | undefined {
  return choices.find(({ value }) => value.toLowerCase() === text.toLowerCase())?.value;
}

/** What is wrong with a text that names no value, as the end of a sentence; it lists them all. */
export function choiceRule(choices: readonly Choice<string>[], text: string): string | undefined {
  if (choose(choices, text) !== undefined) return undefined;
  return `must be one of ${choices.map(({ value }) => value).join(", ")}; it is ${JSON.stringify(text)}`;
}

/** Whether a list of handlers is `all` of them, in any case. */
export function namesAll(given: readonly string[]): boolean {
  return given.some((text) => text.toLowerCase() === "all");
}

/** The handlers that a flag or a prompt chose, each once, in the order of their calls. */
export function chosenHandlers(given: readonly string[] = ["all"]): readonly HandlerName[] {
  const names = handlers.map(({ value }) => value);
  if (namesAll(given)) return names;
  const chosen = new Set(given.map((text) => choose(handlers, text)));
  return names.filter((name) => chosen.has(name));
}

/** The handlers among those chosen that a flag or a prompt wants in C#. */
export function dotnetHandlers(
  given: readonly string[],
  chosen: readonly HandlerName[],
): readonly HandlerName[] {
  const named = chosenHandlers(given);
  return chosen.filter((name) => named.includes(name));
}

/** A package manager and, where it told it, its version. */
export interface UsedPackageManager {
  readonly name: PackageManager;
  readonly version: string | undefined;
}

/** The package manager that runs this process, by the user agent it puts into the environment. */
export function detectPackageManager(userAgent: string | undefined): UsedPackageManager {
  const [, text = "", version] = /^(\w+)\/(\d+\.\d+\.\d+)/u.exec(userAgent ?? "") ?? [];
  const name = choose(packageManagers, text);
  return name === undefined ? { name: "npm", version: undefined } : { name, version };
}

/** How a package manager is told to do things. */
export interface Commands {
  readonly install: string;
  /** Installs exactly what the lock file says, on a build machine. */
  readonly installLocked: string;
  /** Runs a script of package.json: `run` + its name. */
  readonly run: string;
  /** Runs the tests. */
  readonly test: string;
  /** Runs a program that a package brought. */
  readonly exec: string;
  /** Stands between a script's name and what is passed on to it. */
  readonly passOn: string;
  /** The file to commit, so that every machine installs the same. */
  readonly lockFile: string;
}

export const commandsOf: Readonly<Record<PackageManager, Commands>> = {
  npm: {
    install: "npm install",
    installLocked: "npm ci",
    run: "npm run",
    test: "npm test",
    exec: "npx",
    passOn: "-- ",
    lockFile: "package-lock.json",
  },
  pnpm: {
    install: "pnpm install",
    installLocked: "pnpm install --frozen-lockfile",
    run: "pnpm run",
    test: "pnpm test",
    exec: "pnpm exec",
    passOn: "",
    lockFile: "pnpm-lock.yaml",
  },
  yarn: {
    install: "yarn install",
    // Every version of it knows by itself what a build machine wants.
    installLocked: "yarn install",
    run: "yarn run",
    test: "yarn test",
    exec: "yarn run",
    passOn: "",
    lockFile: "yarn.lock",
  },
  bun: {
    install: "bun install",
    installLocked: "bun install --frozen-lockfile",
    run: "bun run",
    // Without "run", Bun starts a test runner of its own.
    test: "bun run test",
    exec: "bunx",
    passOn: "",
    lockFile: "bun.lock",
  },
};
