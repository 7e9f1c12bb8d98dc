import { escapeXml } from "../../base/xml.ts";

/** Text that is markup already: everything in it is escaped. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What a template may hold; an array is joined. */
export type Inserted = string | number | Markup | readonly Markup[];

// Control characters, and those that turn the direction of what follows: both could make a page
// show something else than was on record. Halves of surrogate pairs are no text.
const UNSHOWN =
  /(?![\t\n])\p{Cc}|\p{Cs}|[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFFFE\uFFFF]/gu;

/** Text for HTML, SVG and the values of their attributes. */
export function escapeText(text: string): string {
  return escapeXml(text.replaceAll("\r\n", "\n").replaceAll(UNSHOWN, "\uFFFD"));
}

function show(value: Inserted): string {
  if (typeof value === "number") return String(Math.round(value * 10) / 10);
  if (typeof value === "string") return escapeText(value);
  return value instanceof Markup ? value.text : value.map(({ text }) => text).join("");
}

/** A template whose inserts are escaped, unless they are markup. Numbers get one decimal. */
export function markup(parts: TemplateStringsArray, ...values: readonly Inserted[]): Markup {
  const texts = parts.flatMap((part, index) => {
    const value = values[index];
    return value === undefined ? [part] : [part, show(value)];
  });
  return new Markup(texts.join(""));
}

export const NOTHING: Markup = new Markup("");
