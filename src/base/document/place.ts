/** One thing that is wrong with a document. */
export interface Problem {
  /** Path of the field, for example `services[1]`, or the line and column of a syntax error. */
  readonly field: string;
  /** The rule that its value breaks, as the end of a sentence that begins with the field. */
  readonly rule: string;
}

/** Stands for a value that was reported. */
export const INVALID: unique symbol = Symbol("invalid");

export type Invalid = typeof INVALID;

/** Tells whether a reader returned a value. */
export function isValid<T>(value: T | Invalid): value is T {
  return value !== INVALID;
}

const MAX_SHOWN = 80;

function textOf(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (value instanceof Date && Number.isNaN(value.getTime())) return "an invalid Date";
  try {
    // JSON has no word for a function or a symbol, which only a program can pass.
    return JSON.stringify(value) ?? `a ${typeof value}`;
  } catch {
    return "nested too deeply to be shown";
  }
}

/** Makes a value readable: not too long, and without characters that a terminal obeys. */
export function showValue(value: unknown): string {
  if (value === undefined) return "missing";
  // JSON escapes C0 controls alone.
  const plain = textOf(value).replaceAll(/[\u007f-\u009f]/gu, "\uFFFD");
  return plain.length > MAX_SHOWN ? `${plain.slice(0, MAX_SHOWN)}…` : plain;
}

/** Makes the name of a field readable, whatever it is. */
export function showName(name: string): string {
  return /^[\w$]{1,80}$/u.test(name) ? name : showValue(name);
}

/** A value's place in a document, and the list of the document's problems. */
export class Place {
  readonly problems: Problem[];
  readonly #document: string;
  readonly #path: string;

  /** @param document Name of the document in messages: "the manifest". */
  constructor(document: string, path = "", problems: Problem[] = []) {
    this.#document = document;
    this.#path = path;
    this.problems = problems;
  }

  /** Path of the value, or the document's name. */
  get shown(): string {
    return this.#path === "" ? this.#document : this.#path;
  }

  field(name: string): Place {
    const prefix = this.#path === "" ? "" : `${this.#path}.`;
    return new Place(this.#document, `${prefix}${showName(name)}`, this.problems);
  }

  item(index: number): Place {
    return new Place(this.#document, `${this.#path}[${index}]`, this.problems);
  }

  /** Reports a problem; `rule` ends a sentence that begins with the path. */
  refuse(rule: string): Invalid {
    this.problems.push({ field: this.shown, rule });
    return INVALID;
  }

  /** Reports a value that breaks a rule. */
  refuseValue(rule: string, value: unknown): Invalid {
    return this.refuse(`${rule}; it is ${showValue(value)}`);
  }
}
