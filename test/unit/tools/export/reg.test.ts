import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { PlanEntry } from "../../../../src/tools/registration/plan.ts";
import { reg, writeReg } from "../../../../src/tools/export/reg.ts";
import { encodeString } from "../../../../src/tools/registration/registry-value.ts";
import { WRITER_ID } from "../../../helpers/manifest.ts";
import { parseReg } from "../../../helpers/parse-reg.ts";
import { contextOf, planOf } from "./context.ts";

// Any UTF-16, including halves of surrogate pairs.
const anyUnits = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(0x22, 0x5c, 0x0a, 0x00)), {
    maxLength: 30,
  })
  .map((units) => String.fromCharCode(...units));
// The names of keys and values in a plan never have control characters.
const name = anyUnits.map((text) => text.replaceAll(/[\p{Cc}]/gu, ""));
const value = fc.oneof(
  anyUnits.map(encodeString),
  fc.record({
    type: fc.integer({ min: 0, max: 0xffff }),
    data: fc.uint8Array({ maxLength: 200 }),
  }),
  fc.record({
    type: fc.constant(4),
    data: fc.uint8Array({ minLength: 4, maxLength: 4 }),
  }),
);
const entry: fc.Arbitrary<PlanEntry> = fc.record({
  key: name.map((text) => `SOFTWARE\\${text.replaceAll(/[\\[\]]/gu, "")}x`),
  name,
  value,
  why: fc.constant("a test"),
});

describe("writeReg", () => {
  it("writes every type and every character so that a reader gets the same value", () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 8 }), (plan) => {
        const expected = plan.map(({ key, name: slot, value: { type, data } }) => ({
          key,
          name: slot,
          type,
          hex: Buffer.from(data).toString("hex"),
        }));
        expect(parseReg(writeReg(plan)).values).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it("folds bytes like regedit, with at most 79 characters a line", () => {
    const data = Uint8Array.from({ length: 300 }, (_, index) => index % 256);
    const plan = [{ key: "SOFTWARE\\x", name: "bytes", value: { type: 3, data }, why: "" }];
    const lines = Buffer.from(writeReg(plan)).toString("utf16le").split("\r\n");
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(79);
    expect(lines.filter((line) => line.startsWith("  ")).length).toBeGreaterThan(5);
  });
});

describe("reg", () => {
  const [main, undo] = reg.write(planOf(), contextOf());
  const removal = Buffer.from(undo?.content ?? []).toString("utf16le");

  it("contains the plan in order", () => {
    expect(
      parseReg(main?.content ?? new Uint8Array()).values.map(({ key, name: slot }) => [key, slot]),
    ).toEqual(planOf().map(({ key, name: slot }) => [key, slot]));
  });

  it("removes each value and then the registration's own keys, the writer first", () => {
    expect(removal.match(/=-\r\n/gu)).toHaveLength(planOf().length);
    const removed = [...removal.matchAll(/^\[-HKEY_LOCAL_MACHINE\\(.*)\]\r$/gmu)];
    expect(removed[0]?.[1]).toContain(WRITER_ID);
    expect(removed).toHaveLength(new Set(planOf().map(({ key }) => key)).size);
  });

  it("begins with a byte order mark and ends its lines with CRLF", () => {
    expect(Buffer.from(main?.content ?? []).subarray(0, 2)).toEqual(Buffer.from([0xff, 0xfe]));
    expect(removal.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/u);
  });
});
