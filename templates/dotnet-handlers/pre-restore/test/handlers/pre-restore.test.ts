import { defineAddin } from "wsb-addin";
import { assertSucceeded, canRunDotnet, createTestHost } from "wsb-addin/testing";
import { test } from "vitest";
import { preRestore } from "../../src/handlers/pre-restore.ts";

const host = createTestHost(defineAddin({ preRestore }));
// With a document of the application's writer, as Windows Server Backup calls it.
const ledger = {
  componentName: "ledger",
  logicalPath: "main",
  writerMetadata: "<WRITER_METADATA/>",
};
// Skipped without .NET: README.md explains what you need.
const dotnetTest = test.runIf(canRunDotnet());

dotnetTest("preRestore prepares a component", async () => {
  assertSucceeded(await host.preRestore(ledger));
});

dotnetTest("preRestore prepares a component for the state of one point in time", async () => {
  assertSucceeded(await host.preRestore({ ...ledger, noRollForward: true }));
});
