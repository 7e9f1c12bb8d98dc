import { defineAddin } from "wsb-addin";
import { assertSucceeded, createTestHost } from "wsb-addin/testing";
import { test, vi } from "vitest";
import { isRollForwardSupported } from "../../src/handlers/is-roll-forward-supported.ts";

// The application does not run here: each HTTP request gets "0", and each program ends with 0.
vi.stubGlobal("fetch", async () => new Response("0"));
const host = createTestHost(defineAddin({ isRollForwardSupported }), {
  runProgram: () => ({ exitCode: 0, output: "" }),
});

test("isRollForwardSupported answers", async () => {
  assertSucceeded(await host.isRollForwardSupported());
});
