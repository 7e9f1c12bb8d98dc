import { WsbError, type WsbErrorCode } from "../errors.ts";
import type { Definition } from "./definition.ts";
import { readJson } from "./json-text.ts";
import { Place, isValid, type Invalid, type Problem } from "./place.ts";

type Readable<T> = Pick<Definition<T>, "read">;

/** The value of a document, or all its problems. */
export type Reading<T> =
  | { readonly value: T }
  | {
      readonly problems: readonly Problem[];
      /** `false` when the only problem is a syntax error. */
      readonly isJson: boolean;
    };

function readingOf<T>(result: T | Invalid, { problems }: Place): Reading<T> {
  return isValid(result) && problems.length === 0 ? { value: result } : { problems, isJson: true };
}

/**
 * Reads a document from a value.
 *
 * @param name The document's name in messages: "the manifest".
 */
export function readValue<T>(definition: Readable<T>, value: unknown, name: string): Reading<T> {
  const place = new Place(name);
  return readingOf(definition.read(value, place), place);
}

/** Reads a document from a JSON text. Reading stops at the first syntax error. */
export function readText<T>(definition: Readable<T>, text: string, name: string): Reading<T> {
  const place = new Place(name);
  const value = readJson(text, place);
  if (!isValid(value)) return { problems: place.problems, isJson: false };
  return readingOf(definition.read(value, place), place);
}

// A completely different document could have any number of problems.
const MAX_PROBLEMS = 20;

/** The error for an invalid document. */
export interface Refusal {
  readonly code: WsbErrorCode;
  /** The first line of the message: "wsb-addin.json is not a valid manifest". */
  readonly heading: string;
  /** The last line of the message. @defaultValue a request to fix the fields or the syntax */
  readonly nextStep?: string;
}

/**
 * Returns the value that was read.
 *
 * @throws {@link WsbError} with the code of the refusal; the message lists at most 20 problems.
 */
export function requireReading<T>(reading: Reading<T>, refusal: Refusal): T {
  if ("value" in reading) return reading.value;
  const { problems, isJson } = reading;
  const {
    code,
    heading,
    nextStep = isJson ? "Fix these fields." : "Fix the JSON syntax.",
  } = refusal;
  const lines = problems.slice(0, MAX_PROBLEMS).map(({ field, rule }) => `  ${field} ${rule}`);
  if (problems.length > MAX_PROBLEMS) lines.push(`  and ${problems.length - MAX_PROBLEMS} more`);
  throw new WsbError(code, `${heading}:\n${lines.join("\n")}\n${nextStep}`);
}
