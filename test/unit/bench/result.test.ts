import { describe, expect, it } from "vitest";

import { readOptions } from "../../../bench/options.ts";
import { compare, describe as describeValues, median, spreadOf } from "../../../bench/result.ts";
import { asText } from "../../../bench/table.ts";

describe("median and spread", () => {
  it.each([
    [[3], 3],
    [[1, 9, 2], 2],
    [[4, 1, 3, 2], 2.5],
  ])("the median of %j is %d", (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  it("the spread is half the distance of the quartiles, relative to the median", () => {
    expect(spreadOf([90, 100, 110, 95, 105])).toBeCloseTo(0.05);
    expect(spreadOf([5, 5, 5])).toBe(0);
    expect(spreadOf([0, 0])).toBe(0);
  });
});

describe("compare", () => {
  const pair = { ours: [[2000, 4000], [3000]], peer: [[1000, 2000], [2000]] };

  it("divides the medians of all values, and counts them", () => {
    const result = compare({ name: "a call", unit: "ms", factor: 1e-3, goal: 1.2 }, pair);
    expect(result).toEqual({
      name: "a call",
      value: 3,
      unit: "ms",
      peer: 2,
      ratio: 1.5,
      goal: 1.2,
      samples: 3,
      // Of the rounds' ratios, 2 and 1.5.
      spread: expect.closeTo(0.0714, 3),
    });
  });

  it("has no goal and no peer unless given", () => {
    expect(compare({ name: "a call", unit: "µs" }, pair).goal).toBeNull();
    const alone = describeValues({ name: "a size", unit: "KiB" }, [12_345]);
    expect(alone).toMatchObject({ value: 12_350, peer: null, ratio: null, goal: null, samples: 1 });
  });
});

function lineOf(value: number): string {
  return asText([compare({ name: "x", unit: "", goal: 1.5 }, { ours: [[value]], peer: [[1]] })]);
}

describe("the table for a terminal", () => {
  it("marks only results that miss their goal", () => {
    expect(lineOf(1.6)).toContain("≤ 1.50 ✗");
    expect(lineOf(1.5)).not.toContain("✗");
  });
});

describe("options", () => {
  it("reads known measures and refuses unknown ones", () => {
    expect(readOptions([])).toEqual({ isQuick: false, only: [], isTables: false });
    expect(readOptions(["--quick", "--only", "calls", "--only", "memory"])).toMatchObject({
      isQuick: true,
      only: ["calls", "memory"],
    });
    expect(() => readOptions(["--fast"])).toThrow(TypeError);
  });
});
