import { randomUUID } from "node:crypto";

const pattern = /^(?:\{([0-9a-f-]{36})\}|([0-9a-f-]{36}))$/iu;
const digits = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;

/**
 * Reads a GUID with or without braces, in any case, and returns it canonical:
 * `{CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B}`; `undefined` when `text` is not one.
 */
export function parseGuid(text: string): string | undefined {
  const match = pattern.exec(text);
  const body = match?.[1] ?? match?.[2];
  return body !== undefined && digits.test(body) ? `{${body.toUpperCase()}}` : undefined;
}

const NIL = "{00000000-0000-0000-0000-000000000000}";

/** Like {@link parseGuid}, for an id of something: the GUID of zeros stands for nothing. */
export function parseId(text: string): string | undefined {
  const guid = parseGuid(text);
  return guid === NIL ? undefined : guid;
}

/** Makes a new random GUID in canonical form. */
export function createGuid(): string {
  return `{${randomUUID().toUpperCase()}}`;
}
