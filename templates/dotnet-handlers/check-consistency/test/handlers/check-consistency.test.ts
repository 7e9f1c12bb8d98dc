import { defineAddin } from "wsb-addin";
import { assertSucceeded, canRunDotnet, createTestHost } from "wsb-addin/testing";
import { afterAll, test } from "vitest";
import { checkConsistency } from "../../src/handlers/check-consistency.ts";

const host = createTestHost(defineAddin({ checkConsistency }));
afterAll(() => host.close());

// Skipped without .NET: README.md explains what you need.
test.runIf(canRunDotnet())("checkConsistency accepts an undamaged component", async () => {
  const volume = host.addVolume({ "Data/ledger.db": "as the application writes it" });
  const writerMetadata = "<WRITER_METADATA/>";
  const request = { componentName: "ledger", writerMetadata, volumes: [volume] };
  assertSucceeded(await host.checkConsistency(request));
});
