import { styleText } from "node:util";

import { WsbError, errorText } from "../../../base/errors.ts";
import { formatHresult } from "../../../base/hresult.ts";

/** Version of the JSON documents that commands print. */
const JSON_SCHEMA_VERSION = 1;

/** Where a command writes. */
export interface Output {
  /** A line for people; nothing with `--json`. */
  readonly line: (text: string) => void;
  /** The command's one JSON document; nothing without `--json`. */
  readonly json: (document: Readonly<Record<string, unknown>>) => void;
  /** A warning or progress, for people, never on stdout. */
  readonly note: (text: string) => void;
}

/** Output of the command `command`, for people or as JSON. */
export function createOutput(command: string, form: "text" | "json"): Output {
  return {
    line: (text) => {
      if (form === "text") process.stdout.write(`${text}\n`);
    },
    json: (document) => {
      if (form === "text") return;
      const whole = { schemaVersion: JSON_SCHEMA_VERSION, command, ...document };
      process.stdout.write(`${JSON.stringify(whole, undefined, 2)}\n`);
    },
    note: (text) => process.stderr.write(`${text}\n`),
  };
}

/** What `--json` says of an error. */
export function errorDocument(error: unknown): Readonly<Record<string, unknown>> {
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

/** Whether stdout is a terminal that wants colour; the lab passes that on as FORCE_COLOR. */
export function wantsColour(): boolean {
  if (process.env["NO_COLOR"] !== undefined && process.env["NO_COLOR"] !== "") return false;
  if (process.env["FORCE_COLOR"] !== undefined) return process.env["FORCE_COLOR"] !== "0";
  return process.stdout.isTTY;
}

/** Colours `text` where that is wanted. */
export function paint(colour: "red" | "green" | "dim" | "bold", text: string): string {
  return wantsColour() ? styleText(colour, text) : text;
}
