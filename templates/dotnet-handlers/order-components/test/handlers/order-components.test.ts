import { defineAddin } from "wsb-addin";
import { canRunDotnet, createTestHost } from "wsb-addin/testing";
import { expect, test } from "vitest";
import { orderComponents } from "../../src/handlers/order-components.ts";

// Skipped without .NET: README.md explains what you need.
test.runIf(canRunDotnet())("orderComponents leaves the order to Windows Server Backup", async () => {
  const host = createTestHost(defineAddin({ orderComponents }));
  const components = [{ componentName: "ledger", logicalPath: "main" }, { componentName: "archive" }];
  expect(await host.orderComponents(components)).toMatchObject({ succeeded: true, order: null });
});
