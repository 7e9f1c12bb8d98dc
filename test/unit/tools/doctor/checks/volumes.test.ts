import { describe, expect, it } from "vitest";

import { WsbError } from "../../../../../src/base/errors.ts";
import type { DriveType } from "../../../../../src/runtime/native/binding.ts";
import { encodeString } from "../../../../../src/tools/registration/registry-value.ts";
import { volumesCheck } from "../../../../../src/tools/doctor/checks/volumes.ts";
import { parseVolumes } from "../../../../../src/tools/doctor/volumes.ts";
import { addinWith, machineWith, make } from "../../../../helpers/doctor-bed.ts";

interface Machine {
  readonly type?: DriveType;
  readonly scheduledVolumes?: () => Promise<readonly string[] | undefined>;
}

function found(
  componentPaths: readonly string[] | undefined,
  { type = "fixed", scheduledVolumes = async () => ["C:", "D:"] }: Machine = {},
) {
  const machine = machineWith({ api: { driveType: () => type }, programs: { scheduledVolumes } });
  return make(volumesCheck, machine, addinWith({ componentPaths }));
}

function refuse(): Promise<never> {
  return Promise.reject(new Error("asked"));
}

describe("the volumes of the components", () => {
  it("are ok if they are in the schedule of the backup", async () => {
    expect(await found(["c:\\Ledger", "D:\\Logs"])).toMatchObject({ verdict: "ok" });
  });

  it("fail if one is not in the schedule", async () => {
    const finding = await found(["C:\\Ledger", "E:\\Logs"]);
    expect(finding.verdict).toBe("fail");
    expect(finding.found).toContain("E:");
  });

  it.each(["network", "removable", "missing"] as const)("fail on a %s drive", async (type) => {
    expect(await found(["C:\\Ledger"], { type })).toMatchObject({ verdict: "fail" });
  });

  it("fail on a share", async () => {
    expect(await found(["\\\\server\\share\\Ledger"])).toMatchObject({ verdict: "fail" });
  });

  it("warn without a schedule", async () => {
    const machine = { scheduledVolumes: async () => undefined };
    expect(await found(["C:\\Ledger"], machine)).toMatchObject({ verdict: "warn" });
  });

  it("are unknown if wbadmin fails, with its words", async () => {
    const error = new WsbError("ERR_WSB_PROGRAM", "FEHLER");
    const finding = await found(["C:\\Ledger"], { scheduledVolumes: () => Promise.reject(error) });
    expect(finding.verdict).toBe("unknown");
    expect(finding.found).toContain("FEHLER");
  });

  it.each([
    ["in Wine", { isWine: () => true }],
    ["on a desktop Windows", { readRegistryValue: () => encodeString("Client") }],
  ])("are not compared with a schedule %s, which has none", async (_, api) => {
    const programs = { scheduledVolumes: refuse };
    const addin = addinWith({ componentPaths: ["C:\\Ledger"] });
    for (const [type, verdict] of [
      ["fixed", "ok"],
      ["network", "fail"],
    ] as const) {
      const machine = machineWith({ api: { ...api, driveType: () => type }, programs });
      expect(await make(volumesCheck, machine, addin)).toMatchObject({ verdict });
    }
  });

  it("are nothing to check without a metadata document", async () => {
    expect(await found(undefined)).toMatchObject({ verdict: "not applicable" });
  });
});

// No real output was seen: the forms are those of the command's documentation.
describe("the drives in the output of wbadmin enable backup", () => {
  it.each([
    [
      "Volumes in backup: System Reserved (\\\\?\\Volume{1b2c}\\), (C:), Data (D:)\r\nTimes of day: 21:00, 9:00 PM",
      ["C:", "D:"],
    ],
    ["Zu sichernde Volumes: Lokaler Datenträger(C:), E:\\", ["C:", "E:"]],
    ["バックアップ対象のボリューム：(C:)、(D:)", ["C:", "D:"]],
    ["Location: \\\\server\\C:\\x, file D:\\Temp\\a.txt", undefined],
    ["There is no scheduled backup.", undefined],
  ])("%s", (text, drives) => {
    expect(parseVolumes(text)).toEqual(drives);
  });
});
