import { describe, expect, it } from "vitest";

import { showDuration } from "../../../../src/tools/report/duration.ts";
import { createScale } from "../../../../src/tools/report/scale.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

describe("showDuration", () => {
  it.each([
    [0, "0 ms"],
    [0.4, "0 ms"],
    [999, "999 ms"],
    [1000, "1 s"],
    [1234, "1.2 s"],
    [9940, "9.9 s"],
    [9999, "10 s"],
    [59_499, "59 s"],
    [59_999, "1 min"],
    [61_000, "1 min 1 s"],
    [hour, "1 h"],
    [hour + 59 * second, "1 h"],
    [2 * hour + 10 * minute + 5 * second, "2 h 10 min"],
    [25 * hour + 30 * minute, "1 d 1 h"],
  ])("shows %d ms as %s", (ms, text) => {
    expect(showDuration(ms)).toBe(text);
  });
});

describe("createScale", () => {
  it("draws time in proportion", () => {
    const scale = createScale([0, 1000, 4000], 100, 800);
    expect([0, 500, 1000, 4000].map(scale.toX)).toEqual([100, 200, 300, 900]);
    expect(scale.breaks).toEqual([]);
  });

  it("draws an hour between two calls as a break, and the calls in proportion", () => {
    const scale = createScale([0, 3000, 3000 + hour, 4000 + hour], 100, 856);
    expect(scale.breaks).toEqual([{ x: 700, width: 56, durationMs: hour }]);
    expect([3000, 3000 + hour, 4000 + hour].map(scale.toX)).toEqual([700, 756, 956]);
  });

  it("draws two equally long gaps as breaks", () => {
    const scale = createScale([0, 3000, hour, hour + 2000, 2 * hour], 0, 1000);
    expect(scale.breaks).toHaveLength(2);
  });

  it("never draws a short gap as a break", () => {
    expect(createScale([0, 1, 9000], 0, 1000).breaks).toEqual([]);
  });

  it("is monotonic, and stays within its width", () => {
    const times = Array.from({ length: 300 }, (_, index) => index ** 4 * 7);
    const scale = createScale(times.toReversed(), 100, 900);
    const places = times.map(scale.toX);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect([places[0], places.at(-1)]).toEqual([100, 1000]);
    expect(scale.breaks.length).toBeLessThanOrEqual(8);
  });

  it.each([
    ["no time", []],
    ["one time", [5]],
    ["one long gap", [0, hour]],
    ["times that are the same", [7, 7, 7]],
  ])("works with %s", (_, times) => {
    const scale = createScale(times, 100, 900);
    for (const time of [...times, -1, 2 * hour]) {
      expect(scale.toX(time)).toBeGreaterThanOrEqual(100);
      expect(scale.toX(time)).toBeLessThanOrEqual(1000);
    }
  });

  it.each([
    ["milliseconds", [0, 37], ["0 ms", "5 ms", "10 ms"]],
    ["seconds", [0, 37 * second], ["0 ms", "5 s", "10 s"]],
    ["hours", [0, 11 * hour], ["0 ms", "1 h", "2 h"]],
    ["days", [0, 90 * 24 * hour], ["0 ms", "10 d", "20 d"]],
  ])("has marks at round numbers of %s", (_, times, labels) => {
    const { ticks } = createScale(times, 0, 1000);
    expect(ticks.slice(0, 3).map(({ label }) => label)).toEqual(labels);
    expect(ticks.length).toBeLessThanOrEqual(13);
  });

  it("has marks that do not overlap, on both sides of a break", () => {
    const { ticks, breaks } = createScale([0, 3000, hour, hour + 4000], 0, 1000);
    const places = ticks.map(({ x }) => x);
    const gaps = places.slice(1).map((x, index) => x - (places[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(42);
    const [first] = breaks;
    expect(places.some((x) => x < (first?.x ?? 0))).toBe(true);
    expect(places.some((x) => x > (first?.x ?? 0))).toBe(true);
  });
});
