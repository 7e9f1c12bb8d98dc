import type { AddinHandlers } from "../src/runtime/addin/define-addin.ts";
import type { Writer } from "../src/runtime/manifest/writer.ts";

export const kinds = ["add-in", "application", "cloud"] as const;
/** In the order of their calls. */
export const handlers = [
  "isRollForwardSupported",
  "orderComponents",
  "beforeServicesStop",
  "preRestore",
  "postRestore",
  "afterServicesStart",
  "restoreAbandoned",
  "checkConsistency",
] as const satisfies readonly (keyof AddinHandlers)[];
/** The handlers that Windows Server Backup itself calls; they can be written in C#. */
export const interfaceHandlers = [
  "isRollForwardSupported",
  "orderComponents",
  "preRestore",
  "postRestore",
  "checkConsistency",
] as const satisfies readonly HandlerName[];
/** Who brings the VSS writer: the application, or the kit in one of two ways. */
export const writerKinds = [
  "external",
  "declared",
  "service",
] as const satisfies readonly Writer["kind"][];
/** The writers that the kit brings. */
export const ownWriterKinds = ["declared", "service"] as const satisfies readonly WriterKind[];
export const shimForms = ["prebuilt", "source"] as const;
export const ciSystems = ["github", "azure", "none"] as const;
export const packageManagers = ["npm", "pnpm", "yarn", "bun"] as const;

export type Kind = (typeof kinds)[number];
export type HandlerName = (typeof handlers)[number];
export type WriterKind = (typeof writerKinds)[number];
export type ShimForm = (typeof shimForms)[number];
export type CiSystem = (typeof ciSystems)[number];
export type PackageManager = (typeof packageManagers)[number];

/** Finds the value that a text names, in any case. */
export function choose<Value extends string>(
  values: readonly Value[],
  text: string,
): Value | undefined {
  return values.find((value) => value.toLowerCase() === text.toLowerCase());
}

/** Complains about a text that names none of the values, as the end of a sentence that lists them. */
export function choiceRule(values: readonly string[], text: string): string | undefined {
  if (choose(values, text) !== undefined) return undefined;
  return `must be one of ${values.join(", ")}; it is ${JSON.stringify(text)}`;
}

/** Tells whether a list of handlers says `all`, in any case. */
export function namesAll(given: readonly string[]): boolean {
  return given.some((text) => text.toLowerCase() === "all");
}

/** Returns the handlers that a flag or a prompt chose, each once, in the order of their calls. */
export function chosenHandlers(
  given: readonly string[] = interfaceHandlers,
): readonly HandlerName[] {
  if (namesAll(given)) return handlers;
  const chosen = new Set(given.map((text) => choose(handlers, text)));
  return handlers.filter((name) => chosen.has(name));
}

/** A package manager, and its version if it is known. */
export interface UsedPackageManager {
  readonly name: PackageManager;
  readonly version: string | undefined;
}

/** Detects the package manager that runs this process by the user agent in the environment. */
export function detectPackageManager(userAgent: string | undefined): UsedPackageManager {
  const [, text = "", version] = /^(\w+)\/(\d+\.\d+\.\d+)/u.exec(userAgent ?? "") ?? [];
  const name = choose(packageManagers, text);
  return name === undefined ? { name: "npm", version: undefined } : { name, version };
}

/** Commands of a package manager. */
export interface Commands {
  readonly install: string;
  /** Installs exactly the versions of the lock file, on a build machine. */
  readonly installLocked: string;
  /** Runs a script of package.json: `run` + its name. */
  readonly run: string;
  /** Runs the tests. */
  readonly test: string;
  /** Runs a program from an installed package. */
  readonly exec: string;
  /** Separates a script's name from the arguments passed on to it. */
  readonly passOn: string;
  /** File to commit, so that every machine installs the same versions. */
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
    // Every version of Yarn detects a build machine.
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
    // Without "run", Bun starts its own test runner.
    test: "bun run test",
    exec: "bunx",
    passOn: "",
    lockFile: "bun.lock",
  },
};
