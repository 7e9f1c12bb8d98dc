import { describe, expect, it } from "vitest";

import { openMachine } from "../../../../src/tools/registration/machine.ts";
import { encodeString } from "../../../../src/tools/registration/registry-value.ts";
import { createFakeBinding } from "../../../helpers/fakes/fake-binding.ts";
import { fakeProtection } from "../../../helpers/fakes/fake-protection.ts";
import { FakeRegistry } from "../../../helpers/fakes/fake-registry.ts";

const KEY = "SOFTWARE\\Classes\\CLSID";
const ACCESS_DENIED = 0x80070005;

function open() {
  const registry = new FakeRegistry();
  const binding = createFakeBinding({ registry });
  const { api } = openMachine({ ...binding, ...fakeProtection() }, () => {});
  return { registry, api };
}

describe("the registry of a machine", () => {
  it("keeps what is written", () => {
    const { registry, api } = open();
    const { type, data } = encodeString("Ledger");
    api.writeRegistryValue(KEY, "Name", type, data);
    expect(registry.readRegistryValue(KEY, "Name")).toEqual(api.readRegistryValue(KEY, "Name"));
    expect(registry.readRegistryValue(KEY, "Name")?.type).toBe(type);
  });

  it("names a key that cannot be read, and the next step", () => {
    const { registry, api } = open();
    registry.fault = () => ACCESS_DENIED;
    const denied = expect.objectContaining({
      code: "ERR_WSB_ACCESS_DENIED",
      message: expect.stringContaining(`Cannot read HKLM\\${KEY}`),
    });
    for (const read of [
      () => api.hasRegistryKey(KEY),
      () => api.readRegistryKey(KEY),
      () => api.readRegistryValue(KEY, ""),
    ]) {
      expect(read).toThrow(denied);
    }
  });
});
