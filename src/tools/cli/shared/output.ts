import { styleText } from "node:util";

import { WsbError, errorText } from "../../../base/errors.ts";
import { formatHresult } from "../../../base/hresult.ts";
import { JSON_SCHEMA_VERSION, type ErrorDocument, type CommandFailure } from "./document.ts";

/** Output for people. */
export interface Screen {
  /** Prints a line on stdout; does nothing with `--json`. */
  readonly line: (text: string) => void;
  /** Prints a warning or progress on stderr. */
  readonly note: (text: string) => void;
}

/** A type that refuses fields that a document does not have. */
type NothingElse<T, Given> = { readonly [K in Exclude<keyof Given, keyof T>]: never };

/** Output of a command; `T` is its document. */
export interface Output<T> extends Screen {
  /** Prints the command's one JSON document; does nothing without `--json`. */
  readonly json: <Given extends T>(document: Given & NothingElse<T, Given>) => void;
}

/** Prints the one JSON document of the command `command`. */
export function printJson(command: string, document: object): void {
  const whole = { schemaVersion: JSON_SCHEMA_VERSION, command, ...document };
  process.stdout.write(`${JSON.stringify(whole, undefined, 2)}\n`);
}

/** Creates the output of the command `command`, for people or as JSON. */
export function createOutput<T extends object>(command: string, form: "text" | "json"): Output<T> {
  return {
    line: (text) => {
      if (form === "text") process.stdout.write(`${text}\n`);
    },
    json: (document) => {
      if (form === "json") printJson(command, document);
    },
    note: (text) => process.stderr.write(`${text}\n`),
  };
}

/** Prints the document of a failed command. */
export function printFailure(command: string, error: unknown): void {
  const document: CommandFailure = { ok: false, error: errorDocument(error) };
  printJson(command, document);
}

/** Returns the document of an error. */
export function errorDocument(error: unknown): ErrorDocument {
  if (!(error instanceof WsbError)) return { message: errorText(error) };
  const { code, message, hresult, api, errno } = error;
  return {
    code,
    message,
    ...(hresult === undefined ? {} : { hresult: formatHresult(hresult) }),
    ...(api === undefined ? {} : { api }),
    ...(errno === undefined ? {} : { errno }),
  };
}

/** Returns whether to print colours; the lab gets the answer as FORCE_COLOR. */
export function wantsColour(): boolean {
  if (process.env["NO_COLOR"] !== undefined && process.env["NO_COLOR"] !== "") return false;
  if (process.env["FORCE_COLOR"] !== undefined) return process.env["FORCE_COLOR"] !== "0";
  return process.stdout.isTTY;
}

/** Colours `text` if stdout supports it. */
export function paint(colour: "red" | "green" | "dim" | "bold", text: string): string {
  return wantsColour() ? styleText(colour, text) : text;
}
