import { isObject } from "../../base/json.ts";
import type { RawRegistryValue } from "../../runtime/native/binding.ts";
import type { Before, SlotValue } from "./step.ts";

/** A value that the kit has written. */
export interface OwnedValue {
  readonly key: string;
  readonly name: string;
  readonly value: RawRegistryValue;
  /** What had stood there before the kit: it is put back when the registration goes. */
  readonly replaced: RawRegistryValue | null;
}

/** What a registration consists of, once it stands. */
export interface Owned {
  /** In the order they were written. */
  readonly values: readonly OwnedValue[];
  /** Keys that were not there before, parents before children. */
  readonly createdKeys: readonly string[];
}

/**
 * What the kit has done to the registry for one writer.
 *
 * It is written before the first change, so that whoever comes after a crash knows what to do:
 * `registering` is taken back, `unregistering` is carried on.
 */
export type RegistrationRecord =
  | { readonly state: "registered"; readonly owned: Owned }
  | {
      readonly state: "registering";
      readonly before: Before;
      /** What stood before, if the kit had registered something already. */
      readonly previous: Owned | null;
    }
  | { readonly state: "unregistering"; readonly owned: Owned };

/** Keeps the registration records of this machine, one for each writer. */
export interface RegistrationRecords {
  /**
   * @returns `undefined` when there is none.
   * @throws `ERR_WSB_CONFLICT` when there is one that this version cannot read.
   */
  read(writerId: string): RegistrationRecord | undefined;
  /** Durable when it returns: written, flushed and renamed. */
  write(writerId: string, record: RegistrationRecord): void;
  /** Removing what is not there changes nothing. */
  remove(writerId: string): void;
}

const VERSION = 1;

/** Reads each element, or nothing when one cannot be read. */
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

/** Reads a record from its file's text; `undefined` when this version cannot. */
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

/** The text of a record's file. */
export function formatRegistrationRecord(record: RegistrationRecord): string {
  const document = { version: VERSION, ...encodeRecord(record) };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
