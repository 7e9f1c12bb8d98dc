import { defineAddin } from "wsb-addin";
import { assertSucceeded, canRunDotnet, createTestHost } from "wsb-addin/testing";
import { test } from "vitest";
import { isRollForwardSupported } from "../../src/handlers/is-roll-forward-supported.ts";

// Skipped without .NET: README.md explains what you need.
test.runIf(canRunDotnet())("isRollForwardSupported answers", async () => {
  const host = createTestHost(defineAddin({ isRollForwardSupported }));
  assertSucceeded(await host.isRollForwardSupported());
});
