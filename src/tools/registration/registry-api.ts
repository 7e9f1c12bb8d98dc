import type { NativeBinding } from "../../runtime/native/binding.ts";

/** The part of the shim that registration needs. */
export type RegistryApi = Pick<
  NativeBinding,
  | "hasRegistryKey"
  | "readRegistryKey"
  | "readRegistryValue"
  | "createRegistryKey"
  | "writeRegistryValue"
  | "deleteRegistryValue"
  | "deleteRegistryKey"
  | "flushRegistryKey"
>;

function parentKey(key: string): string {
  return key.slice(0, key.lastIndexOf("\\"));
}

/** Returns whether a key exists and has neither values nor subkeys. */
export function isEmptyKey(api: RegistryApi, key: string): boolean {
  const content = api.readRegistryKey(key);
  return content !== null && content.values.length === 0 && content.subkeys.length === 0;
}

/** Returns the missing keys among `keys` and their parents, parents first, each once. */
export function missingKeys(api: RegistryApi, keys: readonly string[]): readonly string[] {
  const missing: string[] = [];
  const visit = (key: string): void => {
    if (missing.includes(key) || api.hasRegistryKey(key)) return;
    if (key.includes("\\")) visit(parentKey(key));
    missing.push(key);
  };
  for (const key of keys) visit(key);
  return missing;
}
