import { defineAddin } from "wsb-addin";
import { assertSucceeded, createTestHost } from "wsb-addin/testing";
import { test, vi } from "vitest";
import { preRestore } from "../../src/handlers/pre-restore.ts";

// The application does not run here: each HTTP request gets "0", and each program ends with 0.
vi.stubGlobal("fetch", async () => new Response("0"));
const host = createTestHost(defineAddin({ preRestore }), {
  runProgram: () => ({ exitCode: 0, output: "" }),
});
// With a document of the application's writer, as Windows Server Backup calls it.
const ledger = {
  componentName: "ledger",
  logicalPath: "main",
  writerMetadata: "<WRITER_METADATA/>",
};

test("preRestore prepares a component", async () => {
  assertSucceeded(await host.preRestore(ledger));
});

test("preRestore prepares a component for the state of one point in time", async () => {
  assertSucceeded(await host.preRestore({ ...ledger, noRollForward: true }));
});
