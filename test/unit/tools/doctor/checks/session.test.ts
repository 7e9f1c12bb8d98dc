import { expect, it } from "vitest";

import type { OpenSession } from "../../../../../src/tools/doctor/check.ts";
import { sessionCheck } from "../../../../../src/tools/doctor/checks/session.ts";
import { addinWith, machineWith, make } from "../../../../helpers/doctor-bed.ts";

function found(state: OpenSession["state"]) {
  const session = () => ({
    state,
    openedAt: "2026-11-01T03:00:00.000Z",
    stoppedServices: ["ContosoLedger"],
    lines: ["  Restore them again, or decide:", "    wsb-addin recover --start"],
  });
  return make(sessionCheck, machineWith(), addinWith({ session }));
}

it("is ok without a session", async () => {
  expect(await make(sessionCheck)).toMatchObject({ verdict: "ok" });
});

it("warns while a restore runs", async () => {
  expect(await found("in progress")).toMatchObject({ verdict: "warn" });
});

it("fails with an abandoned restore, its services and what can be done", async () => {
  const finding = await found("abandoned");
  expect(finding.verdict).toBe("fail");
  expect(finding.found).toContain("ContosoLedger");
  expect(finding.advice).toContain("recover --start");
});

it("needs an elevated prompt", async () => {
  const finding = await make(sessionCheck, machineWith({ elevated: false }));
  expect(finding).toMatchObject({ verdict: "unknown", needsElevation: true });
});
