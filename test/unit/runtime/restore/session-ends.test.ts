import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { ServicesStopInfo, SessionHooks } from "../../../../src/runtime/restore/hooks.ts";
import { FakeServices } from "../../../helpers/fakes/fake-services.ts";
import { CLIENT_PID, SERVER_PID, SessionBed } from "../../../helpers/fakes/session-bed.ts";
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

function bedWith(hooks: Partial<SessionHooks>, api = new FakeServices({ name: "Ledger" })) {
  const bed = new SessionBed(api, {
    hooks: {
      beforeServicesStop: hooks.beforeServicesStop ?? (async () => {}),
      afterServicesStart: hooks.afterServicesStart ?? (async () => {}),
    },
  });
  return { api, bed, session: bed.session() };
}

function closed(bed: SessionBed): number {
  return bed.events.filter(({ event }) => event === "sessionClosed").length;
}

function errors(bed: SessionBed): readonly unknown[] {
  return bed.events.filter((event) => event.event === "message" && event.level === "error");
}

describe("beforeServicesStop", () => {
  it("is told who restores what, and called again in the next session", async () => {
    const infos: ServicesStopInfo[] = [];
    const { bed } = bedWith({ beforeServicesStop: async (info) => void infos.push(info) });
    const session = bed.restoreSession();
    const restoring = { component: one, client: bed.client };
    for (const noRollForward of [true, false]) {
      await passTime(session.enter({ ...restoring, noRollForward }, never));
      await session.prepared(restoring);
      await passTime(session.finish(restoring, { kind: "restored" }));
    }
    expect(infos).toEqual([
      { restoring, noRollForward: true, services: ["Ledger"] },
      { restoring, noRollForward: false, services: ["Ledger"] },
    ]);
  });

  it("is told of no service that another add-in has stopped already", async () => {
    const services: (readonly string[])[] = [];
    const { bed, session } = bedWith(
      { beforeServicesStop: async (info) => void services.push(info.services) },
      new FakeServices({ name: "Ledger", state: "STOPPED" }),
    );
    const held = { name: "Ledger", startTypeBefore: "manual", delayedStartBefore: false } as const;
    bed.holders = [{ clsid: "{11111111-1111-1111-1111-111111111111}", services: [held] }];
    await passTime(session.enter(one, bed.client, never));
    expect(services).toEqual([]);
  });

  it("stops nothing when the session was ended meanwhile", async () => {
    const { api, bed, session } = bedWith({
      beforeServicesStop: async () => bed.store.open()?.end("failed"),
    });
    await expect(passTime(session.enter(one, bed.client, never))).rejects.toThrow(serviceError);
    expect(api.requests).toEqual([]);
  });

  it("stops nothing for a component that was given up meanwhile", async () => {
    const { api, bed, session } = bedWith({
      beforeServicesStop: async () => {
        const finished = { ...one, client: bed.client, phase: "finished" } as const;
        bed.store.open()?.write([{ type: "component", ...finished }]);
      },
    });
    await expect(passTime(session.enter(one, bed.client, never))).rejects.toThrow(serviceError);
    expect(api.requests).toEqual([]);
  });

  it("fails with its own error when the session was ended meanwhile too", async () => {
    const { bed, session } = bedWith({
      beforeServicesStop: async () => {
        bed.store.open()?.end("failed");
        throw new RangeError("Books are open.");
      },
    });
    await expect(passTime(session.enter(one, bed.client, never))).rejects.toThrow(RangeError);
    expect(closed(bed)).toBe(0);
  });

  it("is not called again for services that are stopped once more, by whatever process", async () => {
    const calls: string[] = [];
    const { api, bed, session } = bedWith({
      beforeServicesStop: async () => void calls.push("before"),
    });
    await passTime(session.enter(one, bed.client, never));
    await session.prepared(one);
    api.setState("Ledger", "RUNNING");
    await passTime(bed.session(SERVER_PID + 1).enter(two, bed.client, never));
    expect([calls, api.state("Ledger")]).toEqual([["before"], "STOPPED"]);
  });

  it("is followed by one stop, however many clients wait for it", async () => {
    const { bed, session } = bedWith({});
    const other = bed.processes.identity(CLIENT_PID + 1);
    await passTime(
      Promise.all([session.enter(one, bed.client, never), session.enter(two, other, never)]),
    );
    const phases = bed.store.steps
      .flatMap(({ changes }) => changes)
      .flatMap((change) => (change.type === "phase" ? [change.phase] : []));
    expect(phases).toEqual(["stopping", "open"]);
  });

  it("ends the session when it fails, whatever the manifest keeps stopped", async () => {
    const api = new FakeServices({ name: "Ledger" });
    const bed = new SessionBed(api, {
      onPreRestoreFailure: "keepStopped",
      hooks: {
        beforeServicesStop: async () => {
          throw new Error("Books are open.");
        },
        afterServicesStart: async () => {},
      },
    });
    const entering = bed.session().enter(one, bed.client, never);
    await expect(passTime(entering)).rejects.toThrow("Books are open.");
    expect([api.requests, bed.store.peek(), bed.ends]).toEqual([[], undefined, ["open", "close"]]);
  });
});

describe("afterServicesStart", () => {
  it("fails a PreRestore together with what had failed before", async () => {
    const { bed, session } = bedWith(
      {
        afterServicesStart: async () => {
          throw new Error("Books are closed.");
        },
      },
      new FakeServices({ name: "Ledger" }, { name: "Own", onStop: "refuses" }),
    );
    Object.assign(bed.options.settings, { services: ["Ledger", "Own"] });
    await expect(passTime(session.enter(one, bed.client, never))).rejects.toMatchObject({
      code: "ERR_WSB_HANDLER",
      message: expect.stringMatching(/Cannot stop service Own.*Books are closed/u),
    });
    expect([bed.store.peek(), bed.ends]).toEqual([undefined, ["open", "close"]]);
  });

  it("ends before the next session of this process begins", async () => {
    const order: string[] = [];
    const { api, bed, session } = bedWith({
      beforeServicesStop: async () => void order.push("before"),
      afterServicesStart: async () => {
        await new Promise<void>((resolve) => setTimeout(resolve, 5000));
        order.push("after");
      },
    });
    await passTime(session.enter(one, bed.client, never));
    await session.prepared(one);
    const finishing = session.finish(one, "ok");
    await vi.advanceTimersByTimeAsync(1000);
    expect(api.state("Ledger")).toBe("RUNNING");
    await passTime(session.enter(two, bed.client, never));
    await finishing;
    expect(order).toEqual(["before", "after", "before"]);
  });

  it("ends no session that somebody else has ended, or begun, meanwhile", async () => {
    const { bed, session } = bedWith({
      afterServicesStart: async () => {
        await passTime(bed.session(SERVER_PID + 1).enter(two, bed.client, never));
      },
    });
    await passTime(session.enter(one, bed.client, never));
    await session.prepared(one);
    await passTime(session.finish(one, "ok"));
    // The other server has ended the first session, and its own is open.
    expect(bed.ends).toEqual(["open", "close", "open"]);
    expect(bed.open.phase).toBe("open");
  });

  it("starts what the mark of a session that is being ended still names", async () => {
    const { api, bed, session } = bedWith({});
    await passTime(session.enter(one, bed.client, never));
    await session.prepared(one);
    // Its process started all, and another add-in has passed the service to its mark since.
    bed.store.open()?.write([
      { type: "component", ...one, client: bed.client, phase: "finished" },
      { type: "phase", phase: "started" },
    ]);
    await passTime(bed.session(SERVER_PID + 1).finish(two, "ok"));
    expect([api.state("Ledger"), bed.store.peek()]).toEqual(["RUNNING", undefined]);
  });

  it("was interrupted when another process finds the session before its end", async () => {
    const { bed, session } = bedWith({ afterServicesStart: () => new Promise<void>(() => {}) });
    await passTime(session.enter(one, bed.client, never));
    await session.prepared(one);
    void session.finish(one, "ok");
    await vi.advanceTimersByTimeAsync(1000);
    expect([bed.open.phase, errors(bed)]).toEqual(["started", []]);
    await passTime(bed.session(SERVER_PID + 1).enter(two, bed.client, never));
    expect(errors(bed)).toHaveLength(1);
    expect(bed.ends).toEqual(["open", "close", "open"]);
  });

  it("was interrupted too when that process has the same id", async () => {
    const { bed, session } = bedWith({ afterServicesStart: () => new Promise<void>(() => {}) });
    await passTime(session.enter(one, bed.client, never));
    await session.prepared(one);
    void session.finish(one, "ok");
    await vi.advanceTimersByTimeAsync(1000);
    const server = { ...bed.processes.identity(SERVER_PID), startedAt: "2" };
    Object.assign(bed.options, { server });
    vi.spyOn(bed.processes, "identity").mockReturnValue(server);
    await passTime(bed.session().enter(two, { ...server, pid: CLIENT_PID }, never));
    expect(errors(bed)).toHaveLength(1);
  });

  it("is not interrupted by a call of its own process", async () => {
    const { bed, session } = bedWith({ afterServicesStart: () => new Promise<void>(() => {}) });
    await passTime(session.enter(one, bed.client, never));
    await session.prepared(one);
    void session.finish(one, "ok");
    await vi.advanceTimersByTimeAsync(1000);
    await passTime(bed.session().enter(two, bed.client, never));
    expect([errors(bed), bed.ends]).toEqual([[], ["open", "close", "open"]]);
  });
});

describe("a PostRestore", () => {
  it("says that its component was not prepared, and lets a session end that nobody waits for", async () => {
    const { api, bed, session } = bedWith({});
    await passTime(session.enter(one, bed.client, never));
    bed.processes.end(CLIENT_PID);
    await passTime(session.finish(two, "ok"));
    expect(bed.events).toContainEqual(expect.objectContaining({ event: "message", level: "warn" }));
    expect([api.state("Ledger"), bed.store.peek()]).toEqual(["RUNNING", undefined]);
    expect(bed.events.at(-1)).toMatchObject({ event: "sessionClosed", outcome: "completed" });
  });

  it("is not late after a PostRestore that failed, or while its component is left", async () => {
    const { bed, session } = bedWith({});
    await passTime(session.enter(one, bed.client, never));
    await session.prepared(one);
    await expect(passTime(session.failPostRestore(one, "x"))).rejects.toThrow(serviceError);
    await expect(passTime(session.finish(one, "ok"))).rejects.toThrow(serviceError);
    expect(bed.events).toContainEqual(expect.objectContaining({ event: "message", level: "warn" }));
  });

  it("that fails is no failure of the session where no service was stopped", async () => {
    const manual = { name: "Ledger", state: "STOPPED", startType: "manual" } as const;
    const { bed, session } = bedWith({}, new FakeServices(manual));
    await passTime(session.enter(one, bed.client, never));
    await session.prepared(one);
    await passTime(session.failPostRestore(one, "x"));
    expect(bed.open.phase).toBe("abandoned");
    expect(bed.events.at(-1)).toMatchObject({ event: "restoreAbandoned", services: [] });
  });

  it("tells the outcome of the session by its own", async () => {
    const { bed, session } = bedWith({});
    await passTime(session.enter(one, bed.client, never));
    await passTime(session.finish(one, "Books are open."));
    expect(bed.events.at(-1)).toMatchObject({ event: "sessionClosed", outcome: "failed" });
    await passTime(session.enter(one, bed.client, never));
    await session.prepared(one);
    await passTime(session.finish(one, "ok"));
    expect(bed.events.at(-1)).toMatchObject({ event: "sessionClosed", outcome: "completed" });
  });

  it("reports an abandoned restore once", async () => {
    const { bed, session } = bedWith({});
    const reports = (): number =>
      bed.events.filter(({ event }) => event === "restoreAbandoned").length;
    await passTime(session.enter(one, bed.client, never));
    await session.prepared(one);
    await expect(passTime(session.failPostRestore(one, "x"))).rejects.toThrow(serviceError);
    expect(reports()).toBe(1);
    await expect(passTime(session.finish(one, "ok"))).rejects.toThrow(serviceError);
    expect(reports()).toBe(1);
  });

  it("fails for every service that ran, and for the component that stays half restored", async () => {
    const { api, bed, session } = bedWith({});
    await passTime(session.enter(one, bed.client, never));
    await session.prepared(one);
    api.setState("Ledger", "RUNNING");
    await expect(passTime(session.finish(one, "ok"))).rejects.toMatchObject({
      code: "ERR_WSB_SERVICE",
      message: expect.stringMatching(/Ledger.*Ledger\\Accounts/u),
    });
  });

  it("looks at no service when it failed by itself, or when its PreRestore did not succeed", async () => {
    const { api, bed, session } = bedWith({});
    await passTime(session.enter(one, bed.client, never));
    api.setState("Ledger", "RUNNING");
    const running = vi.spyOn(bed.options.control, "running");
    await passTime(session.finish(one, "ok"));
    expect(running).not.toHaveBeenCalled();
    expect(bed.store.peek()).toBeUndefined();
  });

  it("names a component without a name", async () => {
    const { bed, session } = bedWith({});
    await passTime(session.finish({ componentName: null, logicalPath: null }, "ok"));
    expect(bed.events).toMatchObject([{ text: expect.stringContaining("without a name") }]);
  });
});

describe("a call while the journal is damaged", () => {
  it("fails, whichever it is, and changes no service", async () => {
    const { api, bed, session } = bedWith({});
    await passTime(session.enter(one, bed.client, never));
    const journal = bed.store.open();
    if (journal === undefined) throw new Error("No session is open.");
    Object.assign(journal.session, { damage: "the journal is missing" });
    vi.spyOn(bed.store, "open").mockReturnValue(journal);
    const damaged = expect.objectContaining({
      code: "ERR_WSB_JOURNAL",
      message: expect.stringMatching(/the journal is missing.*Ledger/u),
    });
    await expect(passTime(session.enter(two, bed.client, never))).rejects.toEqual(damaged);
    await expect(passTime(session.prepared(one))).rejects.toEqual(damaged);
    await expect(passTime(session.finish(one, "ok"))).rejects.toEqual(damaged);
    expect(api.requests).toEqual(["stop Ledger"]);
  });
});
