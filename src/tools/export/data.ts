import { WsbError } from "../../base/errors.ts";
import type { RawRegistryValue } from "../../runtime/native/binding.ts";
import { showKey } from "../registration/keys.ts";
import type { PlanEntry } from "../registration/plan.ts";

/** The types of registry values that formats write in a readable form. */
export const TYPE: {
  readonly SZ: 1;
  readonly EXPAND_SZ: 2;
  readonly BINARY: 3;
  readonly DWORD: 4;
  readonly MULTI_SZ: 7;
} = {
  SZ: 1, // winnt.h
  EXPAND_SZ: 2,
  BINARY: 3,
  DWORD: 4,
  MULTI_SZ: 7,
};

/** The meaning of a registry value. */
export type RegistryData =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "expandable"; readonly text: string }
  | { readonly kind: "list"; readonly texts: readonly string[] }
  | { readonly kind: "number"; readonly number: number }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array };

/** A plan entry whose value can be written as text. */
export interface ReadableEntry {
  readonly key: string;
  readonly name: string;
  readonly data: RegistryData;
  readonly why: string;
}

const WCHAR_BYTES = 2;
const DWORD_BYTES = 4;

/** Returns the text before the terminator, if there is exactly one, at the end. */
function readText(data: Uint8Array): string | undefined {
  if (data.length < WCHAR_BYTES || data.length % WCHAR_BYTES !== 0) return undefined;
  const text = Buffer.from(data).toString("utf16le");
  return text.indexOf("\0") === text.length - 1 ? text.slice(0, -1) : undefined;
}

/** Returns the strings of a REG_MULTI_SZ, if each is terminated and the list too. */
function readList(data: Uint8Array): readonly string[] | undefined {
  if (data.length % WCHAR_BYTES !== 0) return undefined;
  const text = Buffer.from(data).toString("utf16le");
  if (text === "\0") return [];
  if (!text.endsWith("\0\0")) return undefined;
  const texts = text.slice(0, -2).split("\0");
  return texts.includes("") ? undefined : texts;
}

/** Reads the meaning of a stored value; `undefined` for bytes in an unusual form. */
export function readData({ type, data }: RawRegistryValue): RegistryData | undefined {
  switch (type) {
    case TYPE.SZ:
    case TYPE.EXPAND_SZ: {
      const text = readText(data);
      const kind = type === TYPE.SZ ? "text" : "expandable";
      return text === undefined ? undefined : { kind, text };
    }
    case TYPE.MULTI_SZ: {
      const texts = readList(data);
      return texts === undefined ? undefined : { kind: "list", texts };
    }
    case TYPE.DWORD:
      return data.length === DWORD_BYTES
        ? { kind: "number", number: Buffer.from(data).readUInt32LE() }
        : undefined;
    case TYPE.BINARY:
      return { kind: "bytes", bytes: data };
    default:
      return undefined;
  }
}

function textsOf(data: RegistryData): readonly string[] {
  switch (data.kind) {
    case "text":
    case "expandable":
      return [data.text];
    case "list":
      return data.texts;
    case "number":
    case "bytes":
      return [];
  }
}

/** Returns all texts of a plan's values. */
export function allTexts(entries: readonly ReadableEntry[]): readonly string[] {
  return entries.flatMap(({ data }) => textsOf(data));
}

/** The characters that UTF-8 or XML cannot contain, or that would end a line. */
const UNCARRIED = /[\p{Cc}\p{Cs}\uFFFE\uFFFF]/u;

/**
 * Reads the values of a plan for a text format.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` that names the first value that the format
 * cannot express.
 */
export function readEntries(plan: readonly PlanEntry[], format: string): readonly ReadableEntry[] {
  return plan.map(({ key, name, value, why }) => {
    const data = readData(value);
    const isCarried =
      data !== undefined && [key, name, ...textsOf(data)].every((text) => !UNCARRIED.test(text));
    if (isCarried) return { key, name, data, why };
    throw new WsbError(
      "ERR_WSB_INVALID_ARGUMENT",
      `The format ${format} cannot express ${showKey(key)}, value ${JSON.stringify(name)}: it has a control character, half of a surrogate pair or bytes in an unusual form. Use --format reg, or change the manifest.`,
    );
  });
}
