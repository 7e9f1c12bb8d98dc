import { createHash, randomUUID } from "node:crypto";

const pattern = /^(?:\{([0-9a-f-]{36})\}|([0-9a-f-]{36}))$/iu;
const digits = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;

/**
 * Reads a GUID with or without braces, in any case, and returns it in canonical form:
 * `{CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B}`; `undefined` when `text` is not a GUID.
 */
export function parseGuid(text: string): string | undefined {
  const match = pattern.exec(text);
  const body = match?.[1] ?? match?.[2];
  return body !== undefined && digits.test(body) ? `{${body.toUpperCase()}}` : undefined;
}

const NIL = "{00000000-0000-0000-0000-000000000000}";

/** Reads a GUID like {@link parseGuid}, but refuses the GUID of zeros, which identifies nothing. */
export function parseId(text: string): string | undefined {
  const guid = parseGuid(text);
  return guid === NIL ? undefined : guid;
}

/** Makes a new random GUID in canonical form. */
export function createGuid(): string {
  return `{${randomUUID().toUpperCase()}}`;
}

// Makes these GUIDs the kit's own. Never change it: upgrades of installed packages would lose their
// components.
const NAMESPACE = "5D0E9A52-3E7C-4B0E-9C55-6B6F2F3C8A11";

/**
 * Returns a GUID that depends on `name` alone, in canonical form.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9562#section-5.5
 */
export function nameGuid(name: string): string {
  const bytes = createHash("sha1")
    .update(Buffer.from(NAMESPACE.replaceAll("-", ""), "hex"))
    .update(name, "utf8")
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex").toUpperCase();
  return `{${hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/u, "$1-$2-$3-$4-$5")}}`;
}
