import { isObject } from "../../base/json.ts";
import type { RawRegistryValue } from "../../runtime/native/binding.ts";
import type { Before, SlotValue } from "./step.ts";

/** A value that wsb-addin wrote. */
export interface OwnedValue {
  readonly key: string;
  readonly name: string;
  readonly value: RawRegistryValue;
  /** The value before the registration; a removal restores it. */
  readonly replaced: RawRegistryValue | null;
}

/** The values and keys of a complete registration. */
export interface Owned {
  /** In the order of writing. */
  readonly values: readonly OwnedValue[];
  /** Keys that the registration created, parents before children. */
  readonly createdKeys: readonly string[];
}

/**
 * The changes of wsb-addin to the registry for one writer.
 *
 * It is written before the first change. After a crash, the next command undoes `registering` and
 * completes `unregistering`.
 */
export type RegistrationRecord =
  | { readonly state: "registered"; readonly owned: Owned }
  | {
      readonly state: "registering";
      readonly before: Before;
      /** The earlier registration by wsb-addin, if there was one. */
      readonly previous: Owned | null;
    }
  | { readonly state: "unregistering"; readonly owned: Owned };

/** Stores the registration records of this machine, one per writer. */
export interface RegistrationRecords {
  /**
   * @returns `undefined` if there is none.
   * @throws `ERR_WSB_CONFLICT` if this version cannot read it.
   */
  read(writerId: string): RegistrationRecord | undefined;
  /** Writes, flushes and renames the file before it returns. */
  write(writerId: string, record: RegistrationRecord): void;
  /** Removes a record; does nothing if there is none. */
  remove(writerId: string): void;
}

const VERSION = 1;

/** Reads all elements; `undefined` if one cannot be read. */
function readAll<T>(
  value: unknown,
  read: (element: unknown) => T | undefined,
): readonly T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const elements = value.map(read).filter((element) => element !== undefined);
  return elements.length === value.length ? elements : undefined;
}

function readText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function readRaw(value: unknown): RawRegistryValue | null | undefined {
  if (value === null) return null;
  if (!isObject(value)) return undefined;
  const { type, data } = value;
  if (typeof type !== "number" || typeof data !== "string") return undefined;
  return { type, data: new Uint8Array(Buffer.from(data, "base64")) };
}

function readSlotValue(element: unknown): SlotValue | undefined {
  if (!isObject(element)) return undefined;
  const { key, name } = element;
  const value = readRaw(element["value"]);
  if (typeof key !== "string" || typeof name !== "string" || value === undefined) return undefined;
  return { key, name, value };
}

function readOwnedValue(element: unknown): OwnedValue | undefined {
  const slot = readSlotValue(element);
  const replaced = isObject(element) ? readRaw(element["replaced"]) : undefined;
  if (slot === undefined || slot.value === null || replaced === undefined) return undefined;
  return { ...slot, value: slot.value, replaced };
}

function readOwned(value: unknown): Owned | undefined {
  if (!isObject(value)) return undefined;
  const values = readAll(value["values"], readOwnedValue);
  const createdKeys = readAll(value["createdKeys"], readText);
  return values === undefined || createdKeys === undefined ? undefined : { values, createdKeys };
}

function readKeyState(element: unknown): Before["keys"][number] | undefined {
  if (!isObject(element)) return undefined;
  const { key, existed } = element;
  return typeof key === "string" && typeof existed === "boolean" ? { key, existed } : undefined;
}

function readBeforeFields(value: unknown): Before | undefined {
  if (!isObject(value)) return undefined;
  const values = readAll(value["values"], readSlotValue);
  const keys = readAll(value["keys"], readKeyState);
  return values === undefined || keys === undefined ? undefined : { values, keys };
}

/** Reads a record from the text of its file; `undefined` if this version cannot. */
export function parseRegistrationRecord(text: string): RegistrationRecord | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(json) || json["version"] !== VERSION) return undefined;
  const { state } = json;
  if (state === "registered" || state === "unregistering") {
    const owned = readOwned(json["owned"]);
    return owned === undefined ? undefined : { state, owned };
  }
  if (state !== "registering") return undefined;
  const before = readBeforeFields(json["before"]);
  const previous = json["previous"] === null ? null : readOwned(json["previous"]);
  return before === undefined || previous === undefined ? undefined : { state, before, previous };
}

function encodeRaw(raw: RawRegistryValue | null): object | null {
  if (raw === null) return null;
  return { type: raw.type, data: Buffer.from(raw.data).toString("base64") };
}

function encodeOwned({ values, createdKeys }: Owned): object {
  return {
    values: values.map(({ key, name, value, replaced }) => ({
      key,
      name,
      value: encodeRaw(value),
      replaced: encodeRaw(replaced),
    })),
    createdKeys,
  };
}

function encodeBefore({ values, keys }: Before): object {
  return {
    values: values.map(({ key, name, value }) => ({ key, name, value: encodeRaw(value) })),
    keys,
  };
}

function encodeRecord(record: RegistrationRecord): object {
  const { state } = record;
  if (state !== "registering") return { state, owned: encodeOwned(record.owned) };
  const { before, previous } = record;
  return {
    state,
    before: encodeBefore(before),
    previous: previous === null ? null : encodeOwned(previous),
  };
}

/** Returns the text of a record's file. */
export function formatRegistrationRecord(record: RegistrationRecord): string {
  const document = { version: VERSION, ...encodeRecord(record) };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
