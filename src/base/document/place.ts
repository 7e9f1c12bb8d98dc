/** A problem of a document. */
export interface Problem {
  /** The path of the field, for example `services[1]`, or the line and column of a syntax error. */
  readonly field: string;
  /** The rule that the value breaks: the rest of a sentence that begins with the field. */
  readonly rule: string;
}

/** Stands for a value whose problem was reported. */
export const INVALID: unique symbol = Symbol("invalid");

export type Invalid = typeof INVALID;

/** Tells whether a reader returned a value. */
export function isValid<T>(value: T | Invalid): value is T {
  return value !== INVALID;
}

const MAX_SHOWN = 80;

function textOf(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  // JSON has no infinity, but a text such as 1e999 is read as one.
  if (typeof value === "number") return String(value);
  if (value instanceof Date && Number.isNaN(value.getTime())) return "an invalid Date";
  try {
    // JSON cannot express a function or a symbol. Only a program can pass these.
    return JSON.stringify(value) ?? `a ${typeof value}`;
  } catch {
    return "nested too deeply to show";
  }
}

/** Formats a value for a message: shortened, and without control characters. */
export function showValue(value: unknown): string {
  if (value === undefined) return "missing";
  // JSON escapes only the C0 controls.
  const plain = textOf(value).replaceAll(/[\u007f-\u009f]/gu, "\uFFFD");
  return plain.length > MAX_SHOWN ? `${plain.slice(0, MAX_SHOWN)}…` : plain;
}

/** Formats any field name for a message. */
export function showName(name: string): string {
  return /^[\w$]{1,80}$/u.test(name) ? name : showValue(name);
}

/** The place of a value in a document, with the list of the document's problems. */
export class Place {
  readonly problems: Problem[];
  readonly #name: string | number;
  readonly #parent: Place | undefined;

  /** @param name The document's name in messages: "the manifest". */
  constructor(name: string | number, parent?: Place) {
    this.#name = name;
    this.#parent = parent;
    this.problems = parent?.problems ?? [];
  }

  /** The path of the value, or the document's name. */
  get shown(): string {
    return this.#path || String(this.#name);
  }

  // Computed on demand, because the path of a valid value is never needed.
  get #path(): string {
    if (this.#parent === undefined) return "";
    const before = this.#parent.#path;
    if (typeof this.#name === "number") return `${before}[${this.#name}]`;
    return `${before}${before === "" ? "" : "."}${showName(this.#name)}`;
  }

  field(name: string): Place {
    return new Place(name, this);
  }

  item(index: number): Place {
    return new Place(index, this);
  }

  /** Reports a problem; `rule` is the rest of a sentence that begins with the path. */
  refuse(rule: string): Invalid {
    this.problems.push({ field: this.shown, rule });
    return INVALID;
  }

  /** Reports a value that breaks a rule. */
  refuseValue(rule: string, value: unknown): Invalid {
    return this.refuse(`${rule}; it is ${showValue(value)}`);
  }
}
