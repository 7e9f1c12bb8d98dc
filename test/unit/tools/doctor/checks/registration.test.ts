import { describe, expect, it } from "vitest";

import { writerKey } from "../../../../../src/tools/registration/keys.ts";
import {
  encodeNumber,
  encodeString,
} from "../../../../../src/tools/registration/registry-value.ts";
import type { Condition } from "../../../../../src/tools/registration/condition.ts";
import { registrationCheck } from "../../../../../src/tools/doctor/checks/registration.ts";
import { addinWith, machineWith, make } from "../../../../helpers/doctor-bed.ts";
import { FakeRegistry } from "../../../../helpers/fakes/fake-registry.ts";
import { CLSID, WRITER_ID } from "../../../../helpers/manifest.ts";

const key = writerKey(WRITER_ID);

function registryWith(): FakeRegistry {
  const registry = new FakeRegistry();
  registry.createRegistryKey(key);
  write(registry, "Application Identifier", encodeString("Contoso Ledger"));
  write(registry, "CLSID", encodeString(CLSID));
  return registry;
}

function write(registry: FakeRegistry, name: string, value: ReturnType<typeof encodeString>): void {
  registry.writeRegistryValue(key, name, value.type, value.data);
}

function found(change: (registry: FakeRegistry) => void, condition: Condition = "as written") {
  const registry = registryWith();
  change(registry);
  const registration = async () => ({ condition, drift: [], warnings: [] });
  return make(registrationCheck, machineWith({ registry }), addinWith({ registration }));
}

describe("registration", () => {
  it("is ok as it was written", async () => {
    expect(await found(() => {})).toMatchObject({ verdict: "ok" });
  });

  it.each([
    [
      "an identifier of type REG_EXPAND_SZ",
      "Application Identifier",
      { ...encodeString("Contoso Ledger"), type: 2 },
    ],
    [
      "an identifier of type REG_MULTI_SZ",
      "Application Identifier",
      { ...encodeString("Contoso Ledger\0"), type: 7 },
    ],
    ["a CLSID that is no GUID", "CLSID", encodeString("Contoso.Ledger")],
    ["a value that nobody documents", "Enabled", encodeNumber(1)],
    ["a default value", "", encodeString("Contoso Ledger")],
  ])("fails with %s", async (_, name, value) => {
    const finding = await found((registry) => write(registry, name, value));
    expect(finding.verdict).toBe("fail");
    expect(finding.advice).toContain("register --update");
  });

  it("fails with a subkey, as the reference's prose has it", async () => {
    const finding = await found((registry) => registry.createRegistryKey(`${key}\\CLSID`));
    expect(finding).toMatchObject({ verdict: "fail" });
    expect(finding.found).toContain("subkey CLSID");
  });

  it("fails without an identifier", async () => {
    const finding = await found((registry) =>
      registry.deleteRegistryValue(key, "Application Identifier"),
    );
    expect(finding.verdict).toBe("fail");
  });

  it("names each value that differs", async () => {
    const drift = [{ key: "HKLM\\K", name: "", expected: '"a"', found: "nothing" }];
    const registration = async () => ({ condition: "differs" as const, drift, warnings: [] });
    const machine = machineWith({ registry: registryWith() });
    const finding = await make(registrationCheck, machine, addinWith({ registration }));
    expect(finding).toMatchObject({ verdict: "fail" });
    expect(finding.found).toContain("HKLM\\K, (default): is nothing");
  });

  it.each([
    ["not registered", "fail"],
    ["half done", "fail"],
    ["record damaged", "fail"],
    ["differs", "warn"],
    ["not visible", "unknown"],
    ["abandoned restore", "ok"],
  ] as const)("%s is %s", async (condition, verdict) => {
    expect(await found(() => {}, condition)).toMatchObject({ verdict });
  });
});
