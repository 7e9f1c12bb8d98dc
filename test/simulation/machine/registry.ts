import { NativeError } from "../../helpers/fakes/native-error.ts";
import type { RawRegistryValue } from "../../../src/runtime/native/binding.ts";
import type { MarkApi } from "../../../src/runtime/restore/journal/mark.ts";
import type { RegistryApi } from "../../../src/tools/registration/registry-api.ts";
import type { Random } from "../../fuzz/random.ts";
import type { EffectKind, Process, Processes } from "./processes.ts";

/** A name as it was given; it is found in any case. */
interface Named {
  readonly name: string;
}

type Value = RawRegistryValue & Named;

interface Key {
  readonly path: string;
  readonly values: ReadonlyMap<string, Value>;
}

/** The keys of a hive, by their folded paths. */
type Keys = ReadonlyMap<string, Key>;

const FILE_NOT_FOUND = 0x8007_0002;
const ACCESS_DENIED = 0x8007_0005;
const IO_DEVICE = 0x8007_045d;

/** The part of the registry that is flushed at once. */
class Hive {
  keys: Keys = new Map();
  /** What a power cut may leave: the state at the last flush, and after each change since. */
  states: Keys[] = [this.keys];
}

function fold(text: string): string {
  return text.toUpperCase();
}

/** Hears of each change that a process makes. */
export type OnRegistryChange = (process: Process, change: RegistryChange) => void;

export interface RegistryChange {
  readonly key: string;
  /** Absent for the key itself. */
  readonly name?: string;
  readonly data?: Uint8Array;
}

/** The registry; what is not flushed may be lost by a power cut, the newest first. */
export class MachineRegistry {
  readonly #processes: Processes;
  readonly #random: Random;
  readonly #hives = new Map<string, Hive>();
  onChange: OnRegistryChange = () => {};

  constructor(processes: Processes, random: Random) {
    this.#processes = processes;
    this.#random = random;
    this.createKey("SOFTWARE");
    this.flush();
  }

  powerCut(): void {
    for (const hive of this.#hives.values()) {
      hive.keys = this.#random.pick(hive.states);
      hive.states = [hive.keys];
    }
  }

  /** Makes sure that all of it outlives a power cut. */
  flush(): void {
    for (const hive of this.#hives.values()) hive.states = [hive.keys];
  }

  of(process: Process): MarkApi & RegistryApi {
    const run = <T>(effect: EffectKind, path: string, perform: () => T): T =>
      this.#processes.now(process, effect, path.replace(/^.*\\/u, ""), (fault) => {
        if (fault === "error") throw new NativeError(IO_DEVICE, effect, "An I/O error occurred.");
        return perform();
      });
    const change = <T>(effect: EffectKind, what: RegistryChange, perform: () => T): T =>
      run(effect, what.key, () => {
        this.onChange(process, what);
        return perform();
      });
    return {
      hasRegistryKey: (path) => run("registry.has", path, () => this.has(path)),
      readRegistryKey: (path) => run("registry.list", path, () => this.#list(path)),
      readRegistryValue: (path, name) => run("registry.read", path, () => this.valueOf(path, name)),
      createRegistryKey: (path) =>
        change("registry.create", { key: path }, () => this.createKey(path)),
      writeRegistryValue: (path, name, type, data) =>
        change("registry.write", { key: path, name, data }, () =>
          this.write(path, name, { type, data }),
        ),
      flushRegistryKey: (path) =>
        run("registry.flush", path, () => {
          if (!this.has(path)) throw new NativeError(FILE_NOT_FOUND, "RegOpenKeyExW");
          const hive = this.#hiveOf(path);
          hive.states = [hive.keys];
        }),
      deleteRegistryValue: (path, name) =>
        change("registry.deleteValue", { key: path, name }, () => this.deleteValue(path, name)),
      deleteRegistryKey: (path) =>
        change("registry.delete", { key: path }, () => this.deleteKey(path)),
    };
  }

  has(path: string): boolean {
    return this.#hiveOf(path).keys.has(fold(path));
  }

  valueOf(path: string, name: string): RawRegistryValue | null {
    const value = this.#hiveOf(path).keys.get(fold(path))?.values.get(fold(name));
    return value === undefined ? null : { type: value.type, data: value.data };
  }

  /** All keys, in the order of their creation. */
  get paths(): readonly string[] {
    return [...this.#hives.values()].flatMap(({ keys }) =>
      [...keys.values()].map(({ path }) => path),
    );
  }

  createKey(path: string): boolean {
    if (this.has(path)) return false;
    const hive = this.#hiveOf(path);
    const keys = new Map(hive.keys);
    const parts = path.split("\\");
    for (const index of parts.keys()) {
      const ancestor = parts.slice(0, index + 1).join("\\");
      if (!keys.has(fold(ancestor)))
        keys.set(fold(ancestor), { path: ancestor, values: new Map() });
    }
    this.#change(hive, keys);
    return true;
  }

  write(path: string, name: string, { type, data }: RawRegistryValue): void {
    const key = this.#hiveOf(path).keys.get(fold(path));
    if (key === undefined) throw new NativeError(FILE_NOT_FOUND, "RegOpenKeyExW");
    const value = { name, type, data: Uint8Array.from(data) };
    this.#changeKey({ ...key, values: new Map(key.values).set(fold(name), value) });
  }

  deleteValue(path: string, name: string): boolean {
    const key = this.#hiveOf(path).keys.get(fold(path));
    if (key === undefined || !key.values.has(fold(name))) return false;
    const values = new Map(key.values);
    values.delete(fold(name));
    this.#changeKey({ ...key, values });
    return true;
  }

  deleteKey(path: string): boolean {
    if (!this.has(path)) return false;
    const hive = this.#hiveOf(path);
    const hasSubkeys = [...hive.keys.keys()].some((other) => other.startsWith(`${fold(path)}\\`));
    if (hasSubkeys) throw new NativeError(ACCESS_DENIED, "RegDeleteKeyExW");
    const keys = new Map(hive.keys);
    keys.delete(fold(path));
    this.#change(hive, keys);
    return true;
  }

  #hiveOf(path: string): Hive {
    const name = fold(path.split("\\")[0] ?? "");
    const hive = this.#hives.get(name) ?? new Hive();
    this.#hives.set(name, hive);
    return hive;
  }

  #change(hive: Hive, keys: Keys): void {
    hive.keys = keys;
    hive.states.push(keys);
  }

  #changeKey(key: Key): void {
    const hive = this.#hiveOf(key.path);
    this.#change(hive, new Map(hive.keys).set(fold(key.path), key));
  }

  #list(path: string): ReturnType<MarkApi["readRegistryKey"]> {
    const { keys } = this.#hiveOf(path);
    const key = keys.get(fold(path));
    if (key === undefined) return null;
    const prefix = `${fold(path)}\\`;
    const subkeys = [...keys]
      .filter(([other]) => other.startsWith(prefix) && !other.slice(prefix.length).includes("\\"))
      .map(([, child]) => child.path.slice(prefix.length));
    return { values: [...key.values.values()].map(({ name }) => name), subkeys };
  }
}
