import { NativeError } from "../../helpers/fakes/native-error.ts";
import type { MarkApi } from "../../../src/runtime/restore/journal/mark.ts";
import type { Random } from "../../fuzz/random.ts";
import type { EffectKind, Process, Processes } from "./processes.ts";

interface Value {
  readonly type: number;
  readonly data: Uint8Array;
}

type Keys = ReadonlyMap<string, ReadonlyMap<string, Value>>;

const FILE_NOT_FOUND = 0x8007_0002;
const ACCESS_DENIED = 0x8007_0005;
const IO_DEVICE = 0x8007_045d;

/** The registry; what is not flushed may be lost by a power cut, the newest first. */
export class MachineRegistry {
  readonly #processes: Processes;
  readonly #random: Random;
  #keys: Keys = new Map([["SOFTWARE", new Map()]]);
  /** What a power cut may leave: the state at the last flush, and after each change since. */
  #states: Keys[] = [this.#keys];

  constructor(processes: Processes, random: Random) {
    this.#processes = processes;
    this.#random = random;
  }

  powerCut(): void {
    this.#keys = this.#random.pick(this.#states);
    this.#states = [this.#keys];
  }

  of(process: Process): MarkApi {
    const run = <T>(effect: EffectKind, path: string, perform: () => T): T =>
      this.#processes.now(process, effect, path.replace(/^.*\\/u, ""), (fault) => {
        if (fault === "error") throw new NativeError(IO_DEVICE, effect, "An I/O error occurred.");
        return perform();
      });
    return {
      readRegistryKey: (path) => run("registry.list", path, () => this.#list(path)),
      readRegistryValue: (path, name) =>
        run("registry.read", path, () => this.#keys.get(path)?.get(name) ?? null),
      createRegistryKey: (path) => run("registry.create", path, () => this.#create(path)),
      writeRegistryValue: (path, name, type, data) =>
        run("registry.write", path, () => this.#write(path, name, { type, data })),
      flushRegistryKey: (path) =>
        run("registry.flush", path, () => {
          if (!this.#keys.has(path)) throw new NativeError(FILE_NOT_FOUND, "RegOpenKeyExW");
          this.#states = [this.#keys];
        }),
      deleteRegistryKey: (path) => run("registry.delete", path, () => this.#delete(path)),
    };
  }

  #change(keys: Keys): void {
    this.#keys = keys;
    this.#states.push(keys);
  }

  #list(path: string): ReturnType<MarkApi["readRegistryKey"]> {
    const key = this.#keys.get(path);
    if (key === undefined) return null;
    const prefix = `${path}\\`;
    const subkeys = [...this.#keys.keys()]
      .filter((other) => other.startsWith(prefix) && !other.slice(prefix.length).includes("\\"))
      .map((other) => other.slice(prefix.length));
    return { values: [...key.keys()], subkeys };
  }

  #create(path: string): boolean {
    if (this.#keys.has(path)) return false;
    const keys = new Map(this.#keys);
    const parts = path.split("\\");
    for (const index of parts.keys()) {
      const ancestor = parts.slice(0, index + 1).join("\\");
      if (!keys.has(ancestor)) keys.set(ancestor, new Map());
    }
    this.#change(keys);
    return true;
  }

  #write(path: string, name: string, value: Value): void {
    const key = this.#keys.get(path);
    if (key === undefined) throw new NativeError(FILE_NOT_FOUND, "RegOpenKeyExW");
    this.#change(new Map(this.#keys).set(path, new Map(key).set(name, value)));
  }

  #delete(path: string): boolean {
    if (!this.#keys.has(path)) return false;
    const hasSubkeys = [...this.#keys.keys()].some((other) => other.startsWith(`${path}\\`));
    if (hasSubkeys) throw new NativeError(ACCESS_DENIED, "RegDeleteKeyExW");
    const keys = new Map(this.#keys);
    keys.delete(path);
    this.#change(keys);
    return true;
  }
}
