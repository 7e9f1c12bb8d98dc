import { WsbError } from "../errors.ts";
import type { NativeBinding, RawRegistryValue } from "../native/binding.ts";
import { RECORDS, recordKey, showKey } from "./keys.ts";
import { decodeString, encodeString } from "./registry-value.ts";

/** The part of the shim that registration needs. */
export type RegistryApi = Pick<
  NativeBinding,
  | "readRegistryKey"
  | "readRegistryValue"
  | "createRegistryKey"
  | "writeRegistryValue"
  | "deleteRegistryValue"
  | "deleteRegistryKey"
>;

/** A value that the kit wrote. */
export interface RecordedValue {
  readonly key: string;
  readonly name: string;
  readonly value: RawRegistryValue;
}

/** What a registration wrote: kept in the registry itself until it is removed. */
export interface RegistrationRecord {
  /** Values in the order they were written. */
  readonly values: readonly RecordedValue[];
  /** Keys that were not there before, parents before children. */
  readonly createdKeys: readonly string[];
}

const VERSION = 1;
const VALUE_NAME = "Record";

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readValue(value: unknown): RecordedValue | undefined {
  if (!isFields(value)) return undefined;
  const { key, name, type, data } = value;
  if (typeof key !== "string" || typeof name !== "string") return undefined;
  if (typeof type !== "number" || typeof data !== "string") return undefined;
  return { key, name, value: { type, data: new Uint8Array(Buffer.from(data, "base64")) } };
}

function parseRecord(text: string): RegistrationRecord | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isFields(json) || json["version"] !== VERSION) return undefined;
  const { values, createdKeys } = json;
  if (!Array.isArray(values) || !Array.isArray(createdKeys)) return undefined;
  const read = values.map(readValue).filter((value) => value !== undefined);
  const keys = createdKeys.filter((key) => typeof key === "string");
  const complete = read.length === values.length && keys.length === createdKeys.length;
  return complete ? { values: read, createdKeys: keys } : undefined;
}

/**
 * Reads the record of a writer's registration; `undefined` when the kit has registered none.
 *
 * @throws {@link WsbError} `ERR_WSB_CONFLICT` when there is one that this version cannot read.
 */
export function readRecord(api: RegistryApi, writerId: string): RegistrationRecord | undefined {
  const stored = api.readRegistryValue(recordKey(writerId), VALUE_NAME);
  if (stored === null) return undefined;
  const record = parseRecord(decodeString(stored) ?? "");
  if (record !== undefined) return record;
  throw new WsbError(
    "ERR_WSB_CONFLICT",
    `The registration record ${showKey(recordKey(writerId))} cannot be read. Use the version of wsb-addin that wrote it.`,
  );
}

/** Writes the record before anything that it lists is written. */
export function writeRecord(api: RegistryApi, writerId: string, record: RegistrationRecord): void {
  const json = {
    version: VERSION,
    values: record.values.map(({ key, name, value }) => ({
      key,
      name,
      type: value.type,
      data: Buffer.from(value.data).toString("base64"),
    })),
    createdKeys: record.createdKeys,
  };
  const { type, data } = encodeString(JSON.stringify(json));
  api.createRegistryKey(recordKey(writerId));
  api.writeRegistryValue(recordKey(writerId), VALUE_NAME, type, data);
}

/** Removes the record, and the kit's own parent keys when they hold nothing else. */
export function deleteRecord(api: RegistryApi, writerId: string): void {
  api.deleteRegistryKey(recordKey(writerId));
  for (const key of [RECORDS, parentKey(RECORDS)]) {
    if (isEmptyKey(api, key)) api.deleteRegistryKey(key);
  }
}

export function parentKey(key: string): string {
  return key.slice(0, key.lastIndexOf("\\"));
}

/** Whether the key is there and holds neither values nor subkeys. */
export function isEmptyKey(api: RegistryApi, key: string): boolean {
  const content = api.readRegistryKey(key);
  return content !== null && content.values.length === 0 && content.subkeys.length === 0;
}
