import { expect, it } from "vitest";

import { defineAddin } from "../../../../src/runtime/addin/define-addin.ts";

function preRestore(): void {}

it("keeps the given handlers, even if their object changes later", () => {
  const handlers = { preRestore };
  const addin = defineAddin(handlers);
  Object.assign(handlers, { preRestore: undefined, postRestore: preRestore });
  expect(addin.handlers).toEqual({ preRestore });
  expect(Object.isFrozen(addin) && Object.isFrozen(addin.handlers)).toBe(true);
});
