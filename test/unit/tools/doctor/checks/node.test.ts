import { describe, expect, it } from "vitest";

import { judgeNode, nodeCheck } from "../../../../../src/tools/doctor/checks/node.ts";
import { nodeSupport } from "../../../../../src/tools/doctor/node-support.ts";
import { runChecks } from "../../../../../src/tools/doctor/run-checks.ts";
import { addinWith, machineWith } from "../../../../helpers/doctor-bed.ts";

const NOW = new Date("2026-11-01T00:00:00Z");

describe("a version of Node.js", () => {
  it.each([
    ["v18.20.0", "too old"],
    ["v20.20.2", "ended"],
    ["v22.23.3", "supported"],
    ["v23.1.0", "ended"],
    ["v24.0.0", "supported"],
    ["v27.0.0", "unknown"],
    ["v30.0.0", "unknown"],
    ["nonsense", "unknown"],
  ])("%s is %s", (version, state) => {
    expect(nodeSupport(version, NOW).state).toBe(state);
  });

  it.each([
    ["2027-01-29T00:00:00Z", "supported"],
    ["2027-02-01T00:00:00Z", "ends soon"],
    ["2027-04-30T12:00:00Z", "ends soon"],
    ["2027-05-01T00:00:00Z", "ended"],
  ])("22 at %s %s", (now, state) => {
    expect(nodeSupport("v22.0.0", new Date(now)).state).toBe(state);
  });
});

describe("the application's Node.js", () => {
  const program = "C:\\node.exe";

  it.each([
    ["x64", "v22.23.3", "ok"],
    ["x64", "v20.20.2", "warn"],
    ["x64", "v18.0.0", "fail"],
    ["x64", "v30.0.0", "ok"],
    ["x64", undefined, "unknown"],
    ["32-bit", "v22.23.3", "fail"],
    ["ARM64", "v22.23.3", "fail"],
    [undefined, undefined, "fail"],
  ] as const)("for %s, version %s, is %s", (machine, version, verdict) => {
    expect(judgeNode({ program, machine, version }, NOW).verdict).toBe(verdict);
  });

  it("is examined for an application that has only a writer", async () => {
    const installation = {
      nodeExe: "C:\\missing\\node.exe",
      writerScript: "C:\\Ledger\\writer.js",
    };
    const addins = [addinWith({ clsid: undefined, installation })];
    const [result] = await runChecks([nodeCheck], { machine: machineWith(), addins });
    expect(result).toMatchObject({
      verdict: "fail",
      found: "C:\\missing\\node.exe is missing.",
    });
  });
});
