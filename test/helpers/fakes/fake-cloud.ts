import type {
  NativeBinding,
  NativeCloudProvider,
  NativeCloudStatusEntry,
} from "../../../src/runtime/native/binding.ts";
import { encodeString } from "../../../src/tools/registration/registry-value.ts";
import type { FakeRegistry } from "./fake-registry.ts";
import { NativeError } from "./native-error.ts";

type Functions = Pick<
  NativeBinding,
  "registerCloudProvider" | "deregisterCloudProvider" | "updateCloudStatus"
>;

const MMC = "SOFTWARE\\Microsoft\\MMC";
const PARENT_KEY = `${MMC}\\SnapIns\\{00000000-0000-0000-0000-00000000AAAA}`;
const NODE_TYPE = "{00000000-0000-0000-0000-00000000BBBB}";
export const EXTENSIONS_KEY: string = `${MMC}\\NodeTypes\\${NODE_TYPE}\\Extensions\\NameSpace`;

function writeText(registry: FakeRegistry, key: string, name: string, text: string): void {
  registry.createRegistryKey(key);
  const { type, data } = encodeString(text);
  registry.writeRegistryValue(key, name, type, data);
}

/** Writes the keys of Windows Server Backup's own snap-in. */
export function installServerBackup(registry: FakeRegistry, name = "Windows Server Backup"): void {
  writeText(registry, PARENT_KEY, "NameString", name);
  writeText(registry, `${PARENT_KEY}\\NodeTypes`, NODE_TYPE, "");
  registry.createRegistryKey(EXTENSIONS_KEY);
}

/** Writes the keys of a provider, like WsbOnline.dll. */
export function installProvider(registry: FakeRegistry, snapinId: string, name: string): void {
  writeText(registry, `${MMC}\\SnapIns\\${snapinId}`, "NameString", name);
  writeText(registry, EXTENSIONS_KEY, snapinId, name);
}

/** A WsbOnline.dll without Windows. */
export class FakeCloud implements Functions {
  readonly #registry: FakeRegistry | undefined;
  /** The arguments of the calls. */
  readonly calls: (readonly unknown[])[] = [];
  /** The failure of every function. */
  failure: NativeError | undefined;

  /** @param registry The registry for a provider's keys. */
  constructor(registry?: FakeRegistry) {
    this.#registry = registry;
  }

  async registerCloudProvider(provider: NativeCloudProvider): Promise<void> {
    this.#enter("register", provider);
    if (this.#registry === undefined) return;
    installProvider(this.#registry, provider.snapinId, "Contoso Cloud");
  }

  async deregisterCloudProvider(snapinId: string): Promise<void> {
    this.#enter("deregister", snapinId);
    this.#registry?.deleteRegistryValue(EXTENSIONS_KEY, snapinId);
    this.#registry?.deleteRegistryKey(`${MMC}\\SnapIns\\${snapinId}`);
  }

  async updateCloudStatus(
    snapinId: string,
    entries: readonly NativeCloudStatusEntry[],
  ): Promise<void> {
    this.#enter("update", snapinId, entries);
  }

  #enter(...call: readonly unknown[]): void {
    if (this.failure !== undefined) throw this.failure;
    this.calls.push(call);
  }
}
