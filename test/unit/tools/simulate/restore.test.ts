import { describe, expect, it } from "vitest";

import type { BackupItem } from "../../../../src/tools/simulate/parts.ts";
import {
  simulateRestore,
  type RestoreSimulationOptions,
} from "../../../../src/tools/simulate/restore.ts";
import type { SimulationResult } from "../../../../src/tools/simulate/steps.ts";
import type { TimelineEntry } from "../../../../src/tools/report/timeline.ts";
import { createFakeBinding } from "../../../helpers/fakes/fake-binding.ts";
import { FakeRemoteAddin, failed, ok } from "../../../helpers/fakes/fake-remote-addin.ts";
import { FakeServices } from "../../../helpers/fakes/fake-services.ts";
import { manifestWith } from "../../../helpers/manifest.ts";

function component(componentName: string): BackupItem {
  return { componentName, logicalPath: null, files: [], logFiles: [] };
}

function steps({ timeline }: SimulationResult): readonly string[] {
  return timeline.map(({ step, component: one }) => (one === undefined ? step : `${step} ${one}`));
}

function simulate(
  addin: FakeRemoteAddin | undefined,
  options: Partial<RestoreSimulationOptions> = {},
): Promise<SimulationResult> {
  return simulateRestore({
    api: createFakeBinding({
      services: new FakeServices({ name: "Ledger" }),
      ...(addin === undefined ? {} : { activate: async () => ok(addin) }),
    }),
    manifest: manifestWith(),
    writerMetadata: "<x/>",
    components: [component("a"), component("b")],
    signal: new AbortController().signal,
    emit: () => {},
    noRollForward: true,
    withAddin: true,
    ...options,
  });
}

describe("simulateRestore", () => {
  it("calls in the documented order and releases the add-in at the end", async () => {
    const addin = new FakeRemoteAddin();
    const result = await simulate(addin);
    expect(addin.calls).toEqual([
      "isRollForwardSupported",
      "orderComponents a b",
      "preRestore a",
      "preRestore b",
      "postRestore a",
      "postRestore b",
      "release",
    ]);
    expect(result.succeeded).toBe(true);
  });

  it("passes metadata, both names and noRollForward each time", async () => {
    const addin = new FakeRemoteAddin();
    await simulate(addin, { components: [{ ...component("a"), logicalPath: "p" }] });
    expect(addin.restoreArguments).toEqual([
      { writerMetadata: "<x/>", componentName: "a", logicalPath: "p", noRollForward: true },
      { writerMetadata: "<x/>", componentName: "a", logicalPath: "p", noRollForward: true },
    ]);
  });

  it.each([
    [0, "no particular order; warning: S_OK with NULL instead of S_FALSE"],
    [1, "no particular order"],
  ])("L: warns of an order of NULL that is answered with 0x%s", async (hresult, detail) => {
    const addin = new FakeRemoteAddin();
    addin.order = { hresult, description: null, value: null };
    const { timeline, succeeded } = await simulate(addin);
    expect(timeline.find(({ step }) => step === "OrderComponents")).toMatchObject({ detail });
    expect(succeeded).toBe(true);
  });

  it("fails when a service runs while files are replaced", async () => {
    const services = new FakeServices({ name: "Ledger" });
    const api = createFakeBinding({ services, activate: async () => ok(new FakeRemoteAddin()) });
    const manifest = manifestWith({ services: ["Ledger"] });
    const { timeline, succeeded } = await simulate(undefined, { api, manifest });
    const looks = timeline.filter(({ step }) => step === "services").map((one) => one.failed);
    expect([looks, succeeded]).toEqual([[false, true, false], false]);
  });

  it("keeps to the add-in's order", async () => {
    const addin = new FakeRemoteAddin();
    addin.order = ok([component("b"), component("a")]);
    await simulate(addin);
    expect(addin.calls.filter((call) => call.startsWith("pre"))).toEqual([
      "preRestore b",
      "preRestore a",
    ]);
  });

  it("ignores unknown and duplicate components in the add-in's order", async () => {
    const addin = new FakeRemoteAddin();
    addin.order = ok([component("x"), component("b"), component("b")]);
    await simulate(addin);
    expect(addin.calls.filter((call) => call.startsWith("pre"))).toEqual(["preRestore b"]);
  });

  it("restores nothing when OrderComponents fails", async () => {
    const addin = new FakeRemoteAddin();
    addin.order = failed(0x80004005, "broken");
    const result = await simulate(addin);
    expect(addin.calls).toEqual(["isRollForwardSupported", "orderComponents a b", "release"]);
    expect(result.succeeded).toBe(false);
    expect(result.timeline).toContainEqual(
      expect.objectContaining({ step: "OrderComponents", hresult: 0x80004005, detail: "broken" }),
    );
  });

  it("continues with the others when one PreRestore fails, without its PostRestore", async () => {
    const addin = new FakeRemoteAddin();
    addin.onPreRestore = (name) => (name === "a" ? failed(0x807a0002, "no") : ok(undefined));
    const result = await simulate(addin);
    expect(addin.calls.slice(2)).toEqual([
      "preRestore a",
      "preRestore b",
      "postRestore b",
      "release",
    ]);
    expect(result.succeeded).toBe(false);
  });

  it("fails when a PostRestore fails, but still calls the next one", async () => {
    const addin = new FakeRemoteAddin();
    addin.onPostRestore = (name) => (name === "a" ? failed(0x807a0003) : ok(undefined));
    const result = await simulate(addin);
    expect(addin.calls).toContain("postRestore b");
    expect(result.succeeded).toBe(false);
  });

  it("shows the reason when the class cannot be activated", async () => {
    const result = await simulate(undefined);
    expect(result.succeeded).toBe(false);
    expect(result.timeline).toContainEqual(
      expect.objectContaining({ step: "activate", hresult: 0x80040154, failed: true }),
    );
  });

  it("refuses an application without a class", async () => {
    await expect(
      simulate(undefined, { manifest: manifestWith({ addin: undefined }) }),
    ).rejects.toMatchObject({ code: "ERR_WSB_INVALID_MANIFEST" });
  });

  it("makes no calls without an add-in", async () => {
    const addin = new FakeRemoteAddin();
    const result = await simulate(addin, { withAddin: false });
    expect(addin.calls).toEqual([]);
    expect(result.succeeded).toBe(true);
  });

  it("copies between PreRestore and PostRestore, which is called even if copying failed", async () => {
    const addin = new FakeRemoteAddin();
    const files = [{ path: "..\\x", filespec: "*", recursive: false }];
    const result = await simulate(addin, {
      components: [{ ...component("a"), files }],
      backupFolder: "B:\\backup",
    });
    expect(steps(result)).toEqual([
      "activate",
      "IsRollForwardSupported",
      "OrderComponents",
      "PreRestore a",
      "copy a",
      "PostRestore a",
    ]);
    expect(result.succeeded).toBe(false);
  });

  it("prepares no further component after an interrupt, and finishes the prepared ones", async () => {
    const controller = new AbortController();
    const addin = new FakeRemoteAddin();
    addin.onPreRestore = () => {
      controller.abort();
      return ok(undefined);
    };
    await simulate(addin, { signal: controller.signal });
    expect(addin.calls.slice(2)).toEqual(["preRestore a", "postRestore a", "release"]);
  });

  it("releases the add-in when a call throws", async () => {
    const addin = new FakeRemoteAddin();
    addin.onPreRestore = () => {
      throw new Error("gone");
    };
    await expect(simulate(addin)).rejects.toThrow("gone");
    expect(addin.calls.at(-1)).toBe("release");
  });

  it("fails when a service runs while files are replaced", async () => {
    const manifest = manifestWith({ services: ["Ledger"] });
    const services = new FakeServices({ name: "Ledger", state: "RUNNING" });
    const addin = new FakeRemoteAddin();
    const api = createFakeBinding({ services, activate: async () => ok(addin) });
    const { succeeded, timeline } = await simulate(undefined, { api, manifest });
    const looks = timeline.filter(({ step }) => step === "services");
    expect(looks.map((look) => look.failed)).toEqual([false, true, false]);
    expect(looks[1]?.detail).toContain("Ledger must be stopped");
    expect(succeeded).toBe(false);
  });

  it("judges no service when nothing is restored", async () => {
    const manifest = manifestWith({ services: ["Ledger"] });
    const services = new FakeServices({ name: "Ledger", state: "RUNNING" });
    const addin = new FakeRemoteAddin();
    addin.onPreRestore = () => failed(0x807a0002);
    const api = createFakeBinding({ services, activate: async () => ok(addin) });
    const { timeline } = await simulate(undefined, { api, manifest });
    const looks = timeline.filter(({ step }) => step === "services");
    expect(looks.map((look) => look.failed)).toEqual([false, false, false]);
  });

  it("shows the services before, during and after the restore", async () => {
    const result = await simulate(new FakeRemoteAddin(), {
      manifest: manifestWith({ services: ["Ledger", "Nobody"] }),
    });
    expect(steps(result).filter((step) => step === "services")).toHaveLength(3);
    expect(result.services).toEqual({ Ledger: "RUNNING", Nobody: "missing" });
  });

  it("emits each step when it has ended, with its times", async () => {
    const told: TimelineEntry[] = [];
    const result = await simulate(new FakeRemoteAddin(), {
      emit: (event) => {
        if (event.event !== "stepTaken") return;
        const { event: _, ...entry } = event;
        told.push(entry);
      },
    });
    expect(told).toEqual(result.timeline);
    for (const { startMs, durationMs } of told) {
      expect(startMs).toBeGreaterThanOrEqual(0);
      expect(durationMs).toBeGreaterThanOrEqual(0);
    }
  });
});
