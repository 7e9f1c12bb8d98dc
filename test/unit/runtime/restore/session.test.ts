import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { FakeServices } from "../../../helpers/fakes/fake-services.ts";
import { SessionBed, type SessionDriver } from "../../../helpers/fakes/session-bed.ts";
import { noHooks } from "../../../helpers/fakes/no-hooks.ts";
import { passTime } from "../../../helpers/fakes/virtual-time.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const never = new AbortController().signal;
const serviceError = expect.objectContaining({ code: "ERR_WSB_SERVICE" });
const one = { componentName: "Accounts", logicalPath: "Ledger" };
const two = { componentName: "Archive", logicalPath: "Ledger" };

interface Bed {
  readonly session: SessionDriver;
  readonly bed: SessionBed;
}

function sessionOn(api: FakeServices, services: readonly string[] = ["Ledger"]): Bed {
  const bed = new SessionBed(api, { services });
  return { session: bed.session(), bed };
}

describe("a restore session", () => {
  it("stops the services before its only component and starts them after it", async () => {
    const api = new FakeServices({ name: "Ledger", onStop: "takes its time" });
    const { session, bed } = sessionOn(api);
    await passTime(session.enter(one, null, never));
    expect(api.state("Ledger")).toBe("STOPPED");
    await passTime(session.finish(one, "ok"));
    expect(api.state("Ledger")).toBe("RUNNING");
    expect(bed.ends).toEqual(["open", "close"]);
  });

  it("spans components that are prepared in turn", async () => {
    const api = new FakeServices({ name: "Ledger" });
    const { session, bed } = sessionOn(api);
    await passTime(session.enter(one, null, never));
    await passTime(session.enter(two, null, never));
    await passTime(session.finish(one, "ok"));
    expect(api.state("Ledger")).toBe("STOPPED");
    await passTime(session.finish(two, "ok"));
    expect(api.requests).toEqual(["stop Ledger", "start Ledger"]);
    expect(bed.ends).toEqual(["open", "close"]);
  });

  it("begins again after it has ended", async () => {
    const api = new FakeServices({ name: "Ledger" });
    const { session, bed } = sessionOn(api);
    for (const component of [one, two]) {
      await passTime(session.enter(component, null, never));
      await passTime(session.finish(component, "ok"));
    }
    expect(api.requests).toEqual(["stop Ledger", "start Ledger", "stop Ledger", "start Ledger"]);
    expect(bed.ends).toEqual(["open", "close", "open", "close"]);
  });

  it("starts in the reverse order of stopping, dependents included", async () => {
    const api = new FakeServices({ name: "Web", dependsOn: ["Ledger"] }, { name: "Ledger" });
    const { session } = sessionOn(api);
    await passTime(session.enter(one, null, never));
    await passTime(session.finish(one, "ok"));
    expect(api.requests).toEqual(["stop Web", "stop Ledger", "start Ledger", "start Web"]);
    expect(api.state("Web")).toBe("RUNNING");
  });

  it("does not start what was stopped before it began", async () => {
    const api = new FakeServices({ name: "Ledger", state: "STOPPED" });
    const { session } = sessionOn(api);
    await passTime(session.enter(one, null, never));
    await passTime(session.finish(one, "ok"));
    expect(api.state("Ledger")).toBe("STOPPED");
  });

  it("counts a component that is prepared twice once", async () => {
    const api = new FakeServices({ name: "Ledger" });
    const { session } = sessionOn(api);
    await passTime(session.enter(one, null, never));
    await passTime(session.enter({ ...one }, null, never));
    await passTime(session.finish(one, "ok"));
    expect(api.state("Ledger")).toBe("RUNNING");
  });

  it.each([
    ["by name", { componentName: "Archive", logicalPath: "Ledger" }],
    ["by path", { componentName: "Accounts", logicalPath: "Other" }],
    ["by a path that is NULL", { componentName: "Accounts", logicalPath: null }],
    ["by a path that is empty", { componentName: "Accounts", logicalPath: "" }],
    ["by where a backslash is", { componentName: "Ledger\\Accounts", logicalPath: "" }],
  ])("keeps components apart %s", async (_, other) => {
    const api = new FakeServices({ name: "Ledger" });
    const { session } = sessionOn(api);
    await passTime(session.enter(one, null, never));
    await passTime(session.finish(other, "ok"));
    expect(api.state("Ledger")).toBe("STOPPED");
  });

  it("changes nothing for a component that was never prepared", async () => {
    const api = new FakeServices({ name: "Ledger" });
    const { session, bed } = sessionOn(api);
    await passTime(session.finish(one, "ok"));
    expect(api.requests).toEqual([]);
    expect(bed.ends).toEqual([]);
  });

  it("works without services", async () => {
    const { session, bed } = sessionOn(new FakeServices(), []);
    await passTime(session.enter(one, null, never));
    await passTime(session.prepared(one));
    await passTime(session.finish(one, "ok"));
    expect([bed.events, bed.store.peek(), bed.guarded]).toEqual([[], undefined, []]);
  });

  it("lets a second client wait until the first one's services are stopped", async () => {
    const api = new FakeServices({ name: "Ledger", onStop: "takes its time" });
    const { session, bed } = sessionOn(api);
    const states: unknown[] = [];
    const enter = async (component: typeof one): Promise<void> => {
      await session.enter(component, null, never);
      states.push(api.state("Ledger"));
    };
    await passTime(Promise.all([enter(one), enter(two)]));
    expect(states).toEqual(["STOPPED", "STOPPED"]);
    expect(api.requests).toEqual(["stop Ledger"]);
    expect(bed.ends).toEqual(["open"]);
  });

  it("stops the services again for a client that comes while they start", async () => {
    const api = new FakeServices({ name: "Ledger", onStart: "takes its time" });
    const { session, bed } = sessionOn(api);
    await passTime(session.enter(one, null, never));
    await passTime(Promise.all([session.finish(one, "ok"), session.enter(two, null, never)]));
    expect(api.state("Ledger")).toBe("STOPPED");
    await passTime(session.finish(two, "ok"));
    expect(api.state("Ledger")).toBe("RUNNING");
    expect(bed.ends).toEqual(["open", "close", "open", "close"]);
  });
});

describe("a session whose services do not stop", () => {
  it.each([
    // One that never stops cannot be started either: it stays on record.
    ["hangs", "left"],
    ["refuses", "close"],
    ["fails", "close"],
  ] as const)("starts those again that had stopped before one that %s", async (onStop, end) => {
    const api = new FakeServices({ name: "A" }, { name: "B", onStop }, { name: "C" });
    const { session, bed } = sessionOn(api, ["A", "B", "C"]);
    await expect(passTime(session.enter(one, null, never))).rejects.toThrow();
    expect(api.state("A")).toBe("RUNNING");
    expect(api.requests).not.toContain("stop C");
    expect(bed.ends).toEqual(["open", end]);
  });

  it("has the refusal's own code when everything runs again", async () => {
    const api = new FakeServices({ name: "A" }, { name: "B", onStop: "refuses" });
    const { session } = sessionOn(api, ["A", "B"]);
    await expect(passTime(session.enter(one, null, never))).rejects.toMatchObject({
      hresult: 0x8007041c,
    });
    expect(api.state("B")).toBe("RUNNING");
  });

  it("starts a service again that stops after all, later than its limit", async () => {
    const api = new FakeServices({ name: "Ledger", onStop: "hangs" });
    const { session } = sessionOn(api);
    setTimeout(() => api.finishStop("Ledger"), 1500);
    await expect(passTime(session.enter(one, null, never))).rejects.toThrow(serviceError);
    expect(api.state("Ledger")).toBe("RUNNING");
  });

  it("has not prepared its component: the next one begins a session of its own", async () => {
    const api = new FakeServices({ name: "Ledger", onStop: "refuses" });
    const { session, bed } = sessionOn(api);
    await expect(passTime(session.enter(one, null, never))).rejects.toThrow();
    api.change("Ledger", { onStop: "obeys" });
    await passTime(session.enter(two, null, never));
    await passTime(session.finish(two, "ok"));
    expect(api.state("Ledger")).toBe("RUNNING");
    expect(bed.ends).toEqual(["open", "close", "open", "close"]);
  });

  it("starts again what it had stopped when it is aborted in the middle", async () => {
    const api = new FakeServices({ name: "A" }, { name: "B", onStop: "takes its time" });
    const { session } = sessionOn(api, ["A", "B"]);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 3);
    await expect(passTime(session.enter(one, null, controller.signal))).rejects.toThrow();
    expect([api.state("A"), api.state("B")]).toEqual(["RUNNING", "RUNNING"]);
  });
});

describe("a session whose services do not start again", () => {
  it("starts the others, reports the one and keeps it on record", async () => {
    const api = new FakeServices({ name: "A" }, { name: "B", onStart: "fails" }, { name: "C" });
    const { session, bed } = sessionOn(api, ["A", "B", "C"]);
    await passTime(session.enter(one, null, never));
    await expect(passTime(session.finish(one, "ok"))).rejects.toThrow(serviceError);
    expect(["A", "B", "C"].map((name) => api.state(name))).toEqual([
      "RUNNING",
      "STOPPED",
      "RUNNING",
    ]);
    expect(bed.ends).toEqual(["open", "left"]);
    expect(bed.open.services.map(({ phase }) => phase)).toEqual(["started", "stopping", "started"]);
  });

  it("tries again at the next PostRestore, and only what was left", async () => {
    const api = new FakeServices({ name: "A" }, { name: "B", onStart: "fails" });
    const { session } = sessionOn(api, ["A", "B"]);
    await passTime(session.enter(one, null, never));
    await expect(passTime(session.finish(one, "ok"))).rejects.toThrow(serviceError);
    api.change("B", { onStart: "obeys" });
    await passTime(session.finish(one, "ok"));
    expect(api.state("B")).toBe("RUNNING");
    expect(api.requests.filter((request) => request === "start A")).toHaveLength(1);
  });

  it("starts it again after the next session too", async () => {
    const api = new FakeServices({ name: "Ledger", onStart: "fails" });
    const { session } = sessionOn(api);
    await passTime(session.enter(one, null, never));
    await expect(passTime(session.finish(one, "ok"))).rejects.toThrow(serviceError);
    api.change("Ledger", { onStart: "obeys" });
    await passTime(session.enter(two, null, never));
    await passTime(session.finish(two, "ok"));
    expect(api.state("Ledger")).toBe("RUNNING");
  });

  it("reports both the stop and the start that failed", async () => {
    const api = new FakeServices(
      { name: "A", onStart: "refuses" },
      { name: "B", onStop: "refuses" },
    );
    const { session, bed } = sessionOn(api, ["A", "B"]);
    await expect(passTime(session.enter(one, null, never))).rejects.toThrow(serviceError);
    expect(api.state("A")).toBe("STOPPED");
    expect(bed.ends).toEqual(["open", "left"]);
  });
});

describe("a session on the disk", () => {
  it("goes on in another process", async () => {
    const api = new FakeServices({ name: "Ledger" });
    const { bed } = sessionOn(api);
    await passTime(bed.session(1).enter(one, bed.client, never));
    await bed.session(1).prepared(one);
    await passTime(bed.session(2).enter(two, bed.client, never));
    await bed.session(2).prepared(two);
    await passTime(bed.session(3).finish(one, "ok"));
    expect(api.state("Ledger")).toBe("STOPPED");
    await passTime(bed.session(4).finish(two, "ok"));
    expect([api.state("Ledger"), bed.ends]).toEqual(["RUNNING", ["open", "close"]]);
  });

  it("stops no service when the journal cannot be written", async () => {
    const api = new FakeServices({ name: "Ledger" });
    const { session, bed } = sessionOn(api);
    bed.store.onWrite = () => {
      throw new Error("the disk is full");
    };
    await expect(passTime(session.enter(one, null, never))).rejects.toThrow("the disk is full");
    expect(api.requests).toEqual([]);
  });

  it("starts the services again though the journal cannot be written any more", async () => {
    const api = new FakeServices({ name: "Ledger" });
    const { session, bed } = sessionOn(api);
    await passTime(session.enter(one, null, never));
    bed.store.onWrite = () => {
      throw new Error("the disk is full");
    };
    await passTime(session.finish(one, "ok"));
    expect(api.state("Ledger")).toBe("RUNNING");
  });

  it("names a service as asked to stop before it is asked", async () => {
    const api = new FakeServices({ name: "Ledger" });
    const { session, bed } = sessionOn(api);
    const seen: unknown[] = [];
    vi.spyOn(api, "requestServiceStop").mockImplementationOnce(async () => {
      seen.push(bed.open.services[0]?.phase);
      return FakeServices.prototype.requestServiceStop.call(api, "Ledger");
    });
    await passTime(session.enter(one, null, never));
    expect(seen).toEqual(["stopping"]);
  });

  it("fails a PreRestore whose session was ended under it", async () => {
    const api = new FakeServices({ name: "Ledger" });
    const { session, bed } = sessionOn(api);
    await passTime(session.enter(one, null, never));
    bed.store.open()?.end("failed");
    await expect(session.prepared(one)).rejects.toThrow(serviceError);
  });

  it("fails a PreRestore whose component was given up under it, in a session that goes on", async () => {
    const { session, bed } = sessionOn(new FakeServices({ name: "Ledger" }));
    await passTime(session.enter(one, bed.client, never));
    await passTime(session.enter(two, bed.client, never));
    const given = { type: "component", ...one, client: bed.client, phase: "finished" } as const;
    bed.store.open()?.write([given]);
    await expect(session.prepared(one)).rejects.toThrow(serviceError);
    await session.prepared(two);
    await expect(session.prepared(two)).rejects.toThrow(serviceError);
  });

  it("keeps services stopped for components of a client that has gone, by name", async () => {
    const api = new FakeServices({ name: "Ledger" });
    const { session, bed } = sessionOn(api);
    await passTime(session.enter(one, bed.processes.identity(7), never));
    await session.prepared(one);
    bed.processes.end(7);
    await passTime(session.enter(two, bed.client, never));
    await session.prepared(two);
    await expect(passTime(session.finish(two, "ok"))).rejects.toThrow("Ledger\\Accounts");
    expect([api.state("Ledger"), bed.open.phase]).toEqual(["STOPPED", "abandoned"]);
    // The same component, restored by any client, settles it.
    await passTime(session.enter(one, bed.client, never));
    await session.prepared(one);
    await passTime(session.finish(one, "ok"));
    expect([api.state("Ledger"), bed.store.peek()]).toEqual(["RUNNING", undefined]);
  });

  it("A3: keeps services stopped after a PostRestore that failed", async () => {
    const api = new FakeServices({ name: "Ledger" });
    const { session, bed } = sessionOn(api);
    await passTime(session.enter(one, bed.client, never));
    await session.prepared(one);
    await expect(passTime(session.failPostRestore(one, "no roll-forward"))).rejects.toMatchObject({
      code: "ERR_WSB_SERVICE",
      message: expect.stringContaining("recover --start"),
    });
    expect([api.state("Ledger"), bed.open.phase]).toEqual(["STOPPED", "abandoned"]);
    // A PostRestore alone restores no file: not again, and not after a PreRestore that failed.
    await expect(passTime(session.finish(one, "ok"))).rejects.toEqual(serviceError);
    await passTime(session.enter(one, bed.client, never));
    await expect(passTime(session.finish(one, "Books are open."))).rejects.toEqual(serviceError);
    await expect(passTime(session.finish(one, "ok"))).rejects.toEqual(serviceError);
    expect([api.state("Ledger"), bed.open.phase]).toEqual(["STOPPED", "abandoned"]);
    await passTime(session.enter(one, bed.client, never));
    await session.prepared(one);
    await passTime(session.finish(one, "ok"));
    expect([api.state("Ledger"), bed.store.peek()]).toEqual(["RUNNING", undefined]);
  });

  it("D: fails a PostRestore when a service that did not run before ran meanwhile", async () => {
    const api = new FakeServices({ name: "Ledger" }, { name: "Archive", state: "STOPPED" });
    const { session, bed } = sessionOn(api, ["Ledger", "Archive"]);
    await passTime(session.enter(one, bed.client, never));
    await session.prepared(one);
    await passTime(api.requestServiceStart("Archive"));
    await expect(passTime(session.finish(one, "ok"))).rejects.toMatchObject({
      code: "ERR_WSB_SERVICE",
      message: expect.stringContaining("Archive"),
    });
    expect(api.state("Ledger")).toBe("STOPPED");
  });

  it("does not take a PostRestore alone for a restore of somebody else's component", async () => {
    const api = new FakeServices({ name: "Ledger" });
    const { session, bed } = sessionOn(api);
    await passTime(session.enter(one, bed.processes.identity(7), never));
    await session.prepared(one);
    bed.processes.end(7);
    const other = bed.restoreSession();
    const restoring = { component: one, client: bed.client };
    await expect(passTime(other.finish(restoring, { kind: "restored" }))).rejects.toEqual(
      serviceError,
    );
    expect([api.state("Ledger"), bed.open.phase]).toEqual(["STOPPED", "abandoned"]);
  });

  it("D: stops a service again that a watchdog started between two components", async () => {
    const api = new FakeServices({ name: "Ledger" });
    const { session, bed } = sessionOn(api);
    await passTime(session.enter(one, bed.client, never));
    await session.prepared(one);
    await api.requestServiceStart("Ledger");
    await passTime(session.enter(two, bed.client, never));
    expect(api.state("Ledger")).toBe("STOPPED");
    await session.prepared(two);
  });

  it("D: refuses PreRestore when a service runs at its last look", async () => {
    const api = new FakeServices({ name: "Ledger" });
    const { session, bed } = sessionOn(api);
    await passTime(session.enter(one, bed.client, never));
    await api.requestServiceStart("Ledger");
    await expect(session.prepared(one)).rejects.toMatchObject({
      code: "ERR_WSB_SERVICE",
      message: expect.stringContaining("Ledger"),
    });
  });

  it("D: stops a service that did not run at the beginning and was started since", async () => {
    const api = new FakeServices({ name: "Ledger", state: "STOPPED" });
    const { session, bed } = sessionOn(api);
    await passTime(session.enter(one, bed.client, never));
    await session.prepared(one);
    await api.requestServiceStart("Ledger");
    await passTime(session.enter(two, bed.client, never));
    expect(api.state("Ledger")).toBe("STOPPED");
    expect(bed.open.services).toMatchObject([{ name: "Ledger", phase: "stopping" }]);
  });

  it("D: fails PostRestore when a service runs while its component was restored", async () => {
    const api = new FakeServices({ name: "Ledger" });
    const { session, bed } = sessionOn(api);
    await passTime(session.enter(one, bed.client, never));
    await session.prepared(one);
    await api.requestServiceStart("Ledger");
    await expect(passTime(session.finish(one, "ok"))).rejects.toEqual(serviceError);
    expect(bed.open.phase).toBe("abandoned");
  });

  it("E: refuses a disabled service that runs, before anything is stopped", async () => {
    const api = new FakeServices(
      { name: "Ledger" },
      { name: "Store", dependsOn: ["Ledger"], startType: "disabled" },
    );
    const { session, bed } = sessionOn(api);
    await expect(passTime(session.enter(one, bed.client, never))).rejects.toMatchObject({
      code: "ERR_WSB_SERVICE",
      message: expect.stringMatching(/Store.*disabled.*nothing was stopped/u),
    });
    expect([api.requests, bed.store.peek()]).toEqual([[], undefined]);
  });

  it("F: owes a service no longer that was deleted, and says so", async () => {
    const api = new FakeServices({ name: "A" }, { name: "B" });
    const { session, bed } = sessionOn(api, ["A", "B"]);
    await passTime(session.enter(one, bed.client, never));
    await session.prepared(one);
    api.remove("A");
    await passTime(session.finish(one, "ok"));
    expect([api.state("B"), bed.store.peek()]).toEqual(["RUNNING", undefined]);
    expect(bed.events).toContainEqual({ event: "serviceGone", service: "A" });
    await expect(passTime(session.enter(one, bed.client, never))).rejects.toMatchObject({
      code: "ERR_WSB_SERVICE",
      message: expect.stringContaining("A does not exist"),
    });
  });

  it("I: counts a component once for each client that restores it", async () => {
    const api = new FakeServices({ name: "Ledger" });
    const bed = new SessionBed(api);
    const session = bed.restoreSession();
    const [first, second] = [7, 8].map((pid) => ({
      component: one,
      client: bed.processes.identity(pid),
    }));
    if (first === undefined || second === undefined) throw new Error("two clients");
    for (const restoring of [first, second]) {
      await passTime(session.enter({ ...restoring, noRollForward: false }, never));
      await session.prepared(restoring);
    }
    await passTime(session.finish(first, { kind: "restored" }));
    expect(api.state("Ledger")).toBe("STOPPED");
    await passTime(session.finish(second, { kind: "restored" }));
    expect(api.state("Ledger")).toBe("RUNNING");
  });

  it("M: says which service of the manifest did not run, and leaves it stopped", async () => {
    const api = new FakeServices({ name: "Ledger", state: "STOPPED" });
    const { session, bed } = sessionOn(api);
    await passTime(session.enter(one, bed.client, never));
    await session.prepared(one);
    await passTime(session.finish(one, "ok"));
    expect(api.state("Ledger")).toBe("STOPPED");
    expect(bed.events).toContainEqual({
      event: "serviceNotRunning",
      service: "Ledger",
      state: "STOPPED",
    });
  });

  it("says that of no service that runs, that another add-in has stopped, or that it only found", async () => {
    const api = new FakeServices(
      { name: "Ledger" },
      { name: "Held", state: "STOPPED" },
      { name: "Found", state: "STOPPED", startType: "manual", dependsOn: ["Ledger"] },
    );
    const { session, bed } = sessionOn(api, ["Ledger", "Held"]);
    const held = { name: "Held", startTypeBefore: "manual", delayedStartBefore: false } as const;
    bed.holders = [{ clsid: "{11111111-1111-1111-1111-111111111111}", services: [held] }];
    await passTime(session.enter(one, bed.client, never));
    expect(bed.events).not.toContainEqual(expect.objectContaining({ event: "serviceNotRunning" }));
    expect(bed.open.services.map(({ name }) => name)).toEqual(["Ledger", "Held"]);
  });

  it("says who opened it, where Windows tells that", async () => {
    const { session, bed } = sessionOn(new FakeServices({ name: "Ledger" }));
    await passTime(session.enter(one, bed.client, never));
    const { pid, image } = bed.client;
    const opened = { event: "sessionOpened", clientPid: pid, clientImage: image };
    expect(bed.events[0]).toMatchObject({ ...opened, services: ["Ledger"] });
  });

  it("leaves services stopped after a failure when the manifest wants that", async () => {
    const api = new FakeServices({ name: "A" }, { name: "B", onStop: "refuses" });
    const bed = new SessionBed(api, { services: ["A", "B"], onPreRestoreFailure: "keepStopped" });
    const session = bed.session();
    await expect(passTime(session.enter(one, bed.client, never))).rejects.toThrow();
    expect([api.state("A"), bed.ends]).toEqual(["STOPPED", ["open"]]);
    // The next try goes on from there.
    api.change("B", { onStop: "obeys" });
    await passTime(session.enter(one, bed.client, never));
    await session.prepared(one);
    await passTime(session.finish(one, "ok"));
    expect([api.state("A"), api.state("B"), bed.ends]).toEqual([
      "RUNNING",
      "RUNNING",
      ["open", "close"],
    ]);
  });

  it("keeps services stopped when a second PreRestore cannot even be noted", async () => {
    const api = new FakeServices({ name: "Ledger" });
    const { session, bed } = sessionOn(api);
    await passTime(session.enter(one, bed.client, never));
    await session.prepared(one);
    bed.store.onWrite = () => {
      bed.store.onWrite = () => {};
      throw new Error("The disk is full.");
    };
    // The files of the first one may be half restored by now.
    await expect(passTime(session.enter(one, bed.client, never))).rejects.toThrow("stay stopped");
    expect(api.state("Ledger")).toBe("STOPPED");
    expect(bed.open.phase).toBe("abandoned");
  });

  it("remembers that files may be half restored while it keeps services stopped", async () => {
    const api = new FakeServices({ name: "A" });
    const bed = new SessionBed(api, { services: ["A"], onPreRestoreFailure: "keepStopped" });
    const session = bed.session();
    await passTime(session.enter(one, bed.client, never));
    await session.prepared(one);
    api.setState("A", "RUNNING");
    api.change("A", { onStop: "refuses" });
    await expect(passTime(session.enter(one, bed.client, never))).rejects.toThrow("A");
    api.change("A", { onStop: "obeys" });
    await passTime(session.enter(two, bed.client, never));
    await session.prepared(two);
    await expect(passTime(session.finish(two, "ok"))).rejects.toThrow("Accounts");
    expect(api.state("A")).toBe("STOPPED");
  });

  it("fails for files during whose restore a service ran for moments, guardian or not", async () => {
    const api = new FakeServices({ name: "Ledger" });
    const { session, bed } = sessionOn(api);
    await passTime(session.enter(one, bed.client, never));
    await session.prepared(one);
    await vi.advanceTimersByTimeAsync(10);
    api.setState("Ledger", "RUNNING");
    await vi.advanceTimersByTimeAsync(1);
    api.setState("Ledger", "STOPPED");
    await expect(passTime(session.finish(one, "ok"))).rejects.toThrow("Ledger");
    expect(bed.events).toContainEqual(expect.objectContaining({ event: "servicesRan" }));
    expect(api.state("Ledger")).toBe("STOPPED");
  });

  it("is not undone by an earlier PreRestore whose caller no longer waited", async () => {
    const api = new FakeServices({ name: "Ledger" });
    const { bed } = sessionOn(api);
    const session = bed.restoreSession();
    const restoring = { component: one, client: bed.client };
    const first = { ...restoring, call: 1 };
    const second = { ...restoring, call: 2 };
    await passTime(session.enter({ ...first, noRollForward: false }, never));
    await passTime(session.enter({ ...second, noRollForward: false }, never));
    await expect(session.prepared(first)).rejects.toThrow("called again");
    await session.prepared(second);
    await session.finish(first, { kind: "notPrepared", text: "the caller no longer waited" });
    expect([api.state("Ledger"), bed.open.components.find(restoring)?.phase]).toEqual([
      "STOPPED",
      "prepared",
    ]);
    await passTime(session.finish(second, { kind: "restored" }));
    expect(api.state("Ledger")).toBe("RUNNING");
  });

  it("does not start again what somebody else has stopped before it was asked to", async () => {
    const api = new FakeServices({ name: "Ledger" }, { name: "Own" });
    const bed = new SessionBed(api, {
      services: ["Ledger", "Own"],
      hooks: { ...noHooks, beforeServicesStop: async () => api.setState("Ledger", "STOPPED") },
    });
    const session = bed.session();
    await passTime(session.enter(one, bed.client, never));
    await session.prepared(one);
    expect(bed.events).toContainEqual({
      event: "serviceNotRunning",
      service: "Ledger",
      state: "STOPPED",
    });
    await passTime(session.finish(one, "ok"));
    expect([api.state("Ledger"), api.state("Own")]).toEqual(["STOPPED", "RUNNING"]);
    await expect(api.queryServiceStartType("Ledger")).resolves.toBe("automatic");
  });

  it("waits for a service that somebody else is stopping, and leaves it to them", async () => {
    const api = new FakeServices(
      { name: "Ledger", state: "STOP_PENDING", onStop: "takes its time" },
      { name: "Own" },
    );
    const { session, bed } = sessionOn(api, ["Ledger", "Own"]);
    await passTime(session.enter(one, bed.client, never));
    expect([api.state("Ledger"), api.state("Own")]).toEqual(["STOPPED", "STOPPED"]);
    await expect(api.queryServiceStartType("Ledger")).resolves.toBe("automatic");
    await session.prepared(one);
    await passTime(session.finish(one, "ok"));
    expect([api.state("Ledger"), api.state("Own")]).toEqual(["STOPPED", "RUNNING"]);
    expect(api.requests).toEqual(["stop Own", "start Own"]);
  });

  it("starts again one that was being stopped when it was listed, and that it stopped itself", async () => {
    const api = new FakeServices({
      name: "Ledger",
      state: "STOP_PENDING",
      onStop: "takes its time",
    });
    const bed = new SessionBed(api, {
      hooks: { ...noHooks, beforeServicesStop: async () => api.setState("Ledger", "RUNNING") },
    });
    const session = bed.session();
    await passTime(session.enter(one, bed.client, never));
    expect(api.state("Ledger")).toBe("STOPPED");
    await session.prepared(one);
    await passTime(session.finish(one, "ok"));
    expect(api.state("Ledger")).toBe("RUNNING");
  });

  it("looks again whether services can be started when another call has listed them", async () => {
    const api = new FakeServices({ name: "Ledger" });
    const bed = new SessionBed(api, {
      hooks: { ...noHooks, beforeServicesStop: () => new Promise(() => {}) },
    });
    // Its server dies in beforeServicesStop.
    void bed.session(100).enter(one, bed.client, never);
    await vi.advanceTimersByTimeAsync(50);
    bed.processes.end(100);
    api.change("Ledger", { startType: "disabled" });
    const next = bed.session(101);
    await expect(passTime(next.enter(two, bed.client, never))).rejects.toThrow("is disabled");
    expect(api.state("Ledger")).toBe("RUNNING");
    expect(await api.queryServiceStartType("Ledger")).toBe("disabled");
  });

  it("knows the start type of a service that another add-in has made manual", async () => {
    const api = new FakeServices({ name: "Ledger", startType: "manual" });
    const { session, bed } = sessionOn(api);
    const held = {
      name: "Ledger",
      startTypeBefore: "automatic",
      delayedStartBefore: true,
    } as const;
    bed.holders = [{ clsid: "{OTHER}", services: [held] }];
    await passTime(session.enter(one, bed.client, never));
    await session.prepared(one);
    // The other one passes its debt to this session, and ends.
    bed.holders = [];
    await passTime(session.finish(one, "ok"));
    expect(await api.describeService("Ledger")).toMatchObject({
      state: "RUNNING",
      startType: "automatic",
      delayedStart: true,
    });
  });

  it("says that a service was disabled meanwhile, and keeps it on record", async () => {
    const api = new FakeServices({ name: "Ledger", startType: "automatic" });
    const { session, bed } = sessionOn(api);
    await passTime(session.enter(one, null, never));
    api.change("Ledger", { startType: "disabled" });
    await expect(passTime(session.finish(one, "ok"))).rejects.toThrow("disabled");
    expect(bed.open.services).toMatchObject([{ startTypeBefore: "automatic", phase: "stopping" }]);
  });
});
