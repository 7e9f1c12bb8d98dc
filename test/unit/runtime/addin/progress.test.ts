import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ProgressLog } from "../../../../src/runtime/addin/progress.ts";

const INTERVAL_MS = 10_000;

let lines: string[];
let progress: ProgressLog;

beforeEach(() => {
  vi.useFakeTimers();
  lines = [];
  progress = new ProgressLog((text) => lines.push(text));
});
afterEach(() => {
  vi.useRealTimers();
});

describe("ProgressLog", () => {
  it.each([
    [0, "0 %"],
    [41.99, "41 %"],
    [100, "100 %"],
    [-1, "0 %"],
    [Number.POSITIVE_INFINITY, "100 %"],
    ["reading accounts.db", "reading accounts.db"],
  ])("writes %j as %j, at once", (update, text) => {
    progress.report(update);
    expect(lines).toEqual([text]);
  });

  it("ignores values that are not numbers", () => {
    progress.report(Number.NaN);
    progress.end();
    expect(lines).toEqual([]);
  });

  it("writes the latest new update at the end of each interval", () => {
    for (const update of [1, 2, 3]) progress.report(update);
    vi.advanceTimersByTime(INTERVAL_MS - 1);
    expect(lines).toEqual(["1 %"]);
    vi.advanceTimersByTime(1);
    expect(lines).toEqual(["1 %", "3 %"]);
    progress.report(3);
    vi.advanceTimersByTime(INTERVAL_MS);
    expect(lines).toEqual(["1 %", "3 %"]);
    // A whole interval has passed without an update, so the next one is written at once.
    progress.report(4);
    expect(lines).toEqual(["1 %", "3 %", "4 %"]);
  });

  it("writes the pending update at the end, and nothing after it", () => {
    progress.report(1);
    progress.report(2);
    progress.end();
    progress.report(3);
    progress.end();
    vi.advanceTimersByTime(2 * INTERVAL_MS);
    expect(lines).toEqual(["1 %", "2 %"]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
