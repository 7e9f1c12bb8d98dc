import { Definition, type Reader } from "./definition.ts";
import { INVALID, isValid, showValue, type Invalid, type Place } from "./place.ts";
import { suggestion } from "./suggest.ts";

/** Any value. */
export const anything: Definition<unknown> = new Definition(
  (value) => value,
  () => ({}),
);

/** A string. */
export const string: Definition<string> = new Definition(
  (value, place) =>
    typeof value === "string" ? value : place.refuseValue("must be a string", value),
  () => ({ type: "string" }),
);

/** `true` or `false`. */
export const boolean: Definition<boolean> = new Definition(
  (value, place) =>
    typeof value === "boolean" ? value : place.refuseValue("must be true or false", value),
  () => ({ type: "boolean" }),
);

/** Defines a single permitted value. */
export function literal<const T extends string | number | boolean | null>(only: T): Definition<T> {
  const read: Reader<T> = (value, place) =>
    value === only ? only : place.refuseValue(`must be ${showValue(only)}`, value);
  return new Definition(read, () => ({ const: only }));
}

/** A value of a kind, or `null`. */
export function orNull<T>(kind: Definition<T>): Definition<T | null> {
  const read: Reader<T | null> = (value, place) =>
    value === null ? null : kind.read(value, place);
  return new Definition(read, (schemas) => ({ anyOf: [kind.schema(schemas), { type: "null" }] }));
}

/** The bounds of an integer, both included. */
export interface IntegerRange {
  readonly least: number;
  readonly most: number;
  /** The unit, for messages. */
  readonly unit?: string;
}

/** Defines an integer. */
export function integer({ least, most, unit }: IntegerRange): Definition<number> {
  const rule = `must be an integer from ${least} to ${most}${unit === undefined ? "" : ` (${unit})`}`;
  const read: Reader<number> = (value, place) =>
    typeof value === "number" && Number.isInteger(value) && value >= least && value <= most
      ? // Turns -0 into 0.
        value + 0
      : place.refuseValue(rule, value);
  return new Definition(read, () => ({ type: "integer", minimum: least, maximum: most }));
}

function refuseWord(value: unknown, words: readonly string[], place: Place): Invalid {
  const rule = `must be ${words.map((word) => JSON.stringify(word)).join(" or ")}`;
  const hint = typeof value === "string" ? suggestion(value, words) : "";
  return place.refuse(`${rule}; it is ${showValue(value)}${hint}`);
}

/**
 * Defines one of several words.
 *
 * @param old Words of earlier versions, each with the word that replaces it.
 */
export function choice<const T extends string>(
  words: readonly T[],
  old: Readonly<Record<string, T>> = {},
): Definition<T> {
  const read: Reader<T> = (value, place) => {
    const word = words.find((one) => one === value);
    if (word !== undefined) return word;
    const meant = typeof value === "string" && Object.hasOwn(old, value) ? old[value] : undefined;
    return meant ?? refuseWord(value, words, place);
  };
  const oldWords = Object.keys(old);
  return new Definition(read, () =>
    oldWords.length === 0
      ? { enum: words }
      : { anyOf: [{ enum: words }, { enum: oldWords, deprecated: true }] },
  );
}

/** The rules for the items of a list. */
export interface ListOptions<T> {
  readonly least?: number;
  readonly most?: number;
  /** The items in messages: "service names". @defaultValue `"elements"` */
  readonly of?: string;
  /** Returns the key by which items must differ. */
  readonly distinctBy?: (item: T) => unknown;
}

/** Defines an array. */
export function list<T>(
  item: Definition<T>,
  { least = 0, most = Infinity, of = "elements", distinctBy }: ListOptions<T> = {},
): Definition<readonly T[]> {
  const isCounted = least > 0 || most < Infinity;
  const rule = `must be an array of ${isCounted ? `${least} to ${most} ` : ""}${of}`;
  const read: Reader<readonly T[]> = (value, place) => {
    if (!Array.isArray(value)) return place.refuseValue(rule, value);
    const before = place.problems.length;
    if (value.length < least || value.length > most) {
      place.refuse(`${rule}; it has ${value.length}`);
    }
    const keys = new Set<unknown>();
    const items: T[] = [];
    for (const [index, given] of value.entries()) {
      const one = item.read(given, place.item(index));
      if (!isValid(one)) continue;
      items.push(one);
      if (distinctBy === undefined) continue;
      if (keys.has(distinctBy(one))) place.item(index).refuseValue("is named twice", given);
      keys.add(distinctBy(one));
    }
    return place.problems.length === before ? items : INVALID;
  };
  return new Definition(read, (shared) => ({
    type: "array",
    items: item.schema(shared),
    ...(least > 0 && { minItems: least }),
    ...(most < Infinity && { maxItems: most }),
    ...(distinctBy !== undefined && { uniqueItems: true }),
  }));
}
