/** Reads the access control list in Windows' notation for security descriptors (SDDL). */
import { SID } from "../../base/sid.ts";

/** An entry that lets in or keeps out. */
export interface AccessEntry {
  readonly kind: "allow" | "deny";
  readonly trustee: string;
  readonly mask: number;
}

/** @see https://learn.microsoft.com/windows/win32/secauthz/ace-strings */
const rights: Readonly<Record<string, number>> = {
  CC: 0x1,
  DC: 0x2,
  LC: 0x4,
  SW: 0x8,
  RP: 0x10,
  WP: 0x20,
  DT: 0x40,
  LO: 0x80,
  CR: 0x100,
  GA: 0x1f,
};

/** @see https://learn.microsoft.com/windows/win32/secauthz/sid-strings */
const trustees: Readonly<Record<string, string>> = {
  SY: SID.system,
  BA: SID.administrators,
  BO: SID.backupOperators,
  WD: SID.everyone,
  AU: "S-1-5-11",
  NS: "S-1-5-20",
  LS: "S-1-5-19",
};

function maskOf(text: string): number {
  if (/^0x[\da-f]+$/iu.test(text)) return Number(text);
  const names = text.match(/../gu) ?? [];
  // Rights that COM does not use, such as WRITE_DAC, grant nothing here.
  return names.reduce((sum, name) => sum | (rights[name] ?? 0), 0);
}

const ENTRY =
  /\((?<type>[A-Z]+);(?<flags>[A-Z]*);(?<rights>\w*);[^;]*;[^;]*;(?<trustee>[^;)]+)[^)]*\)/gu;

/**
 * Returns the entries of the list of a descriptor, in order; `undefined` if it has no list, so that
 * everybody has access.
 */
export function readAccess(descriptor: string): readonly AccessEntry[] | undefined {
  const list = /D:(?<flags>[A-Z_]*)(?<entries>(?:\([^)]*\))*)/u.exec(descriptor)?.groups;
  if (list === undefined || /NO_ACCESS_CONTROL/u.test(list["flags"] ?? "")) return undefined;
  return [...(list["entries"] ?? "").matchAll(ENTRY)].flatMap(({ groups = {} }) => {
    const { type = "", trustee = "", rights: text = "" } = groups;
    const kind = type === "A" ? "allow" : type === "D" ? "deny" : undefined;
    if (kind === undefined) return [];
    return [{ kind, trustee: trustees[trustee] ?? trustee, mask: maskOf(text) }];
  });
}

// The old form of a right of COM, which grants every right.
const EXECUTE = 0x1;
const EVERY_RIGHT = 0x1f;

function comMask(mask: number): number {
  return (mask & EVERY_RIGHT) === EXECUTE ? EVERY_RIGHT : mask;
}

/** Returns the rights of COM that an account with these groups has. */
export function grantedTo(
  entries: readonly AccessEntry[] | undefined,
  sids: readonly string[],
): number {
  if (entries === undefined) return EVERY_RIGHT;
  let allowed = 0;
  let denied = 0;
  for (const { kind, trustee, mask } of entries) {
    if (!sids.includes(trustee)) continue;
    if (kind === "deny") denied |= comMask(mask) & ~allowed;
    else allowed |= comMask(mask) & ~denied;
  }
  return allowed;
}
