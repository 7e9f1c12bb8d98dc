// Room for any message worth reading; a handler may throw the output of a whole program.
const MAX_TEXT = 4096;
// More services than any application has, and more frames than a person reads.
const MAX_ITEMS = 100;

/** Cuts `text` to 4,096 UTF-16 characters, no pair in two, and says how long it was. */
export function boundText(text: string): string {
  if (text.length <= MAX_TEXT) return text;
  const kept = text.slice(0, MAX_TEXT).replace(/[\uD800-\uDBFF]$/u, "");
  return `${kept}… (${text.length} characters)`;
}

/** Bounds everything that JSON is made of: texts as {@link boundText}, lists to 100 items. */
export function bound(value: unknown): unknown {
  if (typeof value === "string") return boundText(value);
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map(bound);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, bound(one)]));
}
