import { defineAddin } from "wsb-addin";
import { canRunDotnet, createTestHost } from "wsb-addin/testing";
import { expect, test } from "vitest";
import { isRollForwardSupported } from "../../src/handlers/is-roll-forward-supported.ts";

// Skipped without .NET: README.md explains what you need.
test.runIf(canRunDotnet())("isRollForwardSupported says no", async () => {
  const host = createTestHost(defineAddin({ isRollForwardSupported }));
  expect(await host.isRollForwardSupported()).toMatchObject({ succeeded: true, supported: false });
});
