import { WsbError } from "../../base/errors.ts";
import type { RawRegistryValue } from "../../runtime/native/binding.ts";
import { showKey } from "../registration/keys.ts";
import type { PlanEntry } from "../registration/plan.ts";

/** Types of registry values that the formats have a form of their own for. */
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

/** A registry value by what it means. */
export type RegistryData =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "expandable"; readonly text: string }
  | { readonly kind: "list"; readonly texts: readonly string[] }
  | { readonly kind: "number"; readonly number: number }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array };

/** A plan entry whose value has a meaning that text can carry. */
export interface ReadableEntry {
  readonly key: string;
  readonly name: string;
  readonly data: RegistryData;
  readonly why: string;
}

const WCHAR_BYTES = 2;
const DWORD_BYTES = 4;

/** The text up to the terminator, when there is exactly one, at the end. */
function readText(data: Uint8Array): string | undefined {
  if (data.length < WCHAR_BYTES || data.length % WCHAR_BYTES !== 0) return undefined;
  const text = Buffer.from(data).toString("utf16le");
  return text.indexOf("\0") === text.length - 1 ? text.slice(0, -1) : undefined;
}

/** The strings of a REG_MULTI_SZ in its regular form: each one terminated, and the whole again. */
function readList(data: Uint8Array): readonly string[] | undefined {
  if (data.length % WCHAR_BYTES !== 0) return undefined;
  const text = Buffer.from(data).toString("utf16le");
  if (text === "\0") return [];
  if (!text.endsWith("\0\0")) return undefined;
  const texts = text.slice(0, -2).split("\0");
  return texts.includes("") ? undefined : texts;
}

/** Reads what a stored value means; `undefined` when its bytes are not of its type's usual form. */
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

/** Every text of a plan's values. */
export function allTexts(entries: readonly ReadableEntry[]): readonly string[] {
  return entries.flatMap(({ data }) => textsOf(data));
}

/** Characters that no file in UTF-8 or in XML can hold, or that would end a line of it. */
const UNCARRIED = /[\p{Cc}\p{Cs}\uFFFE\uFFFF]/u;

/**
 * Reads the values of a plan for a format that is a text file.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` naming the first value that the format cannot
 * carry.
 */
export function readEntries(plan: readonly PlanEntry[], format: string): readonly ReadableEntry[] {
  return plan.map(({ key, name, value, why }) => {
    const data = readData(value);
    const isCarried =
      data !== undefined && [key, name, ...textsOf(data)].every((text) => !UNCARRIED.test(text));
    if (isCarried) return { key, name, data, why };
    throw new WsbError(
      "ERR_WSB_INVALID_ARGUMENT",
      `The format ${format} cannot carry ${showKey(key)}, value ${JSON.stringify(name)}: it holds a control character, half of a surrogate pair or bytes of no usual form. Use --format reg, or change the manifest.`,
    );
  });
}
