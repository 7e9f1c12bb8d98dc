import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ServiceControl } from "../../../../src/runtime/restore/service-control.ts";
import { FakeServices } from "../../../helpers/fakes/fake-services.ts";
import { passTime, virtualClock } from "../../../helpers/fakes/virtual-time.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const serviceError = expect.objectContaining({ code: "ERR_WSB_SERVICE" });
const never = new AbortController().signal;

function controlOf(api: FakeServices): ServiceControl {
  return new ServiceControl({
    api,
    serviceTimeoutMs: 1000,
    emit: () => {},
    clock: virtualClock,
  });
}

/** Stops services as a session does, and returns those that are ours to start again. */
async function stop(
  api: FakeServices,
  names: readonly string[],
  signal: AbortSignal = never,
): Promise<readonly string[]> {
  const control = controlOf(api);
  const ours: string[] = [];
  const stopAll = async (): Promise<void> => {
    for (const { name, state } of await control.listRunning(names)) {
      await control.stop(name, signal);
      if (state !== "STOP_PENDING") ours.push(name);
    }
  };
  await passTime(stopAll());
  return ours;
}

describe("stop", () => {
  it("stops a running service and tells so", async () => {
    const api = new FakeServices({ name: "Ledger" });
    await expect(stop(api, ["Ledger"])).resolves.toEqual(["Ledger"]);
    expect(api.state("Ledger")).toBe("STOPPED");
  });

  it("waits for a service that takes its time", async () => {
    const api = new FakeServices({ name: "Ledger", onStop: "takes its time" });
    await stop(api, ["Ledger"]);
    expect(api.state("Ledger")).toBe("STOPPED");
  });

  it("stops dependents first, each after the one before it is STOPPED", async () => {
    const api = new FakeServices(
      { name: "Web", dependsOn: ["Ledger"], onStop: "takes its time" },
      { name: "Ledger" },
      { name: "Other" },
    );
    await expect(stop(api, ["Ledger"])).resolves.toEqual(["Web", "Ledger"]);
    expect(api.requests).toEqual(["stop Web", "stop Ledger"]);
    expect(api.state("Other")).toBe("RUNNING");
  });

  it("leaves a stopped service alone: it is not ours to start again", async () => {
    const api = new FakeServices({ name: "Ledger", state: "STOPPED" });
    await expect(stop(api, ["Ledger"])).resolves.toEqual([]);
    expect(api.requests).toEqual([]);
  });

  it("waits for a service that somebody else is stopping: it is not ours to start again", async () => {
    const api = new FakeServices({
      name: "Ledger",
      state: "STOP_PENDING",
      onStop: "takes its time",
    });
    await expect(stop(api, ["Ledger"])).resolves.toEqual([]);
    expect(api.requests).toEqual([]);
    expect(api.state("Ledger")).toBe("STOPPED");
  });

  it("waits for a starting service to run before it is stopped", async () => {
    const api = new FakeServices({
      name: "Ledger",
      state: "START_PENDING",
      onStart: "takes its time",
    });
    await expect(stop(api, ["Ledger"])).resolves.toEqual(["Ledger"]);
    expect(api.state("Ledger")).toBe("STOPPED");
  });

  it("fails for a service that the machine does not know", async () => {
    await expect(stop(new FakeServices(), ["Ledger"])).rejects.toMatchObject({
      code: "ERR_WSB_SERVICE",
      hresult: 0x80070424,
    });
  });

  it("fails for a service that does not stop in time", async () => {
    const api = new FakeServices({ name: "Ledger", onStop: "hangs" });
    await expect(stop(api, ["Ledger"])).rejects.toMatchObject({
      code: "ERR_WSB_SERVICE",
      hresult: 0x8007041d,
    });
  });

  it("fails with Windows' code for a service that refuses to stop", async () => {
    const api = new FakeServices({ name: "Ledger", onStop: "refuses" });
    await expect(stop(api, ["Ledger"])).rejects.toMatchObject({
      code: "ERR_WSB_WINDOWS_API",
      hresult: 0x8007041c,
      api: "ControlService",
    });
  });

  it("stops no further service after one that failed", async () => {
    const api = new FakeServices({ name: "A", onStop: "refuses" }, { name: "B" });
    await expect(stop(api, ["A", "B"])).rejects.toThrow();
    expect(api.requests).toEqual(["stop A"]);
  });

  it("stops nothing when it is aborted before it begins", async () => {
    const api = new FakeServices({ name: "Ledger" });
    await expect(stop(api, ["Ledger"], AbortSignal.abort())).rejects.toThrow(
      expect.objectContaining({ name: "AbortError" }),
    );
    expect(api.requests).toEqual([]);
  });

  it("gives up at once when it is aborted while a service stops, and stops no further one", async () => {
    const api = new FakeServices({ name: "A", onStop: "hangs" }, { name: "B" });
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 200);
    await expect(stop(api, ["A", "B"], controller.signal)).rejects.toThrow();
    expect(performance.now()).toBeLessThan(1000);
    expect(api.requests).toEqual(["stop A"]);
  });

  it("asks nothing of Windows when there are no services", async () => {
    const api = new FakeServices();
    const list = vi.spyOn(api, "listServiceDependencies");
    await stop(api, []);
    expect(list).not.toHaveBeenCalled();
  });
});

describe("start", () => {
  it.each(["obeys", "takes its time"] as const)("starts a service that %s", async (onStart) => {
    const api = new FakeServices({ name: "Ledger", state: "STOPPED", onStart });
    await passTime(controlOf(api).start("Ledger"));
    expect(api.state("Ledger")).toBe("RUNNING");
  });

  it("is done when the service runs already", async () => {
    const api = new FakeServices({ name: "Ledger" });
    await passTime(controlOf(api).start("Ledger"));
    expect(api.state("Ledger")).toBe("RUNNING");
  });

  it("starts a service that is still stopping once it has stopped", async () => {
    const api = new FakeServices({
      name: "Ledger",
      state: "STOP_PENDING",
      onStop: "takes its time",
    });
    await passTime(controlOf(api).start("Ledger"));
    expect(api.state("Ledger")).toBe("RUNNING");
  });

  it.each([
    ["that stops again", "fails", serviceError],
    ["that does not run in time", "hangs", serviceError],
    [
      "that Windows refuses to start",
      "refuses",
      expect.objectContaining({ code: "ERR_WSB_WINDOWS_API", hresult: 0x8007042d }),
    ],
  ] as const)("fails for a service %s", async (_, onStart, error) => {
    const api = new FakeServices({ name: "Ledger", state: "STOPPED", onStart });
    await expect(passTime(controlOf(api).start("Ledger"))).rejects.toThrow(error);
  });

  it("fails for a service that never stops stopping", async () => {
    const api = new FakeServices({ name: "Ledger", state: "STOP_PENDING", onStop: "hangs" });
    await expect(passTime(controlOf(api).start("Ledger"))).rejects.toThrow(serviceError);
  });

  it("fails for a service that is gone", async () => {
    await expect(passTime(controlOf(new FakeServices()).start("Ledger"))).rejects.toMatchObject({
      hresult: 0x80070424,
    });
  });
});
