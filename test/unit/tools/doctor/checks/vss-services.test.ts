import { describe, expect, it } from "vitest";

import { vssServicesCheck } from "../../../../../src/tools/doctor/checks/vss-services.ts";
import type { TestService } from "../../../../../src/testing/services.ts";
import { machineWith, make } from "../../../../helpers/doctor-bed.ts";
import { FakeServices } from "../../../../helpers/fakes/fake-services.ts";

function found(...changed: readonly TestService[]) {
  const names = ["EventSystem", "VSS", "swprv"];
  const sound = names.filter((name) => !changed.some((one) => one.name === name));
  const services = new FakeServices(...sound.map((name) => ({ name })), ...changed);
  return make(vssServicesCheck, machineWith({ services }));
}

describe("the services of shadow copies", () => {
  it("are ok, running or not", async () => {
    expect(await found({ name: "VSS", state: "STOPPED", startType: "manual" })).toMatchObject({
      verdict: "ok",
    });
  });

  it("fail when one is disabled, with the command that enables it", async () => {
    const finding = await found({ name: "EventSystem", startType: "disabled", state: "STOPPED" });
    expect(finding.verdict).toBe("fail");
    expect(finding.advice).toContain("sc.exe config EventSystem start= auto");
  });

  it("fail when a program is missing, which no start type mends", async () => {
    const finding = await found({ name: "swprv", programExists: false });
    expect(finding.verdict).toBe("fail");
    expect(finding.advice).not.toContain("sc.exe");
  });

  it("fail when one does not exist", async () => {
    expect(await make(vssServicesCheck, machineWith())).toMatchObject({ verdict: "fail" });
  });
});
