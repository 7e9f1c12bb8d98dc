import { describe, expect, it } from "vitest";

import type { ServiceDescription } from "../../../../../src/runtime/native/binding.ts";
import {
  bootTaskCheck,
  judgeTask,
  type TaskFacts,
} from "../../../../../src/tools/doctor/checks/boot-task.ts";
import { bootTaskXml } from "../../../../../src/tools/registration/boot-task.ts";
import { FakeServices } from "../../../../helpers/fakes/fake-services.ts";
import { addinWith, machineWith, make } from "../../../../helpers/doctor-bed.ts";
import { INSTALLATION } from "../../../../helpers/fakes/registration.ts";
import { manifestWith } from "../../../../helpers/manifest.ts";

const manifest = manifestWith({ services: ["ContosoLedger"] });
const installation = { ...INSTALLATION, nodeExe: "C:\\R&D\\node.exe" };
const xml = bootTaskXml(manifest, installation);

async function judge(
  changes: Partial<TaskFacts>,
  startType: "automatic" | "disabled" = "automatic",
) {
  const services = new FakeServices({ name: "Schedule", startType });
  const scheduler: ServiceDescription | null = await services.describeService("Schedule");
  const program = installation.nodeExe;
  const facts = { name: "task", xml, scheduler, program, ...changes };
  return judgeTask(facts, (command) => command);
}

describe("the start-up task", () => {
  it("is ok as it was created", async () => {
    expect(await judge({})).toMatchObject({ verdict: "ok" });
  });

  it("that is missing is a warning, with the command that creates it", async () => {
    const finding = await judge({ xml: null });
    expect(finding.verdict).toBe("warn");
    expect(finding.advice).toContain("boot-recovery on");
  });

  it.each([
    ["disabled", { xml: xml.replaceAll("<Enabled>true", "<Enabled>false") }],
    ["without its trigger", { xml: xml.replace("<Enabled>true", "<Enabled>false") }],
    ["of another program", { program: "C:\\node.exe" }],
    ["without a scheduler", { scheduler: null }],
  ])("%s fails", async (_, changes) => {
    expect(await judge(changes)).toMatchObject({ verdict: "fail" });
  });

  it("whose program the scheduler does not keep is ok", async () => {
    const kept = xml.replace(/<Exec>.*<\/Exec>/su, "<Exec></Exec>");
    expect(await judge({ xml: kept, program: undefined })).toMatchObject({ verdict: "ok" });
    expect(await judge({ xml: kept })).toMatchObject({ verdict: "fail" });
  });

  it("of a disabled scheduler fails", async () => {
    expect(await judge({}, "disabled")).toMatchObject({ verdict: "fail" });
  });

  it("is not needed without services", async () => {
    expect(await make(bootTaskCheck)).toMatchObject({ verdict: "not applicable" });
  });

  it("can only be seen from an elevated prompt", async () => {
    const machine = machineWith({ elevated: false });
    expect(await make(bootTaskCheck, machine, addinWith({ manifest }))).toMatchObject({
      verdict: "unknown",
      needsElevation: true,
    });
  });
});
