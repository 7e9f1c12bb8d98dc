import { escapeXml } from "../../base/xml.ts";

/** A text with markup, in which everything is already escaped. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A value in a template; the elements of an array are joined. */
export type Inserted = string | number | Markup | readonly Markup[];

// Control characters and characters that change the direction of text could make a page show
// something else than the events contain. Half of a surrogate pair is not a character.
const UNSHOWN =
  /(?![\t\n])\p{Cc}|\p{Cs}|[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFFFE\uFFFF]/gu;

/** Escapes text for HTML, SVG and the values of their attributes. */
export function escapeText(text: string): string {
  return escapeXml(text.replaceAll("\r\n", "\n").replaceAll(UNSHOWN, "\uFFFD"));
}

function show(value: Inserted): string {
  if (typeof value === "number") return String(Math.round(value * 100) / 100);
  if (typeof value === "string") return escapeText(value);
  return value instanceof Markup ? value.text : value.map(({ text }) => text).join("");
}

/** Makes markup from a template; escapes every value except markup. Numbers get two decimals. */
export function markup(parts: TemplateStringsArray, ...values: readonly Inserted[]): Markup {
  const texts = parts.flatMap((part, index) => {
    const value = values[index];
    return value === undefined ? [part] : [part, show(value)];
  });
  return new Markup(texts.join(""));
}

export const NOTHING: Markup = new Markup("");
