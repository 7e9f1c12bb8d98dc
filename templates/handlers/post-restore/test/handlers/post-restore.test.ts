import { defineAddin } from "wsb-addin";
import { assertSucceeded, createTestHost } from "wsb-addin/testing";
import { test, vi } from "vitest";
import { postRestore } from "../../src/handlers/post-restore.ts";

// The application does not run here: each HTTP request gets "0", and each program ends with 0.
vi.stubGlobal("fetch", async () => new Response("0"));
const host = createTestHost(defineAddin({ postRestore }), {
  runProgram: () => ({ exitCode: 0, output: "" }),
});
// With a document of the application's writer, as Windows Server Backup calls it.
const ledger = {
  componentName: "ledger",
  logicalPath: "main",
  writerMetadata: "<WRITER_METADATA/>",
};

test("postRestore completes a component, even if preRestore ran in another process", async () => {
  assertSucceeded(await host.postRestore(ledger));
});
