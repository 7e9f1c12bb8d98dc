import { defineAddin } from "wsb-addin";
import { assertSucceeded, createTestHost, readManifestFile } from "wsb-addin/testing";
import { expect, test, vi } from "vitest";
import { beforeServicesStop } from "../../src/handlers/before-services-stop.ts";

// The application does not run here: each HTTP request gets "0", and each program ends with 0.
vi.stubGlobal("fetch", async () => new Response("0"));
const manifest = new URL("../../wsb-addin.json", import.meta.url);
const { services } = readManifestFile(manifest);

test("beforeServicesStop runs once in a restore that stops services", async () => {
  const called = vi.fn(beforeServicesStop);
  const host = createTestHost(defineAddin({ beforeServicesStop: called }), {
    manifest,
    runProgram: () => ({ exitCode: 0, output: "" }),
  });
  assertSucceeded(await host.preRestore({ componentName: "ledger" }));
  assertSucceeded(await host.preRestore({ componentName: "archive" }));
  expect(called).toHaveBeenCalledTimes(services.length === 0 ? 0 : 1);
});
