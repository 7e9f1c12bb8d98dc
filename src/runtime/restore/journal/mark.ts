import { windowsError } from "../../../base/errors.ts";
import type { NativeBinding } from "../../native/binding.ts";
import type { JournalService } from "./step.ts";

/** The part of the shim that marks need. */
export type MarkApi = Pick<
  NativeBinding,
  | "readRegistryKey"
  | "readRegistryValue"
  | "createRegistryKey"
  | "writeRegistryValue"
  | "flushRegistryKey"
  | "deleteRegistryKey"
>;

/** A service whose start is owed, or only its start type, and how Windows started it before. */
export type MarkedService = Pick<
  JournalService,
  "name" | "startTypeBefore" | "delayedStartBefore" | "staysStopped"
>;

/** What says, beside the journal, that a session is open. */
export interface Mark {
  readonly sessionId: string;
  readonly services: readonly MarkedService[];
}

/** The mark of an add-in: "unreadable" when it is damaged, or of another version of the kit. */
export type FoundMark = Mark | "unreadable" | undefined;

// Below HKEY_LOCAL_MACHINE\SOFTWARE, where only SYSTEM and Administrators may write.
const MARKS_KEY = "SOFTWARE\\wsb-addin\\Sessions";
/** The value of a mark. Only one, so that it changes as a whole. */
export const MARK_VALUE = "session";
const VERSION = "2";
const REG_MULTI_SZ = 7;
const DELAYED = "delayed";
const STAYS_STOPPED = "stays stopped";

const startTypes = ["boot", "system", "automatic", "manual", "disabled"] as const;

function parentOf(key: string): string {
  return key.slice(0, key.lastIndexOf("\\"));
}

/** The key of an add-in's mark, below HKEY_LOCAL_MACHINE. */
export function markKey(clsid: string): string {
  return `${MARKS_KEY}\\${clsid}`;
}

/** A service's name has no backslash. */
function formatService(service: MarkedService): string {
  const { name, startTypeBefore, delayedStartBefore, staysStopped } = service;
  const more = [...(delayedStartBefore ? [DELAYED] : []), ...(staysStopped ? [STAYS_STOPPED] : [])];
  return [name, startTypeBefore, ...more].join("\\");
}

function parseService(text: string): MarkedService | undefined {
  const [name, startType, ...more] = text.split("\\");
  const startTypeBefore = startTypes.find((one) => one === startType);
  if (name === undefined || name === "" || startTypeBefore === undefined) return undefined;
  if (more.some((one) => one !== DELAYED && one !== STAYS_STOPPED)) return undefined;
  const staysStopped = more.includes(STAYS_STOPPED) ? { staysStopped: true as const } : {};
  return { name, startTypeBefore, delayedStartBefore: more.includes(DELAYED), ...staysStopped };
}

function format({ sessionId, services }: Mark): Uint8Array {
  const texts = [VERSION, sessionId, ...services.map(formatService)];
  return Buffer.from(`${texts.join("\0")}\0\0`, "utf16le");
}

function parse(data: Uint8Array): Mark | "unreadable" {
  const text = Buffer.from(data).toString("utf16le");
  const [version, sessionId, ...services] = text.replace(/\0+$/u, "").split("\0");
  const parsed = services.map(parseService);
  const sound = parsed.filter((one) => one !== undefined);
  if (version !== VERSION || sessionId === undefined || sessionId === "") return "unreadable";
  return sound.length === parsed.length ? { sessionId, services: sound } : "unreadable";
}

/**
 * The machine's marks of open restore sessions, one for each add-in. They show two things that a
 * journal cannot: that a journal is missing, and which services other add-ins need stopped.
 */
export class Marks {
  readonly #api: MarkApi;

  constructor(api: MarkApi) {
    this.#api = api;
  }

  /** @throws {@link WsbError} `ERR_WSB_WINDOWS_API` or `ERR_WSB_ACCESS_DENIED`. */
  read(clsid: string): FoundMark {
    return explained("read", clsid, () => {
      const value = this.#api.readRegistryValue(markKey(clsid), MARK_VALUE);
      if (value !== null) return value.type === REG_MULTI_SZ ? parse(value.data) : "unreadable";
      // A key without the value: its session had not begun.
      return undefined;
    });
  }

  /** Writes a mark; it survives a power cut when this returns. */
  write(clsid: string, mark: Mark): void {
    explained("write", clsid, () => {
      const key = markKey(clsid);
      this.#api.createRegistryKey(key);
      this.#api.writeRegistryValue(key, MARK_VALUE, REG_MULTI_SZ, format(mark));
      this.#api.flushRegistryKey(key);
    });
  }

  /** Removes a mark; one that is gone is fine. */
  remove(clsid: string): void {
    explained("remove", clsid, () => {
      this.#api.deleteRegistryKey(markKey(clsid));
      for (const key of [MARKS_KEY, parentOf(MARKS_KEY)]) this.#removeEmpty(key);
    });
  }

  #removeEmpty(key: string): void {
    const content = this.#api.readRegistryKey(key);
    if (content === null || content.subkeys.length > 0 || content.values.length > 0) return;
    this.#api.deleteRegistryKey(key);
  }

  /** The add-ins, other than `clsid`, that have a mark. */
  others(clsid: string): readonly { readonly clsid: string; readonly mark: FoundMark }[] {
    const keys = this.#api.readRegistryKey(MARKS_KEY)?.subkeys ?? [];
    return keys
      .filter((key) => key.toUpperCase() !== clsid.toUpperCase())
      .map((key) => ({ clsid: key, mark: this.read(key) }));
  }
}

/** Returns the class ids of all add-ins that have a mark, or what is left of one. */
export function sessionMarks(
  api: Pick<MarkApi, "readRegistryKey" | "readRegistryValue">,
): readonly string[] {
  const keys = api.readRegistryKey(MARKS_KEY)?.subkeys ?? [];
  // A key without the value: its session had not begun.
  return keys.filter((clsid) => api.readRegistryValue(markKey(clsid), MARK_VALUE) !== null);
}

function explained<T>(what: string, clsid: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw windowsError(
      `Cannot ${what} the mark of a restore session, HKLM\\${markKey(clsid)}`,
      "Run from an elevated prompt, and check the permissions of this registry key.",
      error,
    );
  }
}
