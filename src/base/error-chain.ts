import { errorText } from "./errors.ts";

/** One error of a chain, with every text short enough for a line of the event file. */
export interface DescribedError {
  /** The name of its class, or the type of a value that is not an object. */
  readonly name: string;
  /** Its code, if that is a string: `ECONNREFUSED`, `ERR_WSB_SERVICE`. */
  readonly code?: string;
  readonly text: string;
  /** The frames of its stack, innermost first: `at flush (src/handlers/pre-restore.ts:12:9)`. */
  readonly stack?: readonly string[];
}

/** An error and its causes, nearest first. */
export interface ErrorDescription extends DescribedError {
  readonly causes: readonly DescribedError[];
}

/** Maps the frames of a stack to the frames that people should see. */
export type MapStack = (frames: readonly string[]) => readonly string[];

const MAX_TEXT = 4096;
const MAX_NAME = 200;
const MAX_CAUSES = 8;
// Node.js keeps ten frames, unless a program asks for more.
const MAX_FRAMES = 20;
const MAX_FRAME = 500;
// Bounds the text that is searched for frames, the kit's own included.
const MAX_STACK = 65_536;
// Keeps a long text from pushing the causes out of the sentence.
const MAX_PART = 1000;

/** An error of a chain, and a note about its place in the chain. */
interface Link {
  readonly error: unknown;
  readonly note: string;
}

/** Reads a property of any value; a getter that throws counts as absent. */
function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  try {
    const field: unknown = Reflect.get(value, name);
    return field;
  } catch {
    return undefined;
  }
}

function textOf(value: unknown, name: string): string | undefined {
  const field = fieldOf(value, name);
  return typeof field === "string" && field !== "" ? field : undefined;
}

/** Cuts a text to `limit` UTF-16 code units without splitting a surrogate pair. */
export function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${text.slice(0, limit - 1).replace(/[\uD800-\uDBFF]$/u, "")}…`;
}

function firstOfMany(error: unknown): Link | undefined {
  try {
    if (!(error instanceof AggregateError)) return undefined;
    const { length } = error.errors;
    if (length === 0) return undefined;
    const first: unknown = error.errors[0];
    return { error: first, note: length === 1 ? "" : ` (the first of ${length} errors)` };
  } catch {
    return undefined;
  }
}

function causeOf(error: unknown): Link | undefined {
  const first = firstOfMany(error);
  if (first !== undefined) return first;
  const cause = fieldOf(error, "cause");
  return cause === undefined || cause === null ? undefined : { error: cause, note: "" };
}

function causesOf(error: unknown): readonly Link[] {
  const causes: Link[] = [];
  const seen = new Set([error]);
  let next = causeOf(error);
  while (next !== undefined && !seen.has(next.error) && causes.length < MAX_CAUSES) {
    seen.add(next.error);
    const following = causeOf(next.error);
    const goesOn = following !== undefined && !seen.has(following.error);
    const isCut = goesOn && causes.length === MAX_CAUSES - 1;
    causes.push(isCut ? { ...next, note: `${next.note} (which has further causes)` } : next);
    next = following;
  }
  return causes;
}

/** Returns where the frames of a stack begin; a line of the message above may look like a frame. */
function startOfFrames(stack: string, message: string): number {
  const at = stack.indexOf(message);
  // A message that was changed later may be absent from the stack or match a frame.
  return at === -1 || stack.slice(0, at).includes("\n") ? 0 : at + message.length;
}

function framesOf(error: unknown): readonly string[] {
  const stack = textOf(error, "stack") ?? "";
  const start = startOfFrames(stack, textOf(error, "message") ?? "");
  return stack
    .slice(start, start + MAX_STACK)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.startsWith("at "));
}

function mapped(frames: readonly string[], mapStack: MapStack): readonly string[] {
  try {
    return mapStack(frames);
  } catch {
    return frames;
  }
}

function describeLink({ error, note }: Link, mapStack: MapStack): DescribedError {
  const code = textOf(error, "code");
  const frames = framesOf(error);
  const stack = mapped(frames, mapStack)
    .slice(0, MAX_FRAMES)
    .map((frame) => shorten(frame, MAX_FRAME));
  return {
    name: shorten(textOf(error, "name") ?? typeof error, MAX_NAME),
    ...(code === undefined ? {} : { code: shorten(code, MAX_NAME) }),
    text: shorten(errorText(error), MAX_TEXT - note.length) + note,
    ...(stack.length === 0 ? {} : { stack }),
  };
}

/**
 * Describes any thrown value with the chain of its causes; never throws.
 *
 * The cause of an `AggregateError` is its first error, whose text then gives the number of errors. A
 * chain ends at the eighth cause, whose text then says whether further causes follow.
 *
 * @param mapStack Maps the frames of each error. If it throws, the frames stay unmapped.
 */
export function describeError(
  error: unknown,
  mapStack: MapStack = (frames) => frames,
): ErrorDescription {
  const causes = causesOf(error).map((cause) => describeLink(cause, mapStack));
  return { ...describeLink({ error, note: "" }, mapStack), causes };
}

/** Turns a text into one line without NUL, where COM error information would end. */
function toLine(text: string, limit: number): string {
  return shorten(text, limit)
    .replaceAll("\0", "\uFFFD")
    .replace(/\s*[\r\n]\s*/gu, " ")
    .trim();
}

function withoutStop(text: string): string {
  return text.replace(/[.:;,\s]+$/u, "");
}

/** Tells whether `text` contains `part` as whole words. */
function states(text: string, part: string): boolean {
  const isInWord = (at: number): boolean => /[\p{L}\p{N}]/u.test(text.charAt(at));
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + 1)) {
    if (!isInWord(at - 1) && !isInWord(at + part.length)) return true;
  }
  return false;
}

/** Tells whether a text is one sentence, so that a colon and a cause can follow it. */
function isOneSentence(text: string): boolean {
  return !/[.!?]\s|[!?]$/u.test(withoutStop(text));
}

function joinTwo(sentence: string, last: string, next: string): string {
  if (sentence === "") return next;
  if (isOneSentence(last)) return `${withoutStop(sentence)}: ${next}`;
  return `${sentence}${/[.!?]$/u.test(sentence) ? "" : "."} Cause: ${next}`;
}

/** Joins the texts of a chain, each cut to `limit`. */
function joinTexts(chain: readonly Link[], limit: number): string {
  let sentence = "";
  let last = "";
  for (const { error, note } of chain) {
    const text = toLine(errorText(error), limit);
    const isEmpty = fieldOf(error, "message") === "" || withoutStop(text) === "";
    if (isEmpty || states(sentence, withoutStop(text))) continue;
    const part = note === "" ? text : withoutStop(text) + note;
    sentence = joinTwo(sentence, last, part);
    last = part;
  }
  return sentence;
}

/**
 * Describes any thrown value in one sentence: its text and the texts of its causes, as in "Cannot
 * flush: fetch failed: connect ECONNREFUSED 127.0.0.1:8080". Never throws.
 *
 * Skips a cause that has no text and a cause whose text the sentence already contains. The sentence
 * has no NUL, no line break and at most 4,096 UTF-16 code units.
 */
export function errorSentence(error: unknown): string {
  const chain = [{ error, note: "" }, ...causesOf(error)];
  const sentence = joinTexts(chain, MAX_TEXT);
  if (sentence === "") return toLine(errorText(error), MAX_TEXT) || "an error without a message";
  return sentence.length <= MAX_TEXT ? sentence : shorten(joinTexts(chain, MAX_PART), MAX_TEXT);
}

/** Says two failures in one text: what failed first, and what failed while it was taken back. */
export function bothSentences(first: unknown, later: unknown): string {
  const sentence = errorSentence(first);
  return `${sentence}${/[.!?…]$/u.test(sentence) ? "" : "."} ${errorSentence(later)}`;
}
