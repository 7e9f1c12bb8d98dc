import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { AddinEvent } from "../../../../src/runtime/events/definitions.ts";
import type { ServiceChangeEnd } from "../../../../src/runtime/native/binding.ts";
import { ServiceControl } from "../../../../src/runtime/restore/service-control.ts";
import { changeService, type Change } from "../../../../src/runtime/restore/service-change.ts";
import { FakeServices } from "../../../helpers/fakes/fake-services.ts";
import { passTime, virtualClock } from "../../../helpers/fakes/virtual-time.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const reached: ServiceChangeEnd = { outcome: "reached", state: "RUNNING", exitCode: 0 };
const lost: ServiceChangeEnd = { outcome: "lost", state: "STOPPED", exitCode: 1066 };
const timedOut: ServiceChangeEnd = { outcome: "timedOut", state: "START_PENDING", exitCode: 0 };
const cancelled: ServiceChangeEnd = { outcome: "cancelled", state: "STOPPED", exitCode: 0 };

function failure(hresult: number): Error {
  return Object.assign(new Error("Windows refused."), { hresult, api: "StartServiceW" });
}

const locked = failure(0x8007041f);

interface Played {
  /** When each attempt was made, and how long it might take, in milliseconds. */
  readonly attempts: (readonly [number, number])[];
  readonly events: AddinEvent[];
  readonly end: Promise<void>;
}

/** Starts a service whose attempts end one after the other as given; the last one repeats. */
function play(
  ends: readonly (ServiceChangeEnd | Error)[],
  change: Partial<Change> = {},
  explain: (error: unknown) => Promise<void> = async () => {},
): Played {
  const startMs = virtualClock.now();
  const attempts: (readonly [number, number])[] = [];
  const events: AddinEvent[] = [];
  const machine = {
    api: {
      changeService: (_: string, __: string, timeoutMs: number) => {
        attempts.push([virtualClock.now() - startMs, timeoutMs]);
        const end = ends[Math.min(attempts.length, ends.length) - 1] ?? reached;
        const ended = end instanceof Error ? Promise.reject(end) : Promise.resolve(end);
        return { ended, cancel: () => {} };
      },
    },
    emit: (event: AddinEvent) => void events.push(event),
    clock: virtualClock,
  };
  const whole = { service: "Ledger", wanted: "RUNNING", timeoutMs: 10_000, ...change } as const;
  const end = passTime(changeService(machine, { signal: undefined, ...whole }, explain));
  return { attempts, events, end };
}

describe("a change of a service", () => {
  it("is one attempt when it succeeds", async () => {
    const { attempts, events, end } = play([reached]);
    await end;
    expect([attempts, events]).toEqual([[[0, 10_000]], []]);
  });

  it.each([0x8007041b, 0x8007041d, 0x8007041f, 0x80070425, 0x8007042c, 0x800706ba, 0x800706bb])(
    "is tried again, ever later, within its time: HRESULT %i",
    async (hresult) => {
      const passing = failure(hresult);
      const { attempts, events, end } = play([passing, passing, passing, reached]);
      await end;
      expect(attempts.map(([atMs]) => atMs)).toEqual([0, 250, 750, 1750]);
      expect(attempts.at(-1)?.[1]).toBe(8250);
      expect(events.map((event) => event.event === "message" && event.level)).toEqual([
        "warn",
        "warn",
        "warn",
      ]);
    },
  );

  it("is not tried again when its time would be over", async () => {
    const { attempts, end } = play([locked], { timeoutMs: 750 });
    await expect(end).rejects.toBe(locked);
    expect(attempts.map(([atMs]) => atMs)).toEqual([0, 250]);
    const later = play([locked], { timeoutMs: 751 });
    await expect(later.end).rejects.toBe(locked);
    expect(later.attempts.map(([atMs]) => atMs)).toEqual([0, 250, 750]);
  });

  it("is not tried again after a failure that stays", async () => {
    const denied = failure(0x80070005);
    const { attempts, end } = play([denied]);
    await expect(end).rejects.toBe(denied);
    expect(attempts).toHaveLength(1);
    const defect = new TypeError("a defect");
    const other = play([defect]);
    await expect(other.end).rejects.toBe(defect);
    expect(other.attempts).toHaveLength(1);
  });

  it("is given up at the third start that ends stopped, with the exit code", async () => {
    const { attempts, end } = play([lost]);
    await expect(end).rejects.toMatchObject({
      code: "ERR_WSB_SERVICE",
      hresult: 0x80004005,
      message: expect.stringContaining("1066"),
    });
    expect(attempts).toHaveLength(3);
    await expect(play([lost, lost, reached]).end).resolves.toBeUndefined();
  });

  it("fails when its time is over, without another attempt", async () => {
    const { attempts, end } = play([timedOut]);
    await expect(end).rejects.toMatchObject({ code: "ERR_WSB_SERVICE", hresult: 0x8007041d });
    expect(attempts).toHaveLength(1);
  });

  it("fails with the better error that explains it", async () => {
    const better = new Error("Own needs it.");
    const { attempts, end } = play([locked], {}, async (error) => {
      if (error === locked) throw better;
    });
    await expect(end).rejects.toBe(better);
    expect(attempts).toHaveLength(1);
  });

  it("has no attempt after an abort, and none less than no time", async () => {
    const controller = new AbortController();
    controller.abort(new Error("enough"));
    const { attempts, end } = play([reached], { signal: controller.signal });
    await expect(end).rejects.toThrow("enough");
    expect(attempts).toEqual([]);
    const short = play([reached], { timeoutMs: -5 });
    await short.end;
    expect(short.attempts).toEqual([[0, 0]]);
    const part = play([reached], { timeoutMs: 0.5 });
    await part.end;
    expect(part.attempts).toEqual([[0, 1]]);
  });

  it("ends its wait with an abort, and listens no longer after it", async () => {
    const controller = new AbortController();
    const cancel = vi.fn<() => void>();
    const change = { service: "Ledger", wanted: "RUNNING", timeoutMs: 1000 } as const;
    const remove = vi.spyOn(controller.signal, "removeEventListener");
    const machineWith = (ended: Promise<ServiceChangeEnd>) => ({
      api: { changeService: () => ({ ended, cancel }) },
      emit: () => {},
      clock: virtualClock,
    });
    const { signal } = controller;
    await changeService(
      machineWith(Promise.resolve(reached)),
      { ...change, signal },
      async () => {},
    );
    expect([cancel.mock.calls.length, remove.mock.calls.length]).toEqual([0, 1]);
    const ended = new Promise<ServiceChangeEnd>((resolve) => {
      cancel.mockImplementation(() => resolve(cancelled));
    });
    const end = changeService(machineWith(ended), { ...change, signal }, async () => {});
    controller.abort(new Error("enough"));
    await expect(end).rejects.toThrow("enough");
    expect(cancel).toHaveBeenCalledOnce();
  });

  it("succeeds when the service was where it was wanted before the abort took effect", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const change = { service: "Ledger", wanted: "RUNNING", timeoutMs: 1000, signal } as const;
    const ended = new Promise<ServiceChangeEnd>((resolve) => {
      signal.addEventListener("abort", () => resolve(reached));
    });
    const machine = {
      api: { changeService: () => ({ ended, cancel: () => {} }) },
      emit: () => {},
      clock: virtualClock,
    };
    const end = changeService(machine, change, async () => {});
    controller.abort(new Error("too late"));
    await expect(end).resolves.toBeUndefined();
  });
});

function controlOf(api: FakeServices) {
  const events: AddinEvent[] = [];
  const emit = (event: AddinEvent) => void events.push(event);
  return { events, control: new ServiceControl({ api, emit, clock: virtualClock }) };
}

async function refuse(): Promise<never> {
  throw failure(0x80070005);
}

describe("what service control tells", () => {
  it("is the beginning and the end of each change, with its duration", async () => {
    const { events, control } = controlOf(
      new FakeServices({ name: "Ledger", onStop: "takes its time", onStart: "takes its time" }),
    );
    await vi.advanceTimersByTimeAsync(5000);
    await passTime(control.stop("Ledger", { timeoutMs: 1000 }));
    await passTime(control.start("Ledger", { timeoutMs: 1000 }));
    expect(events).toEqual([
      { event: "serviceStopping", service: "Ledger" },
      { event: "serviceStopped", service: "Ledger", durationMs: expect.any(Number) },
      { event: "serviceStarting", service: "Ledger" },
      { event: "serviceStarted", service: "Ledger", durationMs: expect.any(Number) },
    ]);
    for (const event of events) {
      if ("durationMs" in event) expect(event.durationMs).toBeGreaterThan(0);
      if ("durationMs" in event) expect(event.durationMs).toBeLessThan(1000);
    }
  });

  it("is nothing of a stop that was aborted before it began", async () => {
    const { events, control } = controlOf(new FakeServices({ name: "Ledger" }));
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(control.stop("Ledger", { timeoutMs: 1000, signal })).rejects.toThrow("enough");
    expect(events).toEqual([]);
  });

  it("is the state of a service that failed, or that it is unknown", async () => {
    const api = new FakeServices({ name: "Ledger", onStart: "refuses", state: "STOPPED" });
    const { events, control } = controlOf(api);
    await expect(passTime(control.start("Ledger", { timeoutMs: 1000 }))).rejects.toThrow();
    expect(events.at(-1)).toMatchObject({
      event: "serviceFailed",
      service: "Ledger",
      wanted: "RUNNING",
      state: "STOPPED",
    });
    await expect(passTime(control.start("None", { timeoutMs: 1000 }))).rejects.toMatchObject({
      code: "ERR_WSB_SERVICE",
      hresult: 0x80070424,
      message: expect.stringContaining("None does not exist"),
    });
    expect(events.at(-1)).toMatchObject({ event: "serviceFailed", state: "unknown" });
    vi.spyOn(api, "queryService").mockRejectedValue(failure(0x800706ba));
    await expect(passTime(control.start("Ledger", { timeoutMs: 100 }))).rejects.toThrow();
    expect(events.at(-1)).toMatchObject({ event: "serviceFailed", state: "unknown" });
  });

  it("is which question Windows did not answer", async () => {
    const api = new FakeServices({ name: "Ledger" });
    const { control } = controlOf(api);
    const denied = expect.objectContaining({ code: "ERR_WSB_ACCESS_DENIED" });
    vi.spyOn(api, "watchServices").mockImplementation(refuse);
    await expect(control.watch(["Ledger"], () => {})).rejects.toEqual(denied);
    vi.spyOn(api, "setServiceStartType").mockImplementation(refuse);
    const manual = { startType: "manual", delayedStart: false } as const;
    await expect(control.setStartType("Ledger", manual)).rejects.toEqual(denied);
    vi.spyOn(api, "listServiceDependencies").mockImplementation(refuse);
    await expect(control.list(["Ledger"])).rejects.toEqual(denied);
    await expect(control.list([])).resolves.toEqual([]);
    vi.spyOn(api, "queryService").mockImplementation(refuse);
    await expect(control.running(["Ledger"])).rejects.toEqual(denied);
  });

  it("is Windows' own answer when dependents are not what keeps a service from stopping", async () => {
    const api = new FakeServices(
      { name: "Ledger", onStop: "refuses" },
      { name: "Web", dependsOn: ["Ledger"] },
    );
    const { control } = controlOf(api);
    await expect(passTime(control.stop("Ledger", { timeoutMs: 1000 }))).rejects.toMatchObject({
      hresult: 0x8007041c,
    });
  });

  it("is asked of a service that runs, and only its state of one that does not", async () => {
    const api = new FakeServices({ name: "Ledger" }, { name: "Own", state: "STOPPED" });
    const { control } = controlOf(api);
    const asked = vi.spyOn(api, "describeService");
    await expect(control.running(["Ledger", "Own", "None"])).resolves.toMatchObject([
      { name: "Ledger", isDependent: false },
    ]);
    expect(asked.mock.calls).toEqual([["Ledger"]]);
  });

  it("is nothing of a service that stopped between two questions", async () => {
    const api = new FakeServices({ name: "Ledger" });
    const { control } = controlOf(api);
    vi.spyOn(api, "queryService").mockImplementation(async (name) => {
      const status = await FakeServices.prototype.queryService.call(api, name);
      api.setState("Ledger", "STOPPED");
      return status;
    });
    await expect(control.running(["Ledger"])).resolves.toEqual([]);
    await expect(control.startTypeOf("Ledger")).resolves.toBe("automatic");
    await expect(control.startTypeOf("None")).resolves.toBeUndefined();
  });
});
