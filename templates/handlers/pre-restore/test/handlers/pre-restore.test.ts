import { defineAddin } from "wsb-addin";
import { createTestHost } from "wsb-addin/testing";
import { expect, test } from "vitest";
import { preRestore } from "../../src/handlers/pre-restore.ts";

const host = createTestHost(defineAddin({ preRestore }));

test("preRestore logs the component", async () => {
  const { succeeded } = await host.preRestore({ componentName: "ledger", logicalPath: "main" });
  expect(succeeded).toBe(true);
  expect(host.log).toContainEqual({
    level: "info",
    message: "preRestore: About to restore component ledger",
  });
});

test("preRestore accepts a component without a name and a point-in-time recovery", async () => {
  expect((await host.preRestore({ noRollForward: true })).succeeded).toBe(true);
});
