import { describe, expect, it } from "vitest";

import { WsbError } from "../../../../src/base/errors.ts";
import type {
  AddinCheck,
  Check,
  Finding,
  MachineCheck,
} from "../../../../src/tools/doctor/check.ts";
import { CHECKS } from "../../../../src/tools/doctor/checks/all.ts";
import { doctorExitCode } from "../../../../src/tools/cli/commands/doctor.ts";
import { runChecks, worstVerdict } from "../../../../src/tools/doctor/run-checks.ts";
import { addinWith, machineWith } from "../../../helpers/doctor-bed.ts";

const texts = { title: "Title", why: "Why." };
const fine: Finding = { verdict: "ok", found: "Fine." };

function machineCheck(id: string, run: MachineCheck["run"]): MachineCheck {
  return { id, ...texts, about: "machine", run };
}

function addinCheck(run: AddinCheck["run"], fields: Partial<AddinCheck> = {}): AddinCheck {
  return { id: "addin", ...texts, about: "application", run, ...fields };
}

function runAll(checks: readonly Check[], addins = [addinWith()], machine = machineWith()) {
  return runChecks(checks, { machine, addins });
}

describe("runChecks", () => {
  it("makes a check that throws unknown, with its error, and makes the others", async () => {
    const results = await runAll([
      machineCheck("broken", () => {
        throw new Error("the disk is full");
      }),
      machineCheck("rejects", async () => Promise.reject(new Error("no answer"))),
      machineCheck("sound", () => fine),
    ]);
    expect(results.map(({ id, verdict }) => [id, verdict])).toEqual([
      ["broken", "unknown"],
      ["rejects", "unknown"],
      ["sound", "ok"],
    ]);
    expect(results[0]?.found).toContain("the disk is full");
  });

  it("asks for an elevated prompt where access was denied", async () => {
    const denied = new WsbError("ERR_WSB_ACCESS_DENIED", "Access is denied.");
    const [result] = await runAll([machineCheck("denied", () => Promise.reject(denied))]);
    expect(result).toMatchObject({ verdict: "unknown", needsElevation: true });
  });

  it("makes a check of applications once for each of them", async () => {
    const other = "{11111111-1111-4111-8111-111111111111}";
    const addins = [addinWith(), addinWith({ writerId: other })];
    const results = await runAll(
      [addinCheck(() => fine), machineCheck("machine", () => fine)],
      addins,
    );
    expect(results.map(({ id, writerId }) => [id, writerId])).toEqual([
      ["addin", addinWith().writerId],
      ["addin", other],
      ["machine", undefined],
    ]);
  });

  it.each([
    ["without an application", addinCheck(() => fine), [], false],
    [
      "of an add-in",
      addinCheck(() => fine, { needsAddin: true }),
      [addinWith({ clsid: undefined })],
      false,
    ],
    ["of what Wine lacks", addinCheck(() => fine, { absentInWine: "No." }), [addinWith()], true],
  ])("has nothing to check %s", async (_, check, addins, isWine) => {
    const machine = machineWith({ api: { isWine: () => isWine } });
    const [result] = await runAll([check], addins, machine);
    expect(result?.verdict).toBe("not applicable");
  });

  it("stops at Ctrl-C", async () => {
    const machine = { ...machineWith(), signal: AbortSignal.abort() };
    await expect(runAll([machineCheck("x", () => fine)], [], machine)).rejects.toThrow("aborted");
  });
});

function codeOf(findings: readonly Finding[]): number {
  return doctorExitCode(findings.map((one) => Object.assign({ id: "x" }, texts, one)));
}

describe("the exit code", () => {
  const hidden: Finding = { verdict: "unknown", found: "", needsElevation: true };

  it.each([
    [0, [fine, { verdict: "not applicable", found: "" }]],
    [1, [fine, { verdict: "warn", found: "" }]],
    [1, [fine, { verdict: "fail", found: "" }]],
    [1, [fine, { verdict: "unknown", found: "" }]],
    [5, [fine, hidden]],
    [1, [hidden, { verdict: "warn", found: "" }]],
  ] as const)("is %i", (code, findings) => {
    expect(codeOf(findings)).toBe(code);
  });
});

describe("the checks", () => {
  it("have ids that differ, and say why they matter", () => {
    const ids = CHECKS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, title, why } of CHECKS) {
      expect(id).toMatch(/^[a-z]+(?:-[a-z]+)*$/u);
      expect(title.length).toBeLessThan(60);
      expect(why).toMatch(/\.$/u);
    }
  });

  it("find nothing wrong without an application on a machine where nothing is", () => {
    expect(worstVerdict([])).toBe("ok");
  });
});
