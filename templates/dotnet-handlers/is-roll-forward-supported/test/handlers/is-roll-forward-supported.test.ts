import { defineAddin } from "wsb-addin";
import { canRunDotnet, createTestHost } from "wsb-addin/testing";
import { expect, test } from "vitest";
import { isRollForwardSupported } from "../../src/handlers/is-roll-forward-supported.ts";

// Skipped where there is no .NET: README.md says what it takes.
test.runIf(canRunDotnet())("isRollForwardSupported says no", async () => {
  const host = createTestHost(defineAddin({ isRollForwardSupported }));
  expect(await host.isRollForwardSupported()).toMatchObject({ succeeded: true, supported: false });
});
