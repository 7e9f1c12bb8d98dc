import { expect, it } from "vitest";

import { IID } from "../../../../../src/base/interface-ids.ts";
import { proxyStubCheck } from "../../../../../src/tools/doctor/checks/proxy-stub.ts";
import { encodeString } from "../../../../../src/tools/registration/registry-value.ts";
import { machineWith, make } from "../../../../helpers/doctor-bed.ts";
import { FakeRegistry } from "../../../../helpers/fakes/fake-registry.ts";

const PROXY = "{22222222-2222-4222-8222-222222222222}";

function found(iids: readonly string[], library: string) {
  const registry = new FakeRegistry();
  const write = (key: string, text: string): void => {
    const { type, data } = encodeString(text);
    registry.createRegistryKey(key);
    registry.writeRegistryValue(key, "", type, data);
  };
  for (const iid of iids) {
    write(`SOFTWARE\\Classes\\Interface\\${iid}\\ProxyStubClsid32`, PROXY);
  }
  write(`SOFTWARE\\Classes\\CLSID\\${PROXY}\\InProcServer32`, library);
  return make(proxyStubCheck, machineWith({ registry }));
}

const all = Object.values(IID);

it("is ok with the library of all three interfaces", async () => {
  expect(await found(all, process.execPath)).toMatchObject({ verdict: "ok" });
});

it("fails if the library is missing", async () => {
  expect(await found(all, "/nowhere/wsbps.dll")).toMatchObject({ verdict: "fail" });
});

it("names each interface without a proxy", async () => {
  const finding = await found([IID.restoreSupport], process.execPath);
  expect(finding.verdict).toBe("fail");
  expect(finding.found).toContain("IWsbApplicationAsync");
  expect(finding.found).not.toContain("IWsbApplicationRestoreSupport");
});
