import { describe, expect, it } from "vitest";

import type { RawRegistryValue } from "../../../../src/runtime/native/binding.ts";
import {
  decodeString,
  encodeNumber,
  encodeString,
  sameValue,
  showValue,
  textsOf,
  typeName,
} from "../../../../src/tools/registration/registry-value.ts";

describe("REG_SZ", () => {
  it("is UTF-16, little endian, with its terminator", () => {
    expect(encodeString("aß")).toEqual({ type: 1, data: Uint8Array.of(0x61, 0, 0xdf, 0, 0, 0) });
  });

  it.each(["", "Ledger", "\u{1F4D2}", "a \uD83D b", "x".repeat(30_000)])(
    "is read unchanged",
    (text) => {
      expect(decodeString(encodeString(text))).toBe(text);
    },
  );

  it.each([
    ["without a terminator", [0x61, 0], "a"],
    ["with two terminators", [0x61, 0, 0, 0, 0, 0], "a"],
    ["with something behind its terminator", [0x61, 0, 0, 0, 0x62, 0], "a"],
    ["of half a character", [0x61, 0, 0x62], "a"],
    ["of no bytes", [], ""],
  ])("is read %s", (_, bytes, text) => {
    expect(decodeString({ type: 1, data: Uint8Array.from(bytes) })).toBe(text);
  });

  it.each([null, { type: 2, data: Uint8Array.of(0x61, 0) }, { type: 3, data: new Uint8Array() }])(
    "is nothing else",
    (value) => {
      expect(decodeString(value)).toBeUndefined();
    },
  );
});

describe("sameValue", () => {
  const a = encodeString("a");
  it.each([
    ["two absences", null, null, true],
    ["a value and an absence", a, null, false],
    ["an absence and a value", null, a, false],
    ["the same bytes", a, encodeString("a"), true],
    ["other bytes", a, encodeString("b"), false],
    ["the same bytes of another type", a, { ...a, type: 3 }, false],
    ["more bytes", a, { ...a, data: Uint8Array.of(...a.data, 0) }, false],
  ])("compares %s", (_, left, right, same) => {
    expect(sameValue(left, right)).toBe(same);
  });
});

describe("REG_DWORD", () => {
  it("has 32 bits, little endian", () => {
    expect(encodeNumber(0xfffe0001)).toEqual({ type: 4, data: Uint8Array.of(1, 0, 0xfe, 0xff) });
  });
});

describe("showValue", () => {
  it.each([
    [encodeNumber(4_294_967_295), "4294967295"],
    [{ type: 4, data: Uint8Array.of(1, 2) }, "type 4, 0102"],
  ])("shows the number of %j as %s", (value, shown) => {
    expect(showValue(value)).toBe(shown);
  });

  it("shows texts, bytes and absence differently", () => {
    const shown = [null, encodeString("nothing"), { type: 3, data: Uint8Array.of(1, 255) }];
    expect(new Set(shown.map(showValue)).size).toBe(3);
  });
});

function rawValue(type: number, text: string): RawRegistryValue {
  return { type, data: Buffer.from(text, "utf16le") };
}

describe("a value that others read as text", () => {
  it.each([
    ["REG_SZ, up to its end", rawValue(1, "a\0b\0"), ["a"]],
    ["REG_SZ without a text", rawValue(1, "\0"), []],
    ["REG_EXPAND_SZ", rawValue(2, "%a%\0b\0"), ["%a%"]],
    ["REG_MULTI_SZ, each text", rawValue(7, "a\0b\0\0"), ["a", "b"]],
    ["REG_DWORD, none", rawValue(4, "ab"), []],
  ])("is read as %s", (_, raw, texts) => {
    expect(textsOf(raw)).toEqual(texts);
  });

  it("is named by its type", () => {
    expect([typeName(rawValue(7, "")), typeName(rawValue(99, ""))]).toEqual([
      "REG_MULTI_SZ",
      "type 99",
    ]);
  });
});
