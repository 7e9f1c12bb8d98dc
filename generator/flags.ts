import { parseArgs } from "node:util";
import { WsbError } from "../src/base/errors.ts";
import type { GivenAnswers } from "./answers.ts";

/** What the command line said. */
export interface Flags {
  readonly given: GivenAnswers;
  readonly show: "help" | "version" | undefined;
  /** Nobody is to be asked, terminal or not. */
  readonly askNothing: boolean;
  readonly json: boolean;
  readonly merge: boolean;
  readonly dryRun: boolean;
}

/** @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` for flags that there are not. */
export function readFlags(args: readonly string[]): Flags {
  const { values, positionals } = parse(args);
  const [folder, ...others] = positionals;
  if (others.length > 0 || (folder !== undefined && values.dir !== undefined)) {
    throw wrongUsage("Give one folder, as [dir] or with --dir; a name with blanks needs quotes.");
  }
  const json = values.json === true;
  const merge = values.merge === true;
  for (const flag of ["install", "git"] as const) {
    if (merge && values[flag] === true) {
      throw wrongUsage(`--${flag} cannot go with --merge: it would change what is there.`);
    }
  }
  return {
    given: {
      name: values.name,
      folder: folder ?? values.dir,
      kind: values.kind,
      identifier: values.identifier,
      writerId: values["writer-id"],
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
    dryRun: values["dry-run"] === true,
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
      options: {
        dir: { type: "string" },
        name: { type: "string" },
        kind: { type: "string" },
        identifier: { type: "string" },
        "writer-id": { type: "string" },
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
      },
    });
  } catch (error) {
    if (!isParseArgsError(error)) throw error;
    // Node advises how to pass an unknown flag as a folder, which is never what was meant.
    throw wrongUsage(error.message.replace(/ To specify a positional.*$/su, ""));
  }
}

function isParseArgsError(error: unknown): error is Error {
  if (!(error instanceof Error) || !("code" in error)) return false;
  return String(error.code).startsWith("ERR_PARSE_ARGS_");
}

/** The error for a command line that cannot be meant as it stands. */
export function wrongUsage(message: string): WsbError {
  return new WsbError(
    "ERR_WSB_INVALID_ARGUMENT",
    `${message}\nRun create-wsb-addin --help for the flags.`,
  );
}
