import { parseGuid } from "../../base/guid.ts";
import { isObject } from "../../base/json.ts";
import type { RawRegistryValue } from "../../runtime/native/binding.ts";
import { writerIdIn } from "../writer/same-document.ts";
import { isPlannedKey, isPlannedValue } from "./planned-slots.ts";
import type { Before, ChangedValue, SlotValue } from "./step.ts";
import type { PartState } from "./part.ts";
import type { OwnedParts, PartStates } from "./parts.ts";
import { isServiceDocument } from "./writer-service.ts";

/** A value of a registration: wsb-addin wrote it, or found it as it must be. */
export interface OwnedValue {
  readonly key: string;
  readonly name: string;
  readonly value: RawRegistryValue;
  /** The value before the registration, which may be the same; a removal restores it. */
  readonly replaced: RawRegistryValue | null;
}

/** The parts of a complete registration. */
export interface Owned extends OwnedParts {
  /** In the order of writing. */
  readonly values: readonly OwnedValue[];
  /** Keys that the registration created, parents before children. */
  readonly createdKeys: readonly string[];
}

/** A start-up task as the task scheduler has it; `null` for none. */
export interface TaskState {
  readonly clsid: string;
  readonly xml: string | null;
}

/**
 * The changes of wsb-addin to the machine for one writer.
 *
 * It is written before the first change. After a crash, the next `register`, `unregister` or `recover`
 * undoes `registering` and completes `unregistering`.
 */
export type RegistrationRecord =
  | { readonly state: "registered"; readonly owned: Owned }
  | (PartStates & {
      readonly state: "registering";
      readonly before: Before;
      /** The start-up tasks that the registration changes, before it. */
      readonly tasks: readonly TaskState[];
      /** The earlier registration by wsb-addin, if there was one. */
      readonly previous: Owned | null;
    })
  | { readonly state: "unregistering"; readonly owned: Owned };

/** Stores the registration records of this machine, one per writer. */
export interface RegistrationRecords {
  /**
   * @returns `undefined` if there is none.
   * @throws `ERR_WSB_CONFLICT` if it is damaged, or this version cannot read it.
   */
  read(writerId: string): RegistrationRecord | undefined;
  /**
   * Writes a record; it is on the disk, and was read back, when this returns. There is room for the
   * record that follows it.
   */
  write(writerId: string, record: RegistrationRecord): void;
  /** Removes a record; does nothing if there is none. */
  remove(writerId: string): void;
  /** Renames a record that cannot be read; returns its new path, `undefined` if there is none. */
  setAside(writerId: string): string | undefined;
}

const VERSION = 2;
// Earlier releases would leave a writer behind, so they must not read such a record.
const VERSION_WITH_PARTS = 3;
const VERSIONS: ReadonlySet<unknown> = new Set([1, VERSION, VERSION_WITH_PARTS]);

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

function readChangedValue(element: unknown): ChangedValue | undefined {
  const slot = readSlotValue(element);
  if (slot === undefined || !isObject(element) || element["written"] === undefined) return slot;
  const written = readRaw(element["written"]);
  return written === undefined ? undefined : { ...slot, written };
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
  const document = readDocument(value["document"] ?? null);
  const service = readDocument(value["service"] ?? null);
  if (values === undefined || createdKeys === undefined) return undefined;
  if (document === undefined || service === undefined) return undefined;
  return {
    values,
    createdKeys,
    ...(document !== null && { document }),
    ...(service !== null && { service }),
  };
}

function readDocument(value: unknown): string | null | undefined {
  return value === null ? null : readText(value);
}

/** Reads the states of a part; `null` for none. */
function readPart(value: unknown): PartState | null | undefined {
  if (value === undefined) return null;
  if (!isObject(value)) return undefined;
  const before = readDocument(value["before"]);
  const written = readDocument(value["written"]);
  return before === undefined || written === undefined ? undefined : { before, written };
}

function readKeyState(element: unknown): Before["keys"][number] | undefined {
  if (!isObject(element)) return undefined;
  const { key, existed } = element;
  return typeof key === "string" && typeof existed === "boolean" ? { key, existed } : undefined;
}

function readBeforeFields(value: unknown): Before | undefined {
  if (!isObject(value)) return undefined;
  const values = readAll(value["values"], readChangedValue);
  const keys = readAll(value["keys"], readKeyState);
  return values === undefined || keys === undefined ? undefined : { values, keys };
}

function readTask(element: unknown): TaskState | undefined {
  if (!isObject(element)) return undefined;
  const { clsid, xml } = element;
  if (typeof clsid !== "string" || parseGuid(clsid) !== clsid) return undefined;
  return xml === null || typeof xml === "string" ? { clsid, xml } : undefined;
}

/**
 * Reads a record of a writer; `undefined` if this version cannot, or if it names anything that no
 * registration of that writer could have written.
 */
export function parseRegistrationRecord(
  json: unknown,
  writerId: string,
): RegistrationRecord | undefined {
  const record = readRecord(json);
  return record !== undefined && isOfWriter(record, writerId) ? record : undefined;
}

function readRecord(json: unknown): RegistrationRecord | undefined {
  if (!isObject(json) || !VERSIONS.has(json["version"])) return undefined;
  const { state } = json;
  if (state === "registered" || state === "unregistering") {
    const owned = readOwned(json["owned"]);
    return owned === undefined ? undefined : { state, owned };
  }
  if (state !== "registering") return undefined;
  const before = readBeforeFields(json["before"]);
  const previous = json["previous"] === null ? null : readOwned(json["previous"]);
  // Release 0.1.0 did not record tasks.
  const tasks = readAll(json["tasks"] ?? [], readTask);
  const writer = readPart(json["writer"]);
  const service = readPart(json["service"]);
  if (before === undefined || previous === undefined || tasks === undefined) return undefined;
  if (writer === undefined || service === undefined) return undefined;
  const parts = { ...(writer !== null && { writer }), ...(service !== null && { service }) };
  return { state, before, previous, tasks, ...parts };
}

function documentsOf(owned: string | undefined, state: PartState | undefined): readonly string[] {
  const all = [owned, state?.before, state?.written];
  return all.filter((document) => typeof document === "string");
}

/** Returns the documents of the parts in a record. */
function documentsIn(
  record: RegistrationRecord,
): Record<"declared" | "service", readonly string[]> {
  const owned = "owned" in record ? record.owned : record.previous;
  const { writer, service }: PartStates = record.state === "registering" ? record : {};
  return {
    declared: documentsOf(owned?.document, writer),
    service: documentsOf(owned?.service, service),
  };
}

function isOfWriter(record: RegistrationRecord, writerId: string): boolean {
  const owned = "owned" in record ? record.owned : record.previous;
  const before = "before" in record ? record.before : { values: [], keys: [] };
  const values = [...(owned?.values ?? []), ...before.values];
  const keys = [...(owned?.createdKeys ?? []), ...before.keys.map(({ key }) => key)];
  const { declared, service } = documentsIn(record);
  return (
    values.every((value) => isPlannedValue(value, writerId)) &&
    keys.every((key) => isPlannedKey(key, writerId)) &&
    declared.every((document) => writerIdIn(document) === writerId) &&
    service.every((document) => isServiceDocument(document, writerId))
  );
}

function encodeRaw(raw: RawRegistryValue | null): object | null {
  if (raw === null) return null;
  return { type: raw.type, data: Buffer.from(raw.data).toString("base64") };
}

function encodeOwned({ values, createdKeys, document, service }: Owned): object {
  return {
    values: values.map(({ key, name, value, replaced }) => ({
      key,
      name,
      value: encodeRaw(value),
      replaced: encodeRaw(replaced),
    })),
    createdKeys,
    ...(document !== undefined && { document }),
    ...(service !== undefined && { service }),
  };
}

function encodeBefore({ values, keys }: Before): object {
  return {
    values: values.map(({ key, name, value, written }) => ({
      key,
      name,
      value: encodeRaw(value),
      ...(written === undefined ? {} : { written: encodeRaw(written) }),
    })),
    keys,
  };
}

function encodeRecord(record: RegistrationRecord): object {
  const { state } = record;
  if (state !== "registering") return { state, owned: encodeOwned(record.owned) };
  const { before, previous, tasks, writer, service } = record;
  return {
    state,
    before: encodeBefore(before),
    tasks,
    ...(writer !== undefined && { writer }),
    ...(service !== undefined && { service }),
    previous: previous === null ? null : encodeOwned(previous),
  };
}

/** Returns a record as its log holds it. */
export function encodeRegistrationRecord(record: RegistrationRecord): object {
  const { declared, service } = documentsIn(record);
  const version = declared.length + service.length === 0 ? VERSION : VERSION_WITH_PARTS;
  return { version, ...encodeRecord(record) };
}
