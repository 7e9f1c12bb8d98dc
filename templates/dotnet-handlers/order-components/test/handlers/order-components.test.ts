import { defineAddin } from "wsb-addin";
import { assertSucceeded, canRunDotnet, createTestHost } from "wsb-addin/testing";
import { test } from "vitest";
import { orderComponents } from "../../src/handlers/order-components.ts";

// Skipped without .NET: README.md explains what you need.
test.runIf(canRunDotnet())("orderComponents returns each component once, or null", async () => {
  const host = createTestHost(defineAddin({ orderComponents }));
  const components = [{ componentName: "ledger", logicalPath: "main" }, { componentName: "archive" }];
  assertSucceeded(await host.orderComponents(components));
});
