import { describe, expect, it } from "vitest";

import type { FileAccessEntry } from "../../../../src/runtime/native/binding.ts";
import { accessOfOthers } from "../../../../src/tools/registration/file-access.ts";

const SYSTEM = "S-1-5-18";
const ADMINISTRATORS = "S-1-5-32-544";
const EVERYONE = "S-1-1-0";
const ANONYMOUS = "S-1-5-7";
const USERS = "S-1-5-32-545";
const ALICE = "S-1-5-21-1-2-3-1001";
const CREATOR_OWNER = "S-1-3-0";
const OWNER_RIGHTS = "S-1-3-4";

const WRITE = 0x2;
const WRITE_DAC = 0x40000;
const INHERIT_ONLY = 0x8;

function allow(sid: string, mask: number, flags = 0): FileAccessEntry {
  return { kind: "allow", sid, mask, flags };
}

function deny(sid: string, mask: number, flags = 0): FileAccessEntry {
  return { kind: "deny", sid, mask, flags };
}

function others(entries: readonly FileAccessEntry[] | null, owner = ADMINISTRATORS): object {
  const found = accessOfOthers({ owner, entries }, new Set([SYSTEM, ADMINISTRATORS]));
  return Object.fromEntries(found.map(({ sid, mask }) => [sid, mask]));
}

describe("accessOfOthers", () => {
  it.each<
    [what: string, entries: readonly FileAccessEntry[] | null, found: object, owner?: string]
  >([
    ["no list at all", null, { [EVERYONE]: 0x1f01ff }],
    ["an empty list", [], {}],
    ["the trusted alone", [allow(SYSTEM, 0x1f01ff), allow(ADMINISTRATORS, 0x1f01ff)], {}],
    ["a right of others", [allow(USERS, WRITE)], { [USERS]: WRITE }],
    ["rights in two entries", [allow(USERS, WRITE), allow(USERS, WRITE_DAC)], { [USERS]: 0x40002 }],
    ["what is for those below alone", [allow(USERS, WRITE, INHERIT_ONLY)], {}],
    ["what is for those below as well", [allow(USERS, WRITE, 0x3)], { [USERS]: WRITE }],
    ["the creator, which is only a placeholder", [allow(CREATOR_OWNER, 0x1f01ff)], {}],
    ["a denial before", [deny(USERS, WRITE), allow(USERS, 0x6)], { [USERS]: 0x4 }],
    [
      "a denial after, which comes too late",
      [allow(USERS, WRITE), deny(USERS, WRITE)],
      {
        [USERS]: WRITE,
      },
    ],
    ["a denial to everybody", [deny(EVERYONE, WRITE), allow(USERS, WRITE)], {}],
    [
      "a denial to everybody, which does not reach the anonymous",
      [deny(EVERYONE, WRITE), allow(ANONYMOUS, WRITE)],
      { [ANONYMOUS]: WRITE },
    ],
    [
      "a denial to a group that an account may not be in",
      [deny(USERS, WRITE), allow(ALICE, WRITE)],
      { [ALICE]: WRITE },
    ],
    [
      "a denial for those below alone",
      [deny(USERS, WRITE, INHERIT_ONLY), allow(USERS, WRITE)],
      { [USERS]: WRITE },
    ],
    ["GENERIC_ALL", [allow(USERS, 0x1000_0000)], { [USERS]: 0x1f01ff }],
    ["GENERIC_WRITE", [allow(USERS, 0x4000_0000)], { [USERS]: 0x120116 }],
    ["GENERIC_READ and GENERIC_EXECUTE", [allow(USERS, 0xa000_0000)], { [USERS]: 0x1200a9 }],
    ["an owner, who may change the list", [], { [ALICE]: WRITE_DAC }, ALICE],
    ["an owner with rights", [allow(ALICE, WRITE)], { [ALICE]: 0x40002 }, ALICE],
    ["an owner whom the list limits", [allow(OWNER_RIGHTS, 0x20000)], { [ALICE]: 0x20000 }, ALICE],
    [
      "a limit of owners for those below alone",
      [allow(OWNER_RIGHTS, 0x20000, INHERIT_ONLY)],
      { [ALICE]: WRITE_DAC },
      ALICE,
    ],
    ["a limit of owners where the owner is trusted", [allow(OWNER_RIGHTS, 0x1f01ff)], {}],
  ])("finds the access of others: %s", (_, entries, found, owner) => {
    expect(others(entries, owner)).toEqual(found);
  });
});
