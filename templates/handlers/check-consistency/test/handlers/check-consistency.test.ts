import { defineAddin } from "wsb-addin";
import { createTestHost } from "wsb-addin/testing";
import { afterAll, expect, test } from "vitest";
import { checkConsistency } from "../../src/handlers/check-consistency.ts";

const host = createTestHost(defineAddin({ checkConsistency }));
afterAll(() => host.close());

test("checkConsistency accepts an undamaged component", async () => {
  const volume = host.addVolume({ "Data/ledger.db": "as the application writes it" });
  const outcome = await host.checkConsistency({ componentName: "ledger", volumes: [volume] });
  expect(outcome.succeeded).toBe(true);
});
