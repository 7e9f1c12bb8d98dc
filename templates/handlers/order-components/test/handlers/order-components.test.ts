import { defineAddin } from "wsb-addin";
import { assertSucceeded, createTestHost } from "wsb-addin/testing";
import { test, vi } from "vitest";
import { orderComponents } from "../../src/handlers/order-components.ts";

// The application does not run here: each HTTP request gets "0", and each program ends with 0.
vi.stubGlobal("fetch", async () => new Response("0"));
const host = createTestHost(defineAddin({ orderComponents }), {
  runProgram: () => ({ exitCode: 0, output: "" }),
});

test("orderComponents returns each component once, or null", async () => {
  const components = [{ componentName: "ledger", logicalPath: "main" }, { componentName: "archive" }];
  assertSucceeded(await host.orderComponents(components));
});
