import { defineAddin } from "wsb-addin";
import { canRunDotnet, createTestHost } from "wsb-addin/testing";
import { expect, test } from "vitest";
import { postRestore } from "../../src/handlers/post-restore.ts";

// Skipped without .NET: README.md explains what you need.
test.runIf(canRunDotnet())(
  "postRestore logs the component, even if preRestore ran in another process",
  async () => {
    const host = createTestHost(defineAddin({ postRestore }));
    const outcome = await host.postRestore({ componentName: "ledger", logicalPath: "main" });
    expect(outcome).toMatchObject({ succeeded: true });
    expect(host.log).toContainEqual({
      level: "info",
      message: "postRestore: Restored component ledger",
    });
  },
);
