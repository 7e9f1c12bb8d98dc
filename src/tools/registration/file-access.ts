import type { FileAccessEntry, FileSecurity } from "../../runtime/native/binding.ts";
import { SID } from "../../base/sid.ts";

/**
 * Rights to a file or a folder that change what runs from it (winnt.h).
 *
 * @see https://learn.microsoft.com/windows/win32/fileio/file-access-rights-constants
 */
export const FILE_RIGHTS: {
  readonly WRITE_DATA: 0x2;
  readonly APPEND_DATA: 0x4;
  readonly DELETE_CHILD: 0x40;
  readonly WRITE_ATTRIBUTES: 0x100;
  readonly DELETE: 0x10000;
  readonly WRITE_DAC: 0x40000;
  readonly WRITE_OWNER: 0x80000;
} = {
  WRITE_DATA: 0x2, // a folder's FILE_ADD_FILE
  APPEND_DATA: 0x4, // a folder's FILE_ADD_SUBDIRECTORY
  DELETE_CHILD: 0x40,
  WRITE_ATTRIBUTES: 0x100,
  DELETE: 0x10000,
  WRITE_DAC: 0x40000,
  WRITE_OWNER: 0x80000,
};

/** The rights of one account to a file or a folder. */
export interface GrantedAccess {
  readonly sid: string;
  readonly mask: number;
}

const INHERIT_ONLY_ACE = 0x8; // winnt.h: for new objects below, not for the object itself

// The rights for which NTFS uses the four generic rights: FILE_GENERIC_* and FILE_ALL_ACCESS (winnt.h).
const genericRights: readonly (readonly [generic: number, mapped: number])[] = [
  [0x1000_0000, 0x1f01ff], // GENERIC_ALL
  [0x2000_0000, 0x1200a0], // GENERIC_EXECUTE
  [0x4000_0000, 0x120116], // GENERIC_WRITE
  [0x8000_0000, 0x120089], // GENERIC_READ
];

const EVERYTHING = 0x1f01ff; // FILE_ALL_ACCESS

function mapGeneric(mask: number): number {
  return genericRights
    .filter(([generic]) => (mask & generic) !== 0)
    .reduce((mapped, [, rights]) => mapped | rights, mask & 0x0fff_ffff);
}

// A denial to a group does not count for an account that may not be a member. Every account is a
// member of Everyone, except an anonymous one.
function covers(denied: string, sid: string): boolean {
  return denied === sid || (denied === SID.everyone && sid !== SID.anonymous);
}

/** Returns the rights of `sid`, in the order of the list: an earlier denial wins. */
function rightsOf(sid: string, entries: readonly FileAccessEntry[]): number {
  let allowed = 0;
  let denied = 0;
  for (const entry of entries) {
    const mask = mapGeneric(entry.mask);
    if (entry.kind === "deny" && covers(entry.sid, sid)) denied |= mask & ~allowed;
    if (entry.kind === "allow" && entry.sid === sid) allowed |= mask & ~denied;
  }
  return allowed;
}

/**
 * Lists the rights of all accounts to a file or a folder, except the trusted ones.
 *
 * It does not resolve group members: it lists a right with the account or group that the list names.
 *
 * @param trusted SIDs to skip.
 */
export function accessOfOthers(
  { owner, entries }: FileSecurity,
  trusted: ReadonlySet<string>,
): readonly GrantedAccess[] {
  if (entries === null) return [{ sid: SID.everyone, mask: EVERYTHING }];
  const own = entries.filter(({ flags }) => (flags & INHERIT_ONLY_ACE) === 0);
  // An owner can always change the list, unless the list sets the rights of owners.
  const limitsOwner = own.some(({ sid }) => sid === SID.ownerRights);
  const sids = new Set([owner, ...own.map(({ sid }) => sid)]);
  // The first two are placeholders for the creator and give no rights to an existing object. The
  // third is the owner, who is listed by name.
  for (const sid of [SID.creatorOwner, SID.creatorGroup, SID.ownerRights]) sids.delete(sid);
  return [...sids].flatMap((sid) => {
    if (trusted.has(sid)) return [];
    let mask = rightsOf(sid, own);
    if (sid === owner) {
      mask |= limitsOwner ? rightsOf(SID.ownerRights, own) : FILE_RIGHTS.WRITE_DAC;
    }
    return mask === 0 ? [] : [{ sid, mask }];
  });
}
