// Room for any message worth reading; a handler may throw the output of a whole program.
const MAX_TEXT = 4096;
// More services than any application has.
const MAX_ITEMS = 100;

/** Cuts `text` to 4,096 UTF-16 characters, no pair in two, and says how long it was. */
export function boundText(text: string): string {
  if (text.length <= MAX_TEXT) return text;
  const kept = text.slice(0, MAX_TEXT).replace(/[\uD800-\uDBFF]$/u, "");
  return `${kept}… (${text.length} characters)`;
}

/** As {@link boundText}, for anything that JSON is made of: a list is cut to 100 items. */
export function bound(value: unknown): unknown {
  if (typeof value === "string") return boundText(value);
  return Array.isArray(value) ? value.slice(0, MAX_ITEMS) : value;
}
