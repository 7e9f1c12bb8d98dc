import { describe, expect, it } from "vitest";

import type { CallResult } from "../../../../src/runtime/native/binding.ts";
import {
  simulateBackup,
  type BackupSimulationOptions,
} from "../../../../src/tools/simulate/backup.ts";
import type { SimulationResult } from "../../../../src/tools/simulate/steps.ts";
import { createFakeBinding } from "../../../helpers/fakes/fake-binding.ts";
import {
  FakeOperation,
  FakeRemoteAddin,
  failed,
  ok,
} from "../../../helpers/fakes/fake-remote-addin.ts";
import { manifestWith } from "../../../helpers/manifest.ts";
import {
  FakeDiskshadow,
  type FakeDiskshadowOptions,
} from "../../../helpers/fakes/fake-diskshadow.ts";
import { fakeProtection } from "../../../helpers/fakes/fake-protection.ts";
import { useProgramData } from "../../../helpers/program-data.ts";

const IN_PROGRESS = 0x007a0004;
const IN_PROGRESS_FIRST_SDK = 0x407a0004;
const CHECK_FAILED = 0x807a0001;

function simulate(
  addin: FakeRemoteAddin,
  options: Partial<BackupSimulationOptions> = {},
): Promise<SimulationResult> {
  return simulateBackup({
    api: createFakeBinding({ activate: async () => ok(addin) }),
    manifest: manifestWith(),
    writerMetadata: "<x/>",
    components: [{ componentName: "a", logicalPath: "p", files: [], logFiles: [] }],
    signal: new AbortController().signal,
    emit: () => {},
    volumes: [
      { source: "C:\\", snapshot: "S:\\" },
      { source: "D:\\", snapshot: "T:\\" },
    ],
    pollMs: 0,
    ...options,
  });
}

/** Returns an add-in whose check returns these statuses, the last one for ever. */
function checking(...statuses: readonly CallResult<number>[]): FakeRemoteAddin {
  const addin = new FakeRemoteAddin();
  addin.onCheck = () => ok(new FakeOperation(addin.calls, statuses));
  return addin;
}

/** Simulates a backup that a stand-in for diskshadow makes. */
function withDiskshadow(
  addin: FakeRemoteAddin,
  options: FakeDiskshadowOptions = {},
): Promise<SimulationResult> {
  const { startProcess } = new FakeDiskshadow(options);
  return simulate(addin, {
    volumes: [],
    diskshadow: {
      api: { ...fakeProtection(), startProcess },
      program: { file: "C:\\Windows\\System32\\diskshadow.exe", args: [] },
      node: process.execPath,
      writerId: undefined,
      volumes: ["C:\\"],
      deviceOf: async () => "\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy3",
      report: () => {},
      signal: new AbortController().signal,
    },
  });
}

describe("simulateBackup with diskshadow", () => {
  useProgramData();

  it("lets the add-in check the shadow copies, before they end", async () => {
    const addin = checking(ok(0));
    const { timeline, succeeded } = await withDiskshadow(addin);
    expect(succeeded).toBe(true);
    const steps = timeline.map(({ step }) => step);
    expect(steps[0]).toBe("diskshadow");
    expect(steps).toContain("CheckConsistency");
    expect(steps.at(-1)).toBe("diskshadow ends");
    expect(addin.checkArguments).toMatchObject([
      {
        sourceVolumePaths: ["C:\\"],
        snapshotVolumePaths: ["\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy3\\"],
      },
    ]);
  });

  it("checks nothing without a shadow copy, and fails", async () => {
    const failsWith = { exitCode: 1, output: "" };
    const { timeline, succeeded } = await withDiskshadow(checking(ok(0)), { failsWith });
    expect(succeeded).toBe(false);
    expect(timeline.map(({ step }) => step)).toEqual(["diskshadow"]);
  });
});

describe("simulateBackup", () => {
  it.each([
    [0, "no check needed; warning: S_OK with NULL instead of S_FALSE"],
    [1, "no check needed"],
  ])("L: warns of a check of NULL that is answered with 0x%s", async (hresult, detail) => {
    const addin = new FakeRemoteAddin();
    addin.onCheck = () => ({ hresult, description: null, value: null });
    const { timeline, succeeded } = await simulate(addin);
    expect(timeline.find(({ step }) => step === "CheckConsistency")).toMatchObject({ detail });
    expect(succeeded).toBe(true);
  });

  it("hands over metadata, names and both volume arrays", async () => {
    const addin = new FakeRemoteAddin();
    await simulate(addin);
    expect(addin.checkArguments).toEqual([
      {
        writerMetadata: "<x/>",
        componentName: "a",
        logicalPath: "p",
        sourceVolumePaths: ["C:\\", "D:\\"],
        snapshotVolumePaths: ["S:\\", "T:\\"],
      },
    ]);
  });

  it("polls until the check ends, with either SDK's value, and releases both objects", async () => {
    const addin = checking(ok(IN_PROGRESS), ok(IN_PROGRESS_FIRST_SDK), ok(0));
    const result = await simulate(addin);
    expect(addin.calls).toEqual([
      "checkConsistency a",
      "queryStatus",
      "queryStatus",
      "queryStatus",
      "release operation",
      "release",
    ]);
    expect(result.succeeded).toBe(true);
  });

  it("makes no further calls when no check is needed", async () => {
    const addin = new FakeRemoteAddin();
    const result = await simulate(addin);
    expect(addin.calls).toEqual(["checkConsistency a", "release"]);
    expect(result.succeeded).toBe(true);
  });

  it.each([
    ["the check's own", ok(CHECK_FAILED), CHECK_FAILED],
    ["that of QueryStatus", failed<number>(0x80010108), 0x80010108],
  ])("fails with the code of a failure: %s", async (_, status, hresult) => {
    const result = await simulate(checking(ok(IN_PROGRESS), status));
    expect(result.succeeded).toBe(false);
    expect(result.timeline.at(-2)).toMatchObject({ step: "QueryStatus", hresult, failed: true });
  });

  it("shows why a check failed, and what Windows records of it", async () => {
    const failure = { code: "Error", text: "Page 7 is torn", stack: ["at check (src/a.ts:1:1)"] };
    const { timeline } = await simulate(checking(ok(CHECK_FAILED)), {
      findFailure: ({ method, component }) =>
        `${method} ${component}` === "CheckConsistency p\\a" ? failure : undefined,
    });
    const { applicationIdentifier } = manifestWith();
    expect(timeline.slice(-2)).toMatchObject([
      { step: "QueryStatus", failed: true, failure, detail: "Page 7 is torn; 1 call" },
      {
        step: "record",
        component: "p\\a",
        failed: false,
        detail: expect.stringContaining(`"${applicationIdentifier}" is not available`),
      },
    ]);
    expect(timeline.at(-1)?.detail).toContain("event 565");
  });

  it("records nothing of a check that succeeds", async () => {
    const { timeline } = await simulate(checking(ok(0)));
    expect(timeline.map(({ step }) => step)).not.toContain("record");
  });

  it("fails when the check cannot be started, and continues with the next component", async () => {
    const addin = new FakeRemoteAddin();
    addin.onCheck = () => failed(CHECK_FAILED, "broken");
    const components = ["a", "b"].map((componentName) => ({
      componentName,
      logicalPath: null,
      files: [],
      logFiles: [],
    }));
    const result = await simulate(addin, { components });
    expect(addin.calls).toEqual(["checkConsistency a", "checkConsistency b", "release"]);
    expect(result.timeline.filter(({ failed: bad }) => bad)).toHaveLength(2);
    expect(result.timeline.filter(({ step }) => step === "record")).toHaveLength(2);
  });

  it.each([
    ["after its time", { abortAfterMs: 0 }],
    ["when it is interrupted", undefined],
  ])("aborts a check %s and waits for its end", async (_, given) => {
    const controller = new AbortController();
    const addin = checking(ok(IN_PROGRESS));
    const started = addin.onCheck;
    addin.onCheck = () => {
      if (given === undefined) controller.abort();
      return started();
    };
    const result = await simulate(addin, given ?? { signal: controller.signal });
    expect(addin.calls.slice(1)).toEqual([
      "queryStatus",
      "abort",
      "queryStatus",
      "release operation",
      "release",
    ]);
    expect(result.timeline.map(({ step }) => step)).toEqual([
      "activate",
      "CheckConsistency",
      "QueryStatus",
      "Abort",
      "QueryStatus",
    ]);
    expect(result.timeline.at(-1)?.detail).toContain("E_ABORT");
  });

  it("does not abort a check that has ended", async () => {
    const addin = checking(ok(0));
    await simulate(addin, { abortAfterMs: 0 });
    expect(addin.calls).not.toContain("abort");
  });

  it("releases the add-in and the check when a call throws", async () => {
    const addin = new FakeRemoteAddin();
    addin.onCheck = () => {
      const operation = new FakeOperation(addin.calls, []);
      operation.queryStatus = () => Promise.reject(new Error("gone"));
      return ok(operation);
    };
    await expect(simulate(addin)).rejects.toThrow("gone");
    expect(addin.calls.slice(-2)).toEqual(["release operation", "release"]);
  });
});
