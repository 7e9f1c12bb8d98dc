import { defineAddin } from "wsb-addin";
import { createTestHost } from "wsb-addin/testing";
import { expect, test } from "vitest";
import { postRestore } from "../../src/handlers/post-restore.ts";

test("postRestore logs the component, even if preRestore ran in another process", async () => {
  const host = createTestHost(defineAddin({ postRestore }));
  const { succeeded } = await host.postRestore({ componentName: "ledger", logicalPath: "main" });
  expect(succeeded).toBe(true);
  expect(host.log).toContainEqual({
    level: "info",
    message: "postRestore: Restored component ledger",
  });
});
