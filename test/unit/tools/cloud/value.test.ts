import { describe, expect, it } from "vitest";

import { encodeValue, type CloudStatusValueType } from "../../../../src/tools/cloud/value.ts";

type Case = readonly [type: CloudStatusValueType, value: unknown, text: string];

const written: readonly Case[] = [
  ["string", "", ""],
  ["string", " as it is ", " as it is "],
  ["string", "\u{1F4D2} \uD83D", "\u{1F4D2} \uD83D"],
  ["number", 0, "0"],
  ["number", -0, "0"],
  ["number", -5, "-5"],
  ["number", 1e15, "1000000000000000"],
  ["number", Number.MAX_SAFE_INTEGER, "9007199254740991"],
  ["number", 2n ** 63n - 1n, "9223372036854775807"],
  ["number", "-9223372036854775808", "-9223372036854775808"],
  ["number", "007", "7"],
  ["size", 0, "0"],
  ["size", 2n ** 64n - 1n, "18446744073709551615"],
  ["size", "18446744073709551615", "18446744073709551615"],
  ["dateTime", new Date("2025-03-30T01:30:00.999Z"), "2025-03-30T01:30:00Z"],
  ["dateTime", "2025-03-30T01:30:00Z", "2025-03-30T01:30:00Z"],
  ["dateTime", "2025-03-30T01:30+02:00", "2025-03-29T23:30:00Z"],
  ["dateTime", "2024-02-29T23:59:59.5-11:30", "2024-03-01T11:29:59Z"],
  ["dateTime", new Date(Date.UTC(1601, 0, 1)), "1601-01-01T00:00:00Z"],
  ["dateTime", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"],
  ["time", new Date("2025-03-30T01:30:59.999Z"), "01:30:59"],
  ["time", new Date("-000100-01-01T04:05:06Z"), "04:05:06"],
  ["time", "23:59", "23:59:00"],
  ["time", "00:00:07", "00:00:07"],
];

const refused: readonly (readonly [type: CloudStatusValueType, value: unknown])[] = [
  ["string", undefined],
  ["string", 5],
  ["string", "a\0b"],
  ["number", 1.5],
  ["number", Number.NaN],
  ["number", Infinity],
  ["number", 2 ** 53],
  ["number", 2n ** 63n],
  ["number", "9223372036854775808"],
  ["number", "1e3"],
  ["number", "0x10"],
  ["number", ""],
  ["number", " 5"],
  ["number", "5\n"],
  ["number", true],
  ["size", -1],
  ["size", -1n],
  ["size", "-1"],
  ["size", 2n ** 64n],
  ["dateTime", new Date(Number.NaN)],
  ["dateTime", new Date(Date.UTC(1600, 11, 31, 23, 59, 59))],
  ["dateTime", new Date(Date.UTC(10_000, 0, 1))],
  ["dateTime", "2025-03-30T01:30:00"],
  ["dateTime", "2025-03-30"],
  ["dateTime", "2025-02-30T00:00:00Z"],
  ["dateTime", "2025-02-29T00:00:00Z"],
  ["dateTime", "2025-13-01T00:00:00Z"],
  ["dateTime", "2025-01-01T24:00:00Z"],
  ["dateTime", "2025-01-01T00:00:60Z"],
  ["dateTime", "30 March 2025 01:30 UTC"],
  ["dateTime", "9999-12-31T23:59:59-01:00"],
  ["dateTime", 1_743_298_200_000],
  ["time", "24:00"],
  ["time", "1:30"],
  ["time", "01:60"],
  ["time", "01:30Z"],
  ["time", new Date(Number.NaN)],
  ["time", 5400],
];

describe("a status value", () => {
  it.each(written)("of type %s from %o is written as %j", (type, value, text) => {
    expect(encodeValue(type, value)).toEqual({ text });
  });

  it.each(refused)("of type %s is refused from %o", (type, value) => {
    expect(encodeValue(type, value)).toEqual({ rule: expect.stringMatching(/^must /u) });
  });
});
