import { Definition, type JsonSchema, type Reader } from "../../base/document/definition.ts";
import { forms } from "../../base/document/fields.ts";

/**
 * One insert of a status entry's text; it replaces `%0`, `%1` … in the value string.
 *
 * [gap] Windows receives each value as a string, and the reference only names "integer", "datetime",
 * "time" (both UTC) and "size". wsb-addin writes forms that are the same in every language: decimal
 * digits, and ISO 8601 for dates and times. If a snap-in does not show a value the way you want, send
 * it as `string`.
 *
 * @see https://learn.microsoft.com/windows/win32/api/wsbonline/ne-wsbonline-wsb_ob_status_entry_pair_type
 */
export type CloudStatusValue =
  | { readonly type: "string"; readonly value: string }
  /** A 64-bit integer, or its decimal digits as a string; written as `-5`. */
  | { readonly type: "number"; readonly value: number | bigint | string }
  /** A date and time, written in UTC: `2025-03-30T01:30:00Z`. A string needs `Z` or an offset. */
  | { readonly type: "dateTime"; readonly value: Date | string }
  /** A time of day, written in UTC: `01:30:00`. A string must be in UTC. */
  | { readonly type: "time"; readonly value: Date | string }
  /** A number of bytes, or its decimal digits as a string. [gap] No unit is documented. */
  | { readonly type: "size"; readonly value: number | bigint | string };

export type CloudStatusValueType = CloudStatusValue["type"];

/** `WSB_OB_STATUS_ENTRY_PAIR_TYPE` (wsbonline.h). */
export const PAIR_TYPE: Readonly<Record<CloudStatusValueType, number>> = {
  string: 1,
  number: 2,
  dateTime: 3,
  time: 4,
  size: 5,
};

/** The text of a value, or the rule that it breaks. */
export type Encoded = { readonly text: string } | { readonly rule: string };

function encodeText(value: unknown): Encoded {
  if (typeof value !== "string") return { rule: "must be a string" };
  return value.includes("\0") ? { rule: "must not contain NUL characters" } : { text: value };
}

function toBigInt(value: unknown): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
  const isDecimal = typeof value === "string" && /^-?\d{1,20}$/u.test(value);
  return isDecimal ? BigInt(value) : undefined;
}

function encodeInteger(value: unknown, least: bigint, most: bigint): Encoded {
  const number = toBigInt(value);
  if (number !== undefined && number >= least && number <= most) return { text: String(number) };
  return {
    rule: `must be an integer from ${least} to ${most} (use a bigint or a decimal string if a number is not exact)`,
  };
}

// The common range of FILETIME and SYSTEMTIME.
const FIRST_YEAR = 1601;
const LAST_YEAR = 9999;

const moment =
  /^(\d{4})-(\d\d)-(\d\d)T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:[0-5]\d)$/u;

/** Checks the day, because `Date.parse` reads 30 February as 2 March. */
function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function parseMoment(text: string): Date | undefined {
  const match = moment.exec(text);
  if (match === null) return undefined;
  const [, year, month, day] = match;
  return isDay(Number(year), Number(month), Number(day)) ? new Date(text) : undefined;
}

function encodeDateTime(value: unknown): Encoded {
  const date = typeof value === "string" ? parseMoment(value) : value;
  if (date instanceof Date && !Number.isNaN(date.getTime())) {
    const year = date.getUTCFullYear();
    if (year >= FIRST_YEAR && year <= LAST_YEAR) {
      return { text: `${date.toISOString().slice(0, "yyyy-mm-ddThh:mm:ss".length)}Z` };
    }
  }
  return {
    rule: `must be a Date, or a string such as 2025-03-30T01:30:00Z, from ${FIRST_YEAR} to ${LAST_YEAR}`,
  };
}

function encodeTime(value: unknown): Encoded {
  if (typeof value === "string" && /^(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?$/u.test(value)) {
    return { text: value.length === "hh:mm".length ? `${value}:00` : value };
  }
  if (value instanceof Date && !Number.isNaN(value.getTime())) {
    const [, time = ""] = value.toISOString().split("T");
    return { text: time.slice(0, "hh:mm:ss".length) };
  }
  return { rule: "must be a Date, or a time of day in UTC such as 01:30:00" };
}

/** Returns the string for Windows. */
export function encodeValue(type: CloudStatusValueType, value: unknown): Encoded {
  switch (type) {
    case "string":
      return encodeText(value);
    case "number":
      return encodeInteger(value, -(2n ** 63n), 2n ** 63n - 1n);
    case "dateTime":
      return encodeDateTime(value);
    case "time":
      return encodeTime(value);
    case "size":
      return encodeInteger(value, 0n, 2n ** 64n - 1n);
  }
}

/** Defines the value of one type; its reader returns the text of {@link encodeValue}. */
function encoded(type: CloudStatusValueType, schema: JsonSchema): Definition<string> {
  const read: Reader<string> = (value, place) => {
    const result = encodeValue(type, value);
    return "text" in result ? result.text : place.refuseValue(result.rule, value);
  };
  return new Definition(read, () => schema);
}

const decimal = (sign: string): JsonSchema => ({
  anyOf: [{ type: "integer" }, { type: "string", pattern: `^${sign}\\d{1,20}$` }],
});
const twoDigits = "\\d\\d";

/** A value after reading; its text is encoded. */
type EncodedValue = {
  [T in CloudStatusValueType]: { readonly type: T; readonly value: string };
}[CloudStatusValueType];

/** An insert of a status entry's text. */
export const valueDefinition: Definition<EncodedValue> = forms("type", {
  string: { value: encoded("string", { type: "string", pattern: "^[^\\u0000]*$" }) },
  number: { value: encoded("number", decimal("-?")) },
  dateTime: {
    value: encoded("dateTime", {
      type: "string",
      pattern: `^\\d{4}-${twoDigits}-${twoDigits}T${twoDigits}:${twoDigits}(?::${twoDigits}(?:\\.\\d{1,9})?)?(?:Z|[+-]${twoDigits}:${twoDigits})$`,
    }),
  },
  time: {
    value: encoded("time", {
      type: "string",
      pattern: `^${twoDigits}:${twoDigits}(?::${twoDigits})?$`,
    }),
  },
  size: { value: encoded("size", decimal("")) },
});
