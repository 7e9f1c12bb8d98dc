import { describe, expect, it } from "vitest";

import { createGuid, nameGuid, parseGuid, parseId } from "../../../src/base/guid.ts";

const canonical = "{CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B}";

describe("parseGuid", () => {
  it.each([
    ["canonical", canonical],
    ["without braces", "CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B"],
    ["lower case", "{ce4ef7dc-18ce-4a11-b4c9-d7a668637d1b}"],
    ["mixed case without braces", "ce4EF7dc-18CE-4a11-B4C9-d7a668637D1B"],
  ])("makes a GUID %s canonical", (_, text) => {
    expect(parseGuid(text)).toBe(canonical);
  });

  it.each([
    ["an empty text", ""],
    ["empty braces", "{}"],
    ["only the opening brace", "{CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B"],
    ["only the closing brace", "CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B}"],
    ["parentheses", "(CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B)"],
    ["a digit too few", "{CE4EF7DC-18CE-4A11-B4C9-D7A668637D1}"],
    ["a digit too many", "{CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B0}"],
    ["hyphens in other places", "{CE4EF7DC1-8CE-4A11-B4C9-D7A668637D1B}"],
    ["hyphens alone", `{${"-".repeat(36)}}`],
    ["no hyphens", "{CE4EF7DC18CE4A11B4C9D7A668637D1B}"],
    ["a letter that is not a digit", "{GE4EF7DC-18CE-4A11-B4C9-D7A668637D1B}"],
    ["a letter that folds to none", "{CE4EF7DC-18CE-4A11-B4C9-D7A66863\u017FD1B}"],
    ["white space around it", ` ${canonical} `],
    ["a line feed behind it", `${canonical}\n`],
    ["two of them", `${canonical}${canonical}`],
  ])("refuses %s", (_, text) => {
    expect(parseGuid(text)).toBeUndefined();
  });
});

describe("parseId", () => {
  it("reads a GUID like parseGuid", () => {
    expect(parseId(canonical.toLowerCase())).toBe(canonical);
    expect(parseId("ledger")).toBeUndefined();
  });

  it.each(["{00000000-0000-0000-0000-000000000000}", "00000000-0000-0000-0000-000000000000"])(
    "refuses %s, which identifies nothing",
    (text) => {
      expect(parseGuid(text)).toBeDefined();
      expect(parseId(text)).toBeUndefined();
    },
  );
});

describe("createGuid", () => {
  it("makes a different canonical GUID each time", () => {
    const guids = Array.from({ length: 100 }, createGuid);
    expect(guids.map(parseGuid)).toEqual(guids);
    expect(new Set(guids).size).toBe(100);
  });
});

describe("nameGuid", () => {
  it("always returns the same GUID of version 5 for a name", () => {
    expect(nameGuid("a")).toBe("{30925AB4-D610-5F45-82A5-BF16B26B6B53}");
    expect(nameGuid("b")).not.toBe(nameGuid("a"));
  });
});
