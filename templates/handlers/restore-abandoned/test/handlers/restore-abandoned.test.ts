import { defineAddin } from "wsb-addin";
import { createTestHost } from "wsb-addin/testing";
import { expect, test, vi } from "vitest";
import { restoreAbandoned } from "../../src/handlers/restore-abandoned.ts";

// The application does not run here: each HTTP request gets "0", and each program ends with 0.
vi.stubGlobal("fetch", async () => new Response("0"));
const host = createTestHost(defineAddin({ restoreAbandoned }), {
  runProgram: () => ({ exitCode: 0, output: "" }),
});

test("restoreAbandoned decides about the services", async () => {
  const components = [{ componentName: "ledger", outcome: "ok" }];
  const { failure } = await host.restoreAbandoned({ components });
  expect(failure).toBeUndefined();
});
