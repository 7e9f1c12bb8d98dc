import { defineAddin } from "wsb-addin";
import { assertSucceeded, canRunDotnet, createTestHost } from "wsb-addin/testing";
import { test } from "vitest";
import { postRestore } from "../../src/handlers/post-restore.ts";

const host = createTestHost(defineAddin({ postRestore }));
// With a document of the application's writer, as Windows Server Backup calls it.
const ledger = {
  componentName: "ledger",
  logicalPath: "main",
  writerMetadata: "<WRITER_METADATA/>",
};

// Skipped without .NET: README.md explains what you need.
test.runIf(canRunDotnet())(
  "postRestore completes a component, even if preRestore ran in another process",
  async () => {
    assertSucceeded(await host.postRestore(ledger));
  },
);
