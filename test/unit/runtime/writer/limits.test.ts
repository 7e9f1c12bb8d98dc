import { expect, it } from "vitest";

import { eventLimits, firstOrderMs } from "../../../../src/runtime/writer/limits.ts";

it.each([
  { freezeMs: 10_000, frozenMs: 10_000, ms: 9250 },
  { freezeMs: 60_000, frozenMs: 2000, ms: 1250 },
  // The freeze has failed by then.
  { freezeMs: 3000, frozenMs: 60_000, ms: 5000 },
])("a guardian waits for its first order for $ms ms", ({ ms, ...limits }) => {
  expect(firstOrderMs(limits)).toBe(ms);
});

const timeoutsMs = {
  prepareBackup: 1000,
  prepareSnapshot: 2000,
  freeze: 3000,
  thaw: 4000,
  postSnapshot: 5000,
  abort: 6000,
  backupComplete: 7000,
  backupShutdown: 8000,
};

it("the shim waits for a handler, for the start of a guardian and for a thaw", () => {
  expect(eventLimits(timeoutsMs)).toEqual({
    prepareBackup: 3000,
    prepareSnapshot: 19_000,
    freeze: 5000,
    thaw: 6000,
    postSnapshot: 7000,
    abort: 12_000,
    backupComplete: 9000,
    backupShutdown: 14_000,
  });
});

it("the shim waits for a freeze for no longer than VSS", () => {
  expect(eventLimits({ ...timeoutsMs, freeze: 60_000 }).freeze).toBe(60_000);
});
