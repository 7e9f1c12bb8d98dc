import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { errorText } from "../../../../src/base/errors.ts";
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
const limits = { timeoutMs: 1000 };

function controlOf(api: FakeServices): ServiceControl {
  return new ServiceControl({
    api,
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
    for (const { name, state } of await control.list(names)) {
      if (state === "STOPPED") continue;
      await control.stop(name, { ...limits, signal });
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
    await passTime(controlOf(api).start("Ledger", limits));
    expect(api.state("Ledger")).toBe("RUNNING");
  });

  it("is done when the service runs already", async () => {
    const api = new FakeServices({ name: "Ledger" });
    await passTime(controlOf(api).start("Ledger", limits));
    expect(api.state("Ledger")).toBe("RUNNING");
  });

  it("starts a service that is still stopping once it has stopped", async () => {
    const api = new FakeServices({
      name: "Ledger",
      state: "STOP_PENDING",
      onStop: "takes its time",
    });
    await passTime(controlOf(api).start("Ledger", limits));
    expect(api.state("Ledger")).toBe("RUNNING");
  });

  it.each([
    ["that stops again", "fails", serviceError],
    ["that does not run in time", "hangs", serviceError],
    [
      "that Windows refuses to start",
      "refuses",
      expect.objectContaining({
        code: "ERR_WSB_WINDOWS_API",
        hresult: 0x8007042d,
        message: expect.stringContaining('sc.exe start "Ledger"'),
      }),
    ],
  ] as const)("fails for a service %s", async (_, onStart, error) => {
    const api = new FakeServices({ name: "Ledger", state: "STOPPED", onStart });
    await expect(passTime(controlOf(api).start("Ledger", limits))).rejects.toThrow(error);
  });

  it("fails for a service that never stops stopping", async () => {
    const api = new FakeServices({ name: "Ledger", state: "STOP_PENDING", onStop: "hangs" });
    await expect(passTime(controlOf(api).start("Ledger", limits))).rejects.toThrow(serviceError);
  });

  it("fails for a service that is gone", async () => {
    await expect(
      passTime(controlOf(new FakeServices()).start("Ledger", limits)),
    ).rejects.toMatchObject({
      hresult: 0x80070424,
    });
  });
});

/** Returns the text of the failure, which must be one of a service. */
async function refusal(work: Promise<unknown>): Promise<string> {
  const error: unknown = await passTime(work).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ code: "ERR_WSB_SERVICE" });
  return errorText(error);
}

describe("stop of a service with dependents", () => {
  it("fails with the names of those that have started meanwhile", async () => {
    const api = new FakeServices(
      { name: "Web", dependsOn: ["Ledger"], state: "STOPPED" },
      { name: "Ledger" },
    );
    api.setState("Web", "RUNNING");
    const text = await refusal(controlOf(api).stop("Ledger", limits));
    expect(text).toContain("Web");
    expect(api.requests).toEqual(["stop Ledger"]);
  });

  it("waits for those that are about to have stopped", async () => {
    const api = new FakeServices(
      { name: "Web", dependsOn: ["Ledger"], state: "STOP_PENDING", onStop: "hangs" },
      { name: "Ledger" },
    );
    const stopped = controlOf(api).stop("Ledger", limits);
    await vi.advanceTimersByTimeAsync(100);
    api.setState("Web", "STOPPED");
    await passTime(stopped);
    expect(api.state("Ledger")).toBe("STOPPED");
  });
});

describe("stop of a service that is gone", () => {
  it("is done, and so is one of a service that is deleted while it stops", async () => {
    await passTime(controlOf(new FakeServices()).stop("Ledger", limits));
    const api = new FakeServices({ name: "Ledger", onStop: "hangs" });
    const stopped = controlOf(api).stop("Ledger", limits);
    await vi.advanceTimersByTimeAsync(100);
    api.remove("Ledger");
    await passTime(stopped);
  });
});

describe("list", () => {
  it("lists what depends on the named services, in stop order, also what is stopped", async () => {
    const api = new FakeServices(
      { name: "Web", dependsOn: ["Ledger"], state: "STOPPED", startType: "manual" },
      { name: "Ledger", delayedStart: true },
    );
    await expect(controlOf(api).list(["ledger"])).resolves.toEqual([
      {
        name: "Web",
        state: "STOPPED",
        startType: "manual",
        delayedStart: false,
        isDependent: true,
      },
      {
        name: "ledger",
        state: "RUNNING",
        startType: "automatic",
        delayedStart: true,
        isDependent: false,
      },
    ]);
  });

  it("fails with the name of a service that does not exist", async () => {
    await expect(controlOf(new FakeServices()).list(["Ledger"])).rejects.toMatchObject({
      code: "ERR_WSB_SERVICE",
      hresult: 0x80070424,
      message: expect.stringContaining("Ledger"),
    });
  });

  it("leaves out a dependent that is deleted meanwhile", async () => {
    const api = new FakeServices({ name: "Web", dependsOn: ["Ledger"] }, { name: "Ledger" });
    vi.spyOn(api, "describeService").mockImplementation(async (name) => {
      api.remove("Web");
      return FakeServices.prototype.describeService.call(api, name);
    });
    const listed = await controlOf(api).list(["Ledger"]);
    expect(listed.map(({ name }) => name)).toEqual(["Ledger"]);
  });
});

describe("running", () => {
  it("lists what is not stopped, and skips what does not exist", async () => {
    const api = new FakeServices(
      { name: "A" },
      { name: "B", state: "STOPPED" },
      { name: "C", state: "START_PENDING", onStart: "hangs" },
    );
    const running = await controlOf(api).running(["A", "B", "C", "D"]);
    expect(running.map(({ name, state }) => `${name} ${state}`)).toEqual([
      "A RUNNING",
      "C START_PENDING",
    ]);
  });
});

async function refuse(api: FakeServices, names: readonly string[]): Promise<string> {
  const control = controlOf(api);
  return refusal(control.refuseUnstartable(await control.list(names)));
}

describe("refuseUnstartable", () => {
  it("accepts services that can start, and what they need that runs though it is disabled", async () => {
    const api = new FakeServices(
      { name: "Ledger", dependsOn: ["Store"] },
      { name: "Store", startType: "disabled" },
    );
    const control = controlOf(api);
    await control.refuseUnstartable(await control.list(["Ledger"]));
  });

  it("accepts what is stopped, or stopped by somebody else, whatever its start type", async () => {
    const api = new FakeServices(
      { name: "A", state: "STOPPED", startType: "disabled" },
      { name: "B", state: "STOP_PENDING", startType: "disabled" },
    );
    const control = controlOf(api);
    await control.refuseUnstartable(await control.list(["A", "B"]));
  });

  it("accepts what was deleted since it was listed: nobody starts it again", async () => {
    const api = new FakeServices({ name: "Ledger" });
    const control = controlOf(api);
    const listed = await control.list(["Ledger"]);
    api.remove("Ledger");
    await control.refuseUnstartable(listed);
  });

  it("names every service with every reason, dependents included", async () => {
    const api = new FakeServices(
      { name: "Web", dependsOn: ["Ledger"], mayStart: false },
      { name: "Ledger", startType: "disabled", programExists: false },
      { name: "Other" },
    );
    const text = await refuse(api, ["Ledger", "Other"]);
    expect(text).toContain(
      "Web (this account may not start it; it needs Ledger, which is disabled",
    );
    expect(text).toContain(
      String.raw`Ledger (it is disabled; it has no program at C:\Services\Ledger.exe)`,
    );
    expect(text).not.toContain("Other");
    expect(text).not.toContain("meanwhile");
    expect(api.requests).toEqual([]);
  });

  it("looks through services that are needed for one that is stopped and disabled", async () => {
    const api = new FakeServices(
      { name: "Ledger", dependsOn: ["Store"] },
      { name: "Store", dependsOn: ["Disk"] },
      { name: "Disk", state: "STOPPED", startType: "disabled" },
    );
    expect(await refuse(api, ["Ledger"])).toContain("Ledger (it needs Disk, which is disabled)");
  });

  it("names a needed service that does not exist, and ends for services that need each other", async () => {
    const api = new FakeServices(
      { name: "A", dependsOn: ["B"] },
      { name: "B", dependsOn: ["A", "Nowhere"] },
    );
    expect(await refuse(api, ["A"])).toContain("A (it needs Nowhere, which does not exist)");
  });
});

describe("setStartType", () => {
  it("sets the start type and keeps the delay of an automatic start", async () => {
    const api = new FakeServices({ name: "Ledger", delayedStart: true });
    const control = controlOf(api);
    const [before] = await control.list(["Ledger"]);
    await control.setStartType("Ledger", { startType: "manual", delayedStart: false });
    expect(await api.describeService("Ledger")).toMatchObject({ startType: "manual" });
    await control.setStartType("Ledger", before ?? { startType: "disabled", delayedStart: false });
    expect(await control.list(["Ledger"])).toEqual([before]);
  });

  it("fails for a service that does not exist", async () => {
    const setting = { startType: "manual", delayedStart: false } as const;
    await expect(
      controlOf(new FakeServices()).setStartType("Ledger", setting),
    ).rejects.toMatchObject({ code: "ERR_WSB_SERVICE", hresult: 0x80070424 });
  });
});

describe("watch", () => {
  it("tells each start once, by whomever, also of a service that has stopped again", async () => {
    const api = new FakeServices({ name: "Ledger", state: "STOPPED" }, { name: "Other" });
    const ran: string[] = [];
    const watch = await controlOf(api).watch(["ledger", "Nowhere"], (name) => ran.push(name));
    api.setState("Ledger", "RUNNING");
    api.setState("Ledger", "STOPPED");
    api.setState("Other", "STOPPED");
    api.setState("Other", "RUNNING");
    await passTime(controlOf(api).start("Ledger", limits));
    expect(ran).toEqual(["ledger", "ledger"]);
    watch.close();
    api.setState("Ledger", "STOPPED");
    api.setState("Ledger", "RUNNING");
    await vi.advanceTimersByTimeAsync(0);
    expect(ran).toHaveLength(2);
  });

  it("ends quietly for a service that is deleted", async () => {
    const api = new FakeServices({ name: "Ledger", state: "STOPPED" });
    const ran: string[] = [];
    await controlOf(api).watch(["Ledger"], (name) => ran.push(name));
    api.remove("Ledger");
    api.add({ name: "Ledger", state: "STOPPED" });
    api.setState("Ledger", "RUNNING");
    await vi.advanceTimersByTimeAsync(0);
    expect(ran).toEqual([]);
  });
});
