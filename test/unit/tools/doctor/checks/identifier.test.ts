import { expect, it } from "vitest";

import { identifierCheck } from "../../../../../src/tools/doctor/checks/identifier.ts";
import { writerKey } from "../../../../../src/tools/registration/keys.ts";
import { machineWith, make } from "../../../../helpers/doctor-bed.ts";
import { FakeRegistry } from "../../../../helpers/fakes/fake-registry.ts";
import { WRITER_ID } from "../../../../helpers/manifest.ts";

const OTHER = "{11111111-1111-4111-8111-111111111111}";

function found(type: number, text: string) {
  const registry = new FakeRegistry();
  for (const [writer, kind, value] of [
    [WRITER_ID, 1, "Contoso Ledger"],
    [OTHER, type, text],
  ] as const) {
    registry.createRegistryKey(writerKey(writer));
    const data = Buffer.from(`${value}\0\0`, "utf16le");
    registry.writeRegistryValue(writerKey(writer), "Application Identifier", kind, data);
  }
  return make(identifierCheck, machineWith({ registry }));
}

it("is ok beside another identifier", async () => {
  expect(await found(1, "Contoso Books")).toMatchObject({ verdict: "ok" });
});

it.each([
  ["REG_SZ in another case", 1, "CONTOSO LEDGER"],
  ["REG_EXPAND_SZ", 2, "Contoso Ledger"],
  ["REG_MULTI_SZ", 7, "Other\0Contoso Ledger"],
])("fails if another writer has it as %s", async (_, type, text) => {
  const finding = await found(type, text);
  expect(finding.verdict).toBe("fail");
  expect(finding.found).toContain(OTHER);
});
