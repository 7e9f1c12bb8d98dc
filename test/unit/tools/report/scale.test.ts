import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  showDuration,
  showMultiple,
  showRoughDuration,
} from "../../../../src/tools/report/duration.ts";
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

describe("showMultiple", () => {
  it.each([
    [0, 10, "0 ms"],
    [950, 50, "950 ms"],
    [1050, 50, "1.05 s"],
    [90 * second, 10 * second, "1 min 30 s"],
    [hour, 1000, "1:00:00"],
    [hour + 1500, 500, "1:00:01.500"],
    [90 * minute, 30 * minute, "1 h 30 min"],
    [25 * hour + 30 * minute, 30 * minute, "1 d 1:30:00"],
    [48 * hour, 12 * hour, "2 d"],
  ])("shows %d ms of a scale with steps of %d ms as %s", (ms, stepMs, text) => {
    expect(showMultiple(ms, stepMs)).toBe(text);
  });

  it("shows neighbours differently", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(1, 20, 500, second, 5 * second, minute, 30 * minute, hour, 240 * hour),
        fc.integer({ min: 0, max: 1_000_000 }),
        (stepMs, index) => {
          const at = index * stepMs;
          expect(showMultiple(at, stepMs)).not.toBe(showMultiple(at + stepMs, stepMs));
        },
      ),
    );
  });
});

describe("showRoughDuration", () => {
  it.each([
    [0, "0 ms"],
    [9499, "9 s"],
    [59 * minute + 59 * second, "60 min"],
    [36 * hour, "2 d"],
  ])("shows %d ms as %s", (ms, text) => {
    expect(showRoughDuration(ms)).toBe(text);
  });
});

describe("createScale", () => {
  it("draws time in proportion", () => {
    const scale = createScale([0, 1000, 4000]);
    expect([0, 500, 1000, 4000].map(scale.toX)).toEqual([0, 12.5, 25, 100]);
    expect(scale.breaks).toEqual([]);
  });

  it("draws an hour between two calls as a break, and the calls in proportion", () => {
    const scale = createScale([0, 3000, 3000 + hour, 4000 + hour]);
    expect(scale.breaks).toEqual([{ x: 70.5, width: 6, durationMs: hour }]);
    expect([3000, 3000 + hour, 4000 + hour].map(scale.toX)).toEqual([70.5, 76.5, 100]);
  });

  it("draws two equally long gaps as breaks", () => {
    const scale = createScale([0, 3000, hour, hour + 2000, 2 * hour]);
    expect(scale.breaks).toHaveLength(2);
  });

  it("never draws a short gap as a break", () => {
    expect(createScale([0, 1, 9000]).breaks).toEqual([]);
  });

  it("is monotonic, and stays within its width", () => {
    const times = Array.from({ length: 300 }, (_, index) => index ** 4 * 7);
    const scale = createScale(times.toReversed());
    const places = times.map(scale.toX);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect([places[0], places.at(-1)]).toEqual([0, 100]);
    expect(scale.breaks.length).toBeLessThanOrEqual(8);
  });

  it.each([
    ["no time", []],
    ["one time", [5]],
    ["one long gap", [0, hour]],
    ["times that are the same", [7, 7, 7]],
  ])("works with %s", (_, times) => {
    const scale = createScale(times);
    for (const time of [...times, -1, 2 * hour]) {
      expect(scale.toX(time)).toBeGreaterThanOrEqual(0);
      expect(scale.toX(time)).toBeLessThanOrEqual(100);
    }
  });

  it.each([
    ["milliseconds", [0, 37], ["0 ms", "5 ms", "10 ms"]],
    ["seconds", [0, 37 * second], ["0 ms", "5 s", "10 s"]],
    ["hours", [0, 11 * hour], ["0 ms", "1 h", "2 h"]],
    ["days", [0, 90 * 24 * hour], ["0 ms", "10 d", "20 d"]],
  ])("has marks at round numbers of %s", (_, times, labels) => {
    const { ticks } = createScale(times);
    expect(ticks.slice(0, 3).map(({ label }) => label)).toEqual(labels);
    expect(ticks.length).toBeLessThanOrEqual(13);
  });

  it("has marks that do not overlap, on both sides of a break", () => {
    const { ticks, breaks } = createScale([0, 3000, hour, hour + 4000]);
    const places = ticks.map(({ x }) => x);
    expect(new Set(ticks.map(({ label }) => label)).size).toBe(ticks.length);
    const gaps = places.slice(1).map((x, index) => x - (places[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(4.5);
    const [first] = breaks;
    expect(places.some((x) => x < (first?.x ?? 0))).toBe(true);
    expect(places.some((x) => x > (first?.x ?? 0))).toBe(true);
  });
});
