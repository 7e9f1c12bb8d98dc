import { windowsError } from "../../base/errors.ts";
import type { NativeBinding } from "../native/binding.ts";

/** The part of the shim that the switch needs. */
export type SwitchApi = Pick<
  NativeBinding,
  | "readRegistryKey"
  | "readRegistryValue"
  | "createRegistryKey"
  | "writeRegistryValue"
  | "flushRegistryKey"
  | "deleteRegistryKey"
>;

/** Who turned a writer off. */
export type OffReason = "administrator" | "failedFreezes";

/** The positions of the switch. `unreadable` is off too: somebody has set a value. */
export const SWITCH_STATES = ["on", "administrator", "failedFreezes", "unreadable"] as const;

export type SwitchState = (typeof SWITCH_STATES)[number];

// Below HKEY_LOCAL_MACHINE\SOFTWARE, where only SYSTEM and Administrators may write.
const WRITERS_KEY = "SOFTWARE\\wsb-addin\\Writers";
const OFF_VALUE = "off";
const REG_SZ = 1;

function keyOf(writerId: string): string {
  return `${WRITERS_KEY}\\${writerId}`;
}

/**
 * The switch of a writer, for a bad day: a writer that fails breaks every backup of the server. A
 * writer that is off does not take part in backups, so they lack its components.
 */
export class WriterSwitch {
  readonly #api: SwitchApi;
  readonly #writerId: string;

  constructor(api: SwitchApi, writerId: string) {
    this.#api = api;
    this.#writerId = writerId;
  }

  /** @throws {@link WsbError} `ERR_WSB_WINDOWS_API` or `ERR_WSB_ACCESS_DENIED`. */
  read(): SwitchState {
    return this.#explained("read", () => {
      const value = this.#api.readRegistryValue(keyOf(this.#writerId), OFF_VALUE);
      if (value === null) return "on";
      const text = Buffer.from(value.data).toString("utf16le").replace(/\0+$/u, "");
      const isKnown = text === "administrator" || text === "failedFreezes";
      return value.type === REG_SZ && isKnown ? text : "unreadable";
    });
  }

  /**
   * Turns the writer off; it survives a power cut when this returns.
   *
   * @throws As {@link read}.
   */
  turnOff(reason: OffReason): void {
    this.#explained("write", () => {
      const key = keyOf(this.#writerId);
      this.#api.createRegistryKey(key);
      this.#api.writeRegistryValue(key, OFF_VALUE, REG_SZ, Buffer.from(`${reason}\0`, "utf16le"));
      this.#api.flushRegistryKey(key);
    });
  }

  /**
   * Turns the writer on. Nothing happens when it is on.
   *
   * @throws As {@link read}.
   */
  turnOn(): void {
    this.#explained("remove", () => {
      this.#api.deleteRegistryKey(keyOf(this.#writerId));
      for (const key of [WRITERS_KEY, "SOFTWARE\\wsb-addin"]) this.#removeEmpty(key);
    });
  }

  #removeEmpty(key: string): void {
    const content = this.#api.readRegistryKey(key);
    if (content === null || content.subkeys.length > 0 || content.values.length > 0) return;
    this.#api.deleteRegistryKey(key);
  }

  #explained<T>(what: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw windowsError(
        `Cannot ${what} the switch of the writer, HKLM\\${keyOf(this.#writerId)}`,
        "Run from an elevated prompt, and check the permissions of this registry key.",
        error,
      );
    }
  }
}
