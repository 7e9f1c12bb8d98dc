// Enough for any message worth reading; a handler may throw the whole output of a program.
const MAX_TEXT = 4096;
// More services than any application has, and more frames than a person reads.
const MAX_ITEMS = 100;

// What the end of a cut text says, so that it is not cut again when it is read.
const CUT = /^.?… \(\d{1,16} characters\)$/u;

/** Cuts a text to 4,096 UTF-16 code units without splitting a pair, and appends its length. */
export function boundText(text: string): string {
  if (text.length <= MAX_TEXT || CUT.test(text.slice(MAX_TEXT - 1))) return text;
  const kept = text.slice(0, MAX_TEXT).replace(/[\uD800-\uDBFF]$/u, "");
  return `${kept}… (${text.length} characters)`;
}

/** Bounds any JSON value: texts by {@link boundText}, lists to 100 items. */
export function bound(value: unknown): unknown {
  if (typeof value === "string") return boundText(value);
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map(bound);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, bound(one)]));
}
