import { defineAddin } from "wsb-addin";
import { canRunDotnet, createTestHost } from "wsb-addin/testing";
import { afterAll, expect, test } from "vitest";
import { checkConsistency } from "../../src/handlers/check-consistency.ts";

const host = createTestHost(defineAddin({ checkConsistency }));
afterAll(() => host.close());

// Skipped without .NET: README.md explains what you need.
test.runIf(canRunDotnet())("checkConsistency looks at each shadow copy", async () => {
  const volume = host.addVolume({ "Data/ledger.db": "as the application writes it" });
  const outcome = await host.checkConsistency({ componentName: "ledger", volumes: [volume] });
  expect(outcome).toMatchObject({ succeeded: true, checked: true });
  expect(host.log).toContainEqual({
    level: "info",
    message: `checkConsistency: Looked at ${volume.snapshot}`,
  });
});
