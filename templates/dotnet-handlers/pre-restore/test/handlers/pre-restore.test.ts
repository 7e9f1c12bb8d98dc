import { defineAddin } from "wsb-addin";
import { canRunDotnet, createTestHost } from "wsb-addin/testing";
import { expect, test } from "vitest";
import { preRestore } from "../../src/handlers/pre-restore.ts";

const host = createTestHost(defineAddin({ preRestore }));
// Skipped without .NET: README.md explains what you need.
const dotnetTest = test.runIf(canRunDotnet());

dotnetTest("preRestore logs the component", async () => {
  const outcome = await host.preRestore({ componentName: "ledger", logicalPath: "main" });
  expect(outcome).toMatchObject({ succeeded: true });
  expect(host.log).toContainEqual({
    level: "info",
    message: "preRestore: About to restore component ledger",
  });
});

dotnetTest("preRestore accepts a component without a name and a point-in-time recovery", async () => {
  expect(await host.preRestore({ noRollForward: true })).toMatchObject({ succeeded: true });
});
