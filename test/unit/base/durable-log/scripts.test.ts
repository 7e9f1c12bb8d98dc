import { expect, it } from "vitest";

import { checkLogScripts } from "../../../property/any-log-script.ts";

// Always the same ones: test/property runs others each time.
it.each([1, 2, 3, 4])("two processes lose nothing, whatever the disk does, by seed %i", (seed) => {
  expect(() => checkLogScripts({ numRuns: 150, seed })).not.toThrow();
});
