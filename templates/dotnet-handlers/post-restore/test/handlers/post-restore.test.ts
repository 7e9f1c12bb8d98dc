import { defineAddin } from "wsb-addin";
import { canRunDotnet, createTestHost } from "wsb-addin/testing";
import { expect, test } from "vitest";
import { postRestore } from "../../src/handlers/post-restore.ts";

// Skipped where there is no .NET: README.md says what it takes.
test.runIf(canRunDotnet())(
  "postRestore logs the component, also where preRestore ran in another process",
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
