import { describe, expect, it } from "vitest";

import { encodeSid, parseSid } from "../../../src/base/sid.ts";

describe("parseSid", () => {
  it.each([
    ["S-1-5-18", "S-1-5-18"],
    ["s-1-5-32-544", "S-1-5-32-544"],
    ["S-1-0-0", "S-1-0-0"],
    ["S-1-5-21-1-2-3-4294967295", "S-1-5-21-1-2-3-4294967295"],
    [`S-1-281474976710655${"-1".repeat(15)}`, `S-1-281474976710655${"-1".repeat(15)}`],
  ])("reads %s", (text, sid) => {
    expect(parseSid(text)).toBe(sid);
  });

  it.each([
    "",
    "SYSTEM",
    "S-1-5",
    "S-2-5-18",
    "S-1-5-018",
    "S-1-5--18",
    "S-1-5-18-",
    " S-1-5-18",
    "S-1-5-18\n",
    "S-1-5-4294967296",
    "S-1-281474976710656-1",
    `S-1-5${"-1".repeat(16)}`,
    "S-1-0x5-18",
    "\u017F-1-5-18",
  ])("refuses %j", (text) => {
    expect(parseSid(text)).toBeUndefined();
  });
});

describe("encodeSid", () => {
  it.each([
    ["S-1-5-18", "010100000000000512000000"],
    ["S-1-5-32-551", "01020000000000052000000027020000"],
    ["S-1-281474976710655-4294967295", "0101ffffffffffffffffffff"],
    ["S-1-5-21-1-2-3-500", "010500000000000515000000010000000200000003000000f4010000"],
  ])("encodes %s like Windows", (sid, hex) => {
    expect(Buffer.from(encodeSid(sid)).toString("hex")).toBe(hex);
  });

  it("refuses an invalid SID", () => {
    expect(() => encodeSid("Users")).toThrow(
      expect.objectContaining({ code: "ERR_WSB_INVALID_ARGUMENT" }),
    );
  });
});
