import type { RawRegistryValue } from "../../runtime/native/binding.ts";

/** Registry value types that wsb-addin writes. */
export const REG: { readonly SZ: 1; readonly BINARY: 3; readonly DWORD: 4 } = {
  SZ: 1, // winnt.h
  BINARY: 3,
  DWORD: 4,
};

const DWORD_BYTES = 4;

/** Encodes text as REG_SZ: UTF-16, little endian, with its terminator. */
export function encodeString(text: string): RawRegistryValue {
  return { type: REG.SZ, data: new Uint8Array(Buffer.from(`${text}\0`, "utf16le")) };
}

/** Encodes a number from 0 to 4294967295 as REG_DWORD: 32 bits, little endian. */
export function encodeNumber(number: number): RawRegistryValue {
  const data = Buffer.alloc(DWORD_BYTES);
  data.writeUInt32LE(number);
  return { type: REG.DWORD, data: new Uint8Array(data) };
}

/** Reads a REG_SZ up to its first NUL; `undefined` for any other type. */
export function decodeString(value: RawRegistryValue | null): string | undefined {
  if (value === null || value.type !== REG.SZ) return undefined;
  const text = Buffer.from(value.data).toString("utf16le");
  const end = text.indexOf("\0");
  return end === -1 ? text : text.slice(0, end);
}

const REG_EXPAND_SZ = 2; // winnt.h
const REG_MULTI_SZ = 7;
const TEXT_TYPES: ReadonlySet<number> = new Set([REG.SZ, REG_EXPAND_SZ, REG_MULTI_SZ]);

/**
 * Returns the texts of a value of any type for text, without expanding variables. What reads a value
 * with another function of Windows than ours may see any of them.
 */
export function textsOf(value: RawRegistryValue | null): readonly string[] {
  if (value === null || !TEXT_TYPES.has(value.type)) return [];
  const texts = Buffer.from(value.data).toString("utf16le").split("\0");
  return (value.type === REG_MULTI_SZ ? texts : texts.slice(0, 1)).filter((text) => text !== "");
}

const typeNames: Readonly<Record<number, string>> = {
  0: "REG_NONE",
  1: "REG_SZ",
  2: "REG_EXPAND_SZ",
  3: "REG_BINARY",
  4: "REG_DWORD",
  7: "REG_MULTI_SZ",
  11: "REG_QWORD",
};

/** Returns the name of a value's type. */
export function typeName({ type }: RawRegistryValue): string {
  return typeNames[type] ?? `type ${type}`;
}

/** Returns whether two values have the same type and bytes. */
export function sameValue(a: RawRegistryValue | null, b: RawRegistryValue | null): boolean {
  if (a === null || b === null) return a === b;
  return a.type === b.type && Buffer.compare(a.data, b.data) === 0;
}

/** Returns a value as text for people. */
export function showValue(value: RawRegistryValue | null): string {
  if (value === null) return "nothing";
  const text = decodeString(value);
  if (text !== undefined) return JSON.stringify(text);
  if (value.type === REG.DWORD && value.data.length === DWORD_BYTES) {
    return String(Buffer.from(value.data).readUInt32LE());
  }
  return `type ${value.type}, ${Buffer.from(value.data).toString("hex")}`;
}
