import { describe, expect, it } from "vitest";

import { backupsCheck, judgeBackups } from "../../../../../src/tools/doctor/checks/backups.ts";
import type { BackupState } from "../../../../../src/tools/writer/backups.ts";
import { addinWith, machineWith, make } from "../../../../helpers/doctor-bed.ts";
import { serviceManifest } from "../../../../helpers/service-manifest.ts";

const ON = "To turn it on, run: wsb-addin writer on";
const LOOK = "Look: wsb-addin log";

function judge(state: BackupState): ReturnType<typeof judgeBackups> {
  return judgeBackups(state, addinWith());
}

describe("judgeBackups", () => {
  it("is content with a writer that is on and did not fail", () => {
    expect(judge({})).toEqual({
      verdict: "ok",
      found: "The writer is on, and its last freeze did not fail.",
    });
  });

  it.each(["administrator", "failedFreezes", "unreadable"] as const)(
    "fails for a writer that is off: %s",
    (writerOff) => {
      expect(judge({ writerOff })).toEqual({
        verdict: "fail",
        found: expect.stringMatching(/^The writer is off, because .*\. Backups do not include/u),
        advice: ON,
      });
    },
  );

  it.each([
    [1, "The last freeze failed, and so did each backup."],
    [3, "The last 3 freezes failed, and so did each backup."],
  ])("fails after %i failed freezes", (failedFreezes, found) => {
    expect(judge({ failedFreezes })).toEqual({ verdict: "fail", found, advice: LOOK });
  });

  it("warns of a freeze without an end", () => {
    expect(judge({ frozen: true })).toEqual({
      verdict: "warn",
      found: expect.stringContaining("The end of a freeze is not on record"),
      advice: LOOK,
    });
  });

  it("says everything that is wrong, and each next step once", () => {
    const { verdict, found, advice } = judge({
      writerOff: "failedFreezes",
      failedFreezes: 3,
      frozen: true,
    });
    expect(verdict).toBe("fail");
    expect(found.split("\n")).toHaveLength(3);
    expect(advice).toBe(`${ON}\n${LOOK}`);
  });
});

describe("backupsCheck", () => {
  it("has nothing to check for a writer that is not in a service", async () => {
    expect(await make(backupsCheck)).toMatchObject({ verdict: "not applicable" });
    const unknown = addinWith({ manifest: undefined });
    expect(await make(backupsCheck, machineWith(), unknown)).toMatchObject({
      verdict: "not applicable",
    });
  });

  it("needs elevation", async () => {
    const machine = machineWith({ api: { isElevated: () => false } });
    const addin = addinWith({ manifest: serviceManifest() });
    expect(await make(backupsCheck, machine, addin)).toMatchObject({
      verdict: "unknown",
      needsElevation: true,
    });
  });
});
