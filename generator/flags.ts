import { parseArgs } from "node:util";
import { WsbError } from "../src/base/errors.ts";
import type { GivenAnswers } from "./answers.ts";

/** A parsed command line. */
export interface Flags {
  readonly given: GivenAnswers;
  readonly show: "help" | "version" | undefined;
  /** Asks no questions, even on a terminal. */
  readonly askNothing: boolean;
  readonly json: boolean;
  readonly merge: boolean;
  readonly isDryRun: boolean;
}

const options = {
  dir: { type: "string" },
  name: { type: "string" },
  kind: { type: "string" },
  identifier: { type: "string" },
  writer: { type: "string" },
  "writer-id": { type: "string" },
  files: { type: "string" },
  clsid: { type: "string" },
  "app-id": { type: "string" },
  "snapin-id": { type: "string" },
  handler: { type: "string", multiple: true },
  service: { type: "string", multiple: true },
  dotnet: { type: "string", multiple: true },
  shim: { type: "string" },
  ci: { type: "string" },
  "package-manager": { type: "string" },
  install: { type: "boolean" },
  git: { type: "boolean" },
  merge: { type: "boolean" },
  "dry-run": { type: "boolean" },
  yes: { type: "boolean", short: "y" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean" },
} as const;

/** Names of all flags, without their hyphens. */
export const flagNames: readonly string[] = Object.keys(options);

export const help = `Usage: npm create wsb-addin@latest -- [dir] [flags]
Creates a Windows Server Backup project. Prompts for what no flag says.

  [dir], --dir <folder>     folder to create (default: made from the name)
  --name <text>             product name (the folder's, or "My Add-in")
  --kind <kind>             add-in, application (no code) or cloud (add-in)
  --identifier <text>       application identifier, 1 to 256 characters (name)
  --writer <kind>           VSS writer: external, declared or service (external)
  --writer-id <guid>        class ID of the VSS writer (a new one)
  --files <folder>          its files, if not external (%ProgramData%\\<name>)
  --clsid, --app-id <guid>  IDs of the COM class and application (new ones)
  --snapin-id <guid>        ID of a cloud backup provider (a new one)
  --handler <name>          handler to write, all or none (the five that Windows
                            Server Backup calls; a wrong name lists all)
  --service <name>          service to stop during a restore (none)
  --dotnet <name>           handler to write in C# (none); repeat these three
  --shim <form>             prebuilt, or source: its C++ to change (prebuilt)
  --ci <system>             github, azure or none (github)
  --package-manager <name>  npm, pnpm, yarn or bun (the one that runs this)
  --install, --git          install packages, create a repository (no)
  --merge                   add what is missing to an existing folder
  --dry-run                 print the files and the identity, write nothing
  -y, --yes, --json         ask nothing (default without a terminal); print JSON
  -h, --help, --version     Exit: 0 done · 1 failed, nothing changed · 2 usage
`;

/** @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` for an unknown flag or a missing value. */
export function readFlags(args: readonly string[]): Flags {
  const { values, positionals } = parse(args);
  const [folder, ...others] = positionals;
  if (others.length > 0 || (folder !== undefined && values.dir !== undefined)) {
    throw wrongUsage("Give one folder, as [dir] or with --dir. Quote a name that contains spaces.");
  }
  const json = values.json === true;
  const merge = values.merge === true;
  for (const flag of ["install", "git"] as const) {
    if (merge && values[flag] === true) {
      throw wrongUsage(
        `--${flag} cannot be combined with --merge: it would change existing files.`,
      );
    }
  }
  return {
    given: {
      name: values.name,
      folder: folder ?? values.dir,
      kind: values.kind,
      identifier: values.identifier,
      writer: values.writer,
      writerId: values["writer-id"],
      files: values.files,
      clsid: values.clsid,
      appId: values["app-id"],
      snapinId: values["snapin-id"],
      handlers: splitNames(values.handler),
      services: values.service,
      dotnet: splitNames(values.dotnet),
      shim: values.shim,
      ci: values.ci,
      packageManager: values["package-manager"],
      install: merge ? false : values.install,
      git: merge ? false : values.git,
    },
    show: values.help === true ? "help" : values.version === true ? "version" : undefined,
    askNothing: json || values.yes === true || values["dry-run"] === true,
    json,
    merge,
    isDryRun: values["dry-run"] === true,
  };
}

function splitNames(lists: readonly string[] | undefined): readonly string[] | undefined {
  return lists?.flatMap((names) => names.split(",").map((name) => name.trim()));
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      allowNegative: true,
      options,
    });
  } catch (error) {
    if (!isParseArgsError(error)) throw error;
    // Remove Node's advice on how to pass an unknown flag as a folder, which nobody means.
    throw wrongUsage(error.message.replace(/ To specify a positional.*$/su, ""));
  }
}

function isParseArgsError(error: unknown): error is Error {
  if (!(error instanceof Error) || !("code" in error)) return false;
  return String(error.code).startsWith("ERR_PARSE_ARGS_");
}

/** Creates the error for a command line that is not valid. */
export function wrongUsage(message: string): WsbError {
  return new WsbError(
    "ERR_WSB_INVALID_ARGUMENT",
    `${message}\nRun create-wsb-addin --help for usage.`,
  );
}
