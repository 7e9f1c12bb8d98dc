import { INVALID, type Place, type Problem } from "./place.ts";

// Far more than any document has. Each level uses some of the stack.
const MAX_DEPTH = 500;
// Each name is compared with the known ones, to find misspelt ones.
const MAX_FIELDS = 10_000;

const SPACE: ReadonlySet<string | undefined> = new Set([" ", "\t", "\r", "\n"]);
const SCALAR = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// oxlint-disable-next-line no-control-regex -- a control character ends a string
const PLAIN = /[^"\\\u0000-\u001f]+/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** Thrown at the first syntax error. */
class SyntaxProblem extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.rule);
    this.problem = problem;
  }
}

/** A reader of JSON text by the rules of RFC 8259, which `JSON.parse` follows too. */
class JsonReader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(place: Place): unknown {
    const value = this.#value(place);
    this.#skipSpace();
    if (this.#at < this.#text.length) this.#expected("nothing after the document");
    return value;
  }

  #value(place: Place): unknown {
    if (this.#takes("{")) return this.#nested(() => this.#object(place));
    if (this.#takes("[")) return this.#nested(() => this.#array(place));
    if (this.#takes('"')) return this.#string();
    const start = this.#at;
    if (this.#take(SCALAR)) return JSON.parse(this.#text.slice(start, this.#at));
    return this.#expected("a value: a string, a number, true, false, null, { or [");
  }

  #nested<T>(read: () => T): T {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) this.#expected(`at most ${MAX_DEPTH} levels of brackets`);
    const value = read();
    this.#depth -= 1;
    return value;
  }

  #object(place: Place): unknown {
    const values = new Map<string, unknown>();
    if (this.#takes("}")) return {};
    for (;;) {
      if (values.size === MAX_FIELDS) this.#expected(`at most ${MAX_FIELDS} fields in an object`);
      if (!this.#takes('"')) this.#expected("a field name in double quotes");
      const name = this.#string();
      const field = place.field(name);
      if (!this.#takes(":")) this.#expected("a colon after the field name");
      if (values.has(name)) field.refuse("appears twice");
      values.set(name, this.#value(field));
      if (this.#takes("}")) return Object.fromEntries(values);
      if (!this.#takes(",")) this.#expected(`a comma or } after ${field.shown}`);
    }
  }

  #array(place: Place): unknown {
    const items: unknown[] = [];
    if (this.#takes("]")) return items;
    for (;;) {
      const item = place.item(items.length);
      items.push(this.#value(item));
      if (this.#takes("]")) return items;
      if (!this.#takes(",")) this.#expected(`a comma or ] after ${item.shown}`);
    }
  }

  /** Reads a string after its opening quote. */
  #string(): string {
    const start = this.#at - 1;
    while (this.#take(PLAIN) || this.#take(ESCAPE));
    const end = this.#text[this.#at];
    if (end === "\\") this.#expected('an escape such as \\n or \\"; write a backslash as \\\\');
    if (end !== '"') this.#expected("the double quote that ends the string");
    this.#at += 1;
    return JSON.parse(this.#text.slice(start, this.#at));
  }

  /** Consumes the match of a sticky expression, and tells whether there was one. */
  #take(expression: RegExp): boolean {
    expression.lastIndex = this.#at;
    const isThere = expression.test(this.#text);
    if (isThere) this.#at = expression.lastIndex;
    return isThere;
  }

  #skipSpace(): void {
    while (SPACE.has(this.#text[this.#at])) this.#at += 1;
  }

  /** Consumes white space, then the given character if it follows, and tells whether it did. */
  #takes(character: string): boolean {
    this.#skipSpace();
    const isThere = this.#text[this.#at] === character;
    if (isThere) this.#at += 1;
    return isThere;
  }

  #expected(what: string): never {
    const before = this.#text.slice(0, this.#at);
    const line = before.split("\n").length;
    const column = this.#at - before.lastIndexOf("\n");
    const found = showFound(this.#text.slice(this.#at, this.#at + 40), before);
    throw new SyntaxProblem({
      field: `line ${line}, column ${column}:`,
      rule: `expected ${what}; found ${found}`,
    });
  }
}

/** Shows the start of a text without control characters, which a terminal would obey. */
function showFound(rest: string, before: string): string {
  const found = /^(?:"[ -~]{0,30}|[\w$.+-]{1,30}|\/[/*]|\\.|[!-~])/u.exec(rest)?.[0];
  if (found === undefined) {
    const digits = rest.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0");
    return digits === undefined ? "the end of the text" : `the character U+${digits}`;
  }
  if (found === "'") return `${found} (use double quotes)`;
  if (found.startsWith("/")) return `${found} (JSON has no comments)`;
  const isAfterComma = /,\s*$/u.test(before) && "}]".includes(found);
  return isAfterComma ? `${found} (remove the comma before it)` : found;
}

/**
 * Reads a JSON text, with or without a byte order mark.
 *
 * Reports more than `JSON.parse`: the line and column of a syntax error, what was expected there, and
 * duplicate fields, of which `JSON.parse` silently keeps the last.
 *
 * @returns `INVALID` after a syntax error.
 */
export function readJson(text: string, place: Place): unknown {
  try {
    return new JsonReader(text.replace(/^\uFEFF/u, "")).document(place);
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    place.problems.push(error.problem);
    return INVALID;
  }
}
