import type { Random } from "./random.ts";

/** Changes a text; `others` are texts of the same kind that provide parts. */
export type Mutation = (text: string, random: Random, others: readonly string[]) => string;

/** The longest text that mutations make, in UTF-16 code units. */
export const MAX_LENGTH = 300_000;

// Most repetitions are short, so that most inputs are quick and only some are slow.
const SHORT = 40;
const LONG = 50_000;
const LONG_ONCE_IN = 300;

const strangeUnits: readonly string[] = [
  "\0",
  "\u0001",
  "\t",
  "\r",
  "\r\n",
  "\u001f",
  "\u007f",
  "\u0085",
  "\u2028",
  "\uD83D",
  "\uDCD2",
  "\u{1F4D2}",
  "\uFEFF",
  "\uFFFE",
  "\uFFFF",
  "\uFFFD",
  "e\u0301",
  "\u202E",
  "İ",
  '"',
  "'",
  "\\",
  "&",
  "<",
  ">",
  "{",
  "]",
  ",",
  "%",
];

/** Returns a number of repetitions, rarely more than a document may have. */
export function manyTimes(random: Random): number {
  return 1 + random.below(random.once(LONG_ONCE_IN) ? LONG : SHORT);
}

/** Returns the start and end of a range. */
function range(text: string, random: Random): readonly [start: number, end: number] {
  const start = random.below(text.length + 1);
  const length = random.once(4) ? text.length : 1 + random.below(60);
  return [start, Math.min(text.length, start + random.below(length + 1))];
}

function insert(text: string, at: number, part: string): string {
  return text.slice(0, at) + part + text.slice(at);
}

/** Replaces one match of a pattern, if there is any. */
export function replaceOne(
  text: string,
  pattern: RegExp,
  random: Random,
  replacement: (found: string) => string,
): string {
  const places = [...text.matchAll(pattern)];
  if (places.length === 0) return text;
  const { 0: found, index } = random.pick(places);
  return text.slice(0, index) + replacement(found) + text.slice(index + found.length);
}

/** Mutations that ignore the meaning of a text. */
export const plainMutations: readonly Mutation[] = [
  function flipBit(text, random) {
    const at = random.below(text.length);
    const unit = (text.charCodeAt(at) || 0) ^ (1 << random.below(random.once(4) ? 16 : 7));
    return text.slice(0, at) + String.fromCharCode(unit) + text.slice(at + 1);
  },
  function insertStrange(text, random) {
    return insert(text, random.below(text.length + 1), random.pick(strangeUnits));
  },
  function remove(text, random) {
    const [start, end] = range(text, random);
    return text.slice(0, start) + text.slice(end);
  },
  function truncate(text, random) {
    return text.slice(0, random.below(text.length + 1));
  },
  function repeat(text, random) {
    const [start, end] = range(text, random);
    return insert(text, end, text.slice(start, end).repeat(manyTimes(random) % 5_000));
  },
  function move(text, random) {
    const [start, end] = range(text, random);
    const rest = text.slice(0, start) + text.slice(end);
    return insert(rest, random.below(rest.length + 1), text.slice(start, end));
  },
  function splice(text, random, others) {
    const other = random.pick(others);
    const [start, end] = range(other, random);
    return insert(text, random.below(text.length + 1), other.slice(start, end));
  },
  function cross(text, random, others) {
    const other = random.pick(others);
    return text.slice(0, random.below(text.length + 1)) + other.slice(random.below(other.length));
  },
  function changeCase(text, random) {
    const [start, end] = range(text, random);
    const part = text.slice(start, end);
    const changed = random.once(2) ? part.toUpperCase() : part.toLowerCase();
    return text.slice(0, start) + changed + text.slice(end);
  },
  function fill(text, random) {
    const at = random.below(text.length + 1);
    return insert(text, at, random.pick(strangeUnits).repeat(manyTimes(random)));
  },
];
