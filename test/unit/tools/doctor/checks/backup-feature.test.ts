import { describe, expect, it } from "vitest";

import { backupFeatureCheck } from "../../../../../src/tools/doctor/checks/backup-feature.ts";
import { encodeString } from "../../../../../src/tools/registration/registry-value.ts";
import type { TestService } from "../../../../../src/testing/services.ts";
import { machineWith, make } from "../../../../helpers/doctor-bed.ts";
import { FakeRegistry } from "../../../../helpers/fakes/fake-registry.ts";
import { FakeServices } from "../../../../helpers/fakes/fake-services.ts";

function found(services: readonly TestService[], installationType = "Server") {
  const registry = new FakeRegistry();
  const { type, data } = encodeString(installationType);
  const key = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion";
  registry.writeRegistryValue(key, "InstallationType", type, data);
  const machine = machineWith({ registry, services: new FakeServices(...services) });
  return make(backupFeatureCheck, machine);
}

describe("the feature Windows Server Backup", () => {
  it("is installed where its engine is", async () => {
    expect(await found([{ name: "wbengine", startType: "manual" }])).toMatchObject({
      verdict: "ok",
    });
  });

  it("is missing without its engine", async () => {
    const finding = await found([]);
    expect(finding.verdict).toBe("fail");
    expect(finding.advice).toContain("Install-WindowsFeature");
  });

  it("fails with a disabled engine", async () => {
    expect(await found([{ name: "wbengine", startType: "disabled" }])).toMatchObject({
      verdict: "fail",
    });
  });

  it("does not exist on a desktop", async () => {
    expect(await found([], "Client")).toMatchObject({ verdict: "not applicable" });
  });
});
