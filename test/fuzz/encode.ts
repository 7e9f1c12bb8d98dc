import { plainMutations } from "./mutations.ts";
import type { Random } from "./random.ts";

const encodings: readonly ((text: string) => Buffer)[] = [
  (text) => Buffer.from(text, "utf8"),
  (text) => Buffer.from(`\uFEFF${text}`, "utf8"),
  (text) => Buffer.from(text, "utf16le"),
  (text) => Buffer.from(`\uFEFF${text}`, "utf16le"),
  (text) => Buffer.from(text, "utf16le").swap16(),
  (text) => Buffer.from(`\uFEFF${text}`, "utf16le").swap16(),
  (text) => Buffer.from(`<?xml version="1.0" encoding="ISO-8859-1"?>${text}`, "latin1"),
  (text) => Buffer.from(`<?xml version="1.0" encoding="windows-1252"?>${text}`, "utf8"),
  (text) => Buffer.from(`<?xml version="1.0" encoding="shift_jis"?>${text}`, "utf8"),
  (text) => Buffer.from(`<?xml version="1.0" encoding="UTF-16"?>${text}`, "utf8"),
];

/**
 * Encodes a text in a random encoding, sometimes with changed bytes; one character for each byte.
 */
export function encode(text: string, random: Random): string {
  const bytes = random.pick(encodings)(text).toString("latin1");
  if (!random.once(4)) return bytes;
  const changed = random.pick(plainMutations)(bytes, random, [bytes]);
  return Buffer.from(changed, "latin1").toString("latin1");
}
