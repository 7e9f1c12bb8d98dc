import { defineAddin } from "wsb-addin";
import { assertSucceeded, createTestHost } from "wsb-addin/testing";
import { afterAll, test, vi } from "vitest";
import { checkConsistency } from "../../src/handlers/check-consistency.ts";

// The application does not run here: each HTTP request gets "0", and each program ends with 0.
vi.stubGlobal("fetch", async () => new Response("0"));
const host = createTestHost(defineAddin({ checkConsistency }), {
  runProgram: () => ({ exitCode: 0, output: "" }),
});
afterAll(() => host.close());

test("checkConsistency accepts an undamaged component", async () => {
  const volume = host.addVolume({ "Data/ledger.db": "as the application writes it" });
  const writerMetadata = "<WRITER_METADATA/>";
  const request = { componentName: "ledger", writerMetadata, volumes: [volume] };
  assertSucceeded(await host.checkConsistency(request));
});
