import { describe, expect, it } from "vitest";

import { servicesCheck } from "../../../../../src/tools/doctor/checks/services.ts";
import type { TestService } from "../../../../../src/testing/services.ts";
import { addinWith, machineWith, make } from "../../../../helpers/doctor-bed.ts";
import { FakeServices } from "../../../../helpers/fakes/fake-services.ts";
import { manifestWith } from "../../../../helpers/manifest.ts";

function found(service: TestService) {
  const services = new FakeServices(service);
  const manifest = manifestWith({ services: ["ContosoLedger"] });
  return make(servicesCheck, machineWith({ services }), addinWith({ manifest }));
}

describe("the services of the application", () => {
  it("are ok if they can start", async () => {
    expect(await found({ name: "ContosoLedger" })).toMatchObject({ verdict: "ok" });
  });

  it.each([
    ["disabled", { name: "ContosoLedger", startType: "disabled" }],
    ["missing", { name: "Other" }],
    ["without its program", { name: "ContosoLedger", programExists: false }],
  ] as const)("fail if one is %s", async (_, service) => {
    const finding = await found(service);
    expect(finding.verdict).toBe("fail");
    expect(finding.found).toContain("ContosoLedger");
  });

  it("are ok if there are none", async () => {
    expect(await make(servicesCheck)).toMatchObject({ verdict: "ok" });
  });
});
