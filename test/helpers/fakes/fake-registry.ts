import type { NativeBinding, RawRegistryValue } from "../../../src/runtime/native/binding.ts";
import type { RegistryApi } from "../../../src/tools/registration/registry-api.ts";
import { encodeString } from "../../../src/tools/registration/registry-value.ts";
import { NativeError } from "./native-error.ts";

/** A call of the registry, to inject faults and to check the order. */
export interface RegistryCall {
  readonly api: keyof RegistryApi;
  readonly path: string;
  readonly name: string;
}

type Key = ReturnType<NativeBinding["readRegistryKey"]>;

interface StoredValue extends RawRegistryValue {
  readonly name: string;
}

const FILE_NOT_FOUND = 0x80070002;
const ACCESS_DENIED = 0x80070005;

/** Tells whether a call changes the registry, or makes a change durable. */
export function changesRegistry(api: keyof RegistryApi): boolean {
  return !api.startsWith("read") && api !== "hasRegistryKey";
}

/** The keys of every machine before a registration. */
export const initialKeys: readonly string[] = [
  "SOFTWARE\\Classes\\AppID",
  "SOFTWARE\\Classes\\CLSID",
  "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion",
  "SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application",
];

/**
 * A registry in memory: like Windows' own, case-insensitive and without deleting keys with subkeys.
 */
export class FakeRegistry implements RegistryApi {
  readonly #keys = new Map<string, { path: string; values: Map<string, StoredValue> }>();
  /** The calls that have changed the registry so far. */
  readonly writes: RegistryCall[] = [];
  /** Returns the HRESULT that a call fails with, or `undefined` when it works. */
  fault: (call: RegistryCall) => number | undefined = () => undefined;

  constructor() {
    for (const path of initialKeys) this.#create(path);
  }

  /** Returns every key and value in a form that can be compared. */
  snapshot(): readonly string[] {
    const lines: string[] = [];
    for (const { path, values } of this.#keys.values()) {
      lines.push(path);
      for (const { name, type, data } of values.values()) {
        lines.push(`${path}\\\\${name}=${type}:${Buffer.from(data).toString("hex")}`);
      }
    }
    return lines.toSorted();
  }

  hasRegistryKey(path: string): boolean {
    this.#enter("hasRegistryKey", path);
    return this.#keys.has(path.toUpperCase());
  }

  readRegistryKey(path: string): Key {
    this.#enter("readRegistryKey", path);
    const key = this.#keys.get(path.toUpperCase());
    if (key === undefined) return null;
    const prefix = `${key.path.toUpperCase()}\\`;
    const subkeys = [...this.#keys.entries()]
      .filter(
        ([folded]) => folded.startsWith(prefix) && !folded.slice(prefix.length).includes("\\"),
      )
      .map(([, child]) => child.path.slice(prefix.length));
    return { values: [...key.values.values()].map(({ name }) => name), subkeys };
  }

  readRegistryValue(path: string, name: string): RawRegistryValue | null {
    this.#enter("readRegistryValue", path, name);
    const value = this.#keys.get(path.toUpperCase())?.values.get(name.toUpperCase());
    return value === undefined ? null : { type: value.type, data: Buffer.from(value.data) };
  }

  createRegistryKey(path: string): boolean {
    this.#enter("createRegistryKey", path);
    return this.#create(path);
  }

  writeRegistryValue(path: string, name: string, type: number, data: Uint8Array): void {
    this.#enter("writeRegistryValue", path, name);
    const key = this.#keys.get(path.toUpperCase());
    if (key === undefined) throw new NativeError(FILE_NOT_FOUND, "RegOpenKeyExW");
    key.values.set(name.toUpperCase(), { name, type, data: Uint8Array.from(data) });
  }

  deleteRegistryValue(path: string, name: string): boolean {
    this.#enter("deleteRegistryValue", path, name);
    return this.#keys.get(path.toUpperCase())?.values.delete(name.toUpperCase()) ?? false;
  }

  deleteRegistryKey(path: string): boolean {
    this.#enter("deleteRegistryKey", path);
    const folded = path.toUpperCase();
    const hasSubkeys = [...this.#keys.keys()].some((other) => other.startsWith(`${folded}\\`));
    if (hasSubkeys) throw new NativeError(ACCESS_DENIED, "RegDeleteKeyExW");
    return this.#keys.delete(folded);
  }

  flushRegistryKey(path: string): void {
    this.#enter("flushRegistryKey", path);
    if (!this.#keys.has(path.toUpperCase())) throw new NativeError(FILE_NOT_FOUND, "RegOpenKeyExW");
  }

  #create(path: string): boolean {
    const parts = path.split("\\");
    let created = false;
    for (const index of parts.keys()) {
      const ancestor = parts.slice(0, index + 1).join("\\");
      created = !this.#keys.has(ancestor.toUpperCase());
      if (created) this.#keys.set(ancestor.toUpperCase(), { path: ancestor, values: new Map() });
    }
    return created;
  }

  #enter(api: keyof RegistryApi, path: string, name = ""): void {
    const call = { api, path, name };
    const hresult = this.fault(call);
    if (hresult !== undefined) throw new NativeError(hresult, api);
    if (changesRegistry(api) && api !== "flushRegistryKey") this.writes.push(call);
  }
}

/** Writes a text as another program does: the key is made where it is missing. */
export function writeText(
  registry: FakeRegistry,
  slot: { key: string; name: string },
  text: string,
): void {
  registry.createRegistryKey(slot.key);
  const { type, data } = encodeString(text);
  registry.writeRegistryValue(slot.key, slot.name, type, data);
}
