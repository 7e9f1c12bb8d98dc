import { expect, it } from "vitest";

import { firstOrderMs } from "../../../../src/runtime/writer/limits.ts";

it.each([
  { freezeMs: 10_000, frozenMs: 10_000, ms: 9250 },
  { freezeMs: 60_000, frozenMs: 2000, ms: 1250 },
  // The freeze has failed by then.
  { freezeMs: 3000, frozenMs: 60_000, ms: 5000 },
])("a guardian waits for its first order for $ms ms", ({ ms, ...limits }) => {
  expect(firstOrderMs(limits)).toBe(ms);
});
