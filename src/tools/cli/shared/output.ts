import { styleText } from "node:util";

import { WsbError, errorText } from "../../../base/errors.ts";
import { formatHresult } from "../../../base/hresult.ts";
import { errorPage, seePage } from "./docs-page.ts";
import { JSON_SCHEMA_VERSION, type ErrorDocument, type CommandFailure } from "./document.ts";

/** Output for people. Each text is one line, see {@link showText}. */
export interface Screen {
  /** Prints a line on stdout; does nothing with `--json`. */
  readonly line: (text: string) => void;
  /** Prints a warning or progress on stderr, one line. */
  readonly note: (text: string) => void;
}

/** Returns what prints warnings on a screen. */
export function warningsTo(screen: Screen): (text: string) => void {
  return (text) => screen.note(`Warning: ${text}`);
}

/** Returns what tells of values that a command keeps, because somebody else has set them. */
export function keptTo(screen: Screen): (value: string) => void {
  return (value) => screen.note(`Kept, because it was changed after registration: ${value}`);
}

/** A type that refuses fields that a document does not have. */
type NothingElse<T, Given> = { readonly [K in Exclude<keyof Given, keyof T>]: never };

/** Output of a command; `T` is its document. */
export interface Output<T> extends Screen {
  /** Prints the command's one JSON document; does nothing without `--json`. */
  readonly json: <Given extends T>(document: Given & NothingElse<T, Given>) => void;
}

// Stands for the escape character of our own colours, which names from outside do not get. It is a
// noncharacter of Unicode, reserved for internal use.
const OWN_ESCAPE = "\uFDD2";
const OWN_COLOUR = new RegExp(`${OWN_ESCAPE}(?=\\[\\d{1,2}m)`, "gu");

// Control characters, line breaks, halves of surrogate pairs, and what changes the direction of
// text or shows nothing.
const UNSAFE = /(?!\t)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

function escapeUnits(text: string): string {
  return Array.from({ length: text.length }, (_, index) => {
    const unit = text.charCodeAt(index);
    return `\\u${unit.toString(16).padStart(4, "0")}`;
  }).join("");
}

/**
 * Returns a text as one line for a terminal: characters that a terminal obeys or does not show
 * become JSON escapes, so a JSON text keeps its meaning. Names of components and services and the
 * texts of handlers come from outside, and could otherwise pass as output of this program.
 */
export function showText(text: string): string {
  return text.replaceAll(UNSAFE, escapeUnits).replaceAll(OWN_COLOUR, "\u001B");
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
      if (form === "text") process.stdout.write(`${showText(text)}\n`);
    },
    json: (document) => {
      if (form === "json") printJson(command, document);
    },
    note: (text) => process.stderr.write(`${showText(text)}\n`),
  };
}

/**
 * Prints an error for people, and the page about its code. Its further lines are indented, so that
 * none passes as a new output.
 */
export function printError(screen: Screen, error: unknown): void {
  const page = error instanceof WsbError ? [`  ${seePage(errorPage(error.code))}`] : [];
  const [first = "", ...further] = [...errorDocument(error).message.split("\n"), ...page];
  screen.note(`${paint("red", "error:")} ${first}`);
  for (const line of further) screen.note(line.startsWith("  ") ? line : `  ${line}`);
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
    docs: `docs/${errorPage(code)}`,
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

/** Colours `text` if stdout supports it; for {@link Screen} only. */
export function paint(colour: "red" | "green" | "dim" | "bold", text: string): string {
  if (!wantsColour()) return text;
  return styleText(colour, text.replaceAll(UNSAFE, escapeUnits)).replaceAll("\u001B", OWN_ESCAPE);
}
