import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { beginSession } from "../../../../src/runtime/restore/enter-session.ts";
import type { MarkedService } from "../../../../src/runtime/restore/journal/mark.ts";
import type { OpenJournal } from "../../../../src/runtime/restore/journal/store.ts";
import { noHooks } from "../../../helpers/fakes/no-hooks.ts";
import { FakeServices } from "../../../helpers/fakes/fake-services.ts";
import { SERVER_PID, SessionBed, type SessionDriver } from "../../../helpers/fakes/session-bed.ts";
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

const OTHER = "{11111111-1111-1111-1111-111111111111}";

function held(startTypeBefore: MarkedService["startTypeBefore"]): MarkedService {
  return { name: "LEDGER", startTypeBefore, delayedStartBefore: false };
}

interface Bed {
  readonly api: FakeServices;
  readonly bed: SessionBed;
  readonly session: SessionDriver;
  /** What is reserved, marked and asked of services, in order. */
  readonly steps: string[];
}

/** A session whose first component is prepared. */
async function prepared(api: FakeServices, services: readonly string[] = ["Ledger"]): Promise<Bed> {
  const bed = new SessionBed(api, { services });
  const steps = noteSteps(api, bed);
  const session = bed.session();
  await passTime(session.enter(one, bed.client, never));
  await session.prepared(one);
  return { api, bed, session, steps };
}

function noteSteps(api: FakeServices, bed: SessionBed): string[] {
  const steps: string[] = [];
  const noting = (journal: OpenJournal): OpenJournal => ({
    ...journal,
    reserve: () => steps.push("reserve"),
    mark: (services) => steps.push(`mark ${services.map(({ name }) => name).join(",")}`),
  });
  const begin = bed.store.begin.bind(bed.store);
  const open = bed.store.open.bind(bed.store);
  vi.spyOn(bed.store, "begin").mockImplementation((...args) => noting(begin(...args)));
  vi.spyOn(bed.store, "open").mockImplementation((...args) => {
    const journal = open(...args);
    return journal && noting(journal);
  });
  const change = api.changeService.bind(api);
  vi.spyOn(api, "changeService").mockImplementation((name, wanted, timeoutMs) => {
    steps.push(`${wanted} ${name}`);
    return change(name, wanted, timeoutMs);
  });
  return steps;
}

describe("a PreRestore", () => {
  it("reserves the room for its component before a service is asked to stop", async () => {
    const { bed, session, steps } = await prepared(new FakeServices({ name: "Ledger" }));
    expect(steps).toEqual(["reserve", "mark Ledger", "STOPPED Ledger"]);
    await passTime(session.enter(two, bed.client, never));
    expect(steps.slice(3)).toEqual(["reserve"]);
  });

  it("owes only the start type of an automatic one that somebody stops before it is asked to", async () => {
    const api = new FakeServices({ name: "Ledger" }, { name: "Own" });
    const hooks = {
      ...noHooks,
      beforeServicesStop: async () => api.setState("Own", "STOPPED"),
    };
    const bed = new SessionBed(api, { services: ["Ledger", "Own"], hooks });
    const steps = noteSteps(api, bed);
    const session = bed.session();
    await passTime(session.enter(one, bed.client, never));
    await session.prepared(one);
    expect(steps).toEqual(["reserve", "mark Own,Ledger", "STOPPED Ledger", "mark Own,Ledger"]);
    expect(bed.open.services).toMatchObject([
      { name: "Ledger", phase: "stopping" },
      { name: "Own", phase: "stopping", staysStopped: true },
    ]);
    await expect(api.queryServiceStartType("Own")).resolves.toBe("manual");
    await passTime(session.finish(one, "ok"));
    expect([api.state("Ledger"), api.state("Own")]).toEqual(["RUNNING", "STOPPED"]);
    await expect(api.queryServiceStartType("Own")).resolves.toBe("automatic");
  });

  it("changes no start type where services are to start whatever the files are", async () => {
    const api = new FakeServices({ name: "Ledger" }, { name: "Own" });
    const hooks = {
      ...noHooks,
      beforeServicesStop: async () => api.setState("Own", "STOPPED"),
    };
    const settings = { services: ["Ledger", "Own"], onAbandonedRestore: "startServices" } as const;
    const bed = new SessionBed(api, { ...settings, hooks });
    await passTime(bed.session().enter(one, bed.client, never));
    await expect(api.queryServiceStartType("Own")).resolves.toBe("automatic");
    expect(bed.open.services).toMatchObject([
      { name: "Ledger" },
      { name: "Own", phase: "untouched" },
    ]);
  });

  it("does not owe the start of one that somebody stops before it is asked to", async () => {
    const api = new FakeServices({ name: "Ledger" }, { name: "Own", startType: "manual" });
    const hooks = {
      ...noHooks,
      beforeServicesStop: async () => api.setState("Own", "STOPPED"),
    };
    const bed = new SessionBed(api, { services: ["Ledger", "Own"], hooks });
    const steps = noteSteps(api, bed);
    const session = bed.session();
    await passTime(session.enter(one, bed.client, never));
    await session.prepared(one);
    expect(steps).toEqual(["reserve", "mark Own,Ledger", "STOPPED Ledger", "mark Ledger"]);
    expect(bed.open.services).toMatchObject([
      { name: "Ledger", phase: "stopping" },
      { name: "Own", phase: "untouched" },
    ]);
    expect(bed.events.filter(({ event }) => event === "serviceNotRunning")).toMatchObject([
      { service: "Own" },
    ]);
    await passTime(session.finish(one, "ok"));
    expect([api.state("Ledger"), api.state("Own")]).toEqual(["RUNNING", "STOPPED"]);
  });

  it("writes no more than its component when no service runs", async () => {
    const { bed, session } = await prepared(new FakeServices({ name: "Ledger" }));
    const before = bed.open.steps;
    await passTime(session.enter(two, bed.client, never));
    expect(bed.open.steps).toBe(before + 1);
    await session.prepared(two);
    expect(bed.open.steps).toBe(before + 2);
  });

  it("shows other add-ins what it stops again, before it does", async () => {
    const api = new FakeServices({ name: "Ledger" }, { name: "Own" }, { name: "Gone" });
    const { bed, session, steps } = await prepared(api, ["Ledger", "Own", "Gone"]);
    // The start of Gone is owed no longer, and the session is still open: Own does not start.
    api.remove("Gone");
    api.change("Own", { onStart: "refuses" });
    await expect(passTime(session.finish(one, "ok"))).rejects.toEqual(serviceError);
    expect(bed.open.services.map(({ phase }) => phase)).toEqual(["started", "stopping", "gone"]);
    steps.length = 0;
    await passTime(session.enter(two, bed.client, never));
    expect(steps).toEqual(["reserve", "mark Own,Ledger", "STOPPED Ledger", "STOPPED Own"]);
    expect(bed.open.services.map(({ phase }) => phase)).toEqual(["stopping", "stopping", "gone"]);
  });

  it("counts what it stops again as run while the others were restored", async () => {
    const { api, bed, session } = await prepared(new FakeServices({ name: "Ledger" }));
    await api.requestServiceStart("Ledger");
    await passTime(session.enter(two, bed.client, never));
    await session.prepared(two);
    await expect(passTime(session.finish(one, "ok"))).rejects.toThrow("These services ran");
    expect(bed.open.components.abandoned).toMatchObject([one]);
    // The second one was not there yet when it ran.
    await expect(passTime(session.finish(two, "ok"))).rejects.toThrow("Ledger\\Accounts");
    expect(bed.open.components.abandoned).toMatchObject([one]);
  });

  it("refuses to stop again what could not be started any more", async () => {
    const { api, bed, session, steps } = await prepared(new FakeServices({ name: "Ledger" }));
    await api.requestServiceStart("Ledger");
    api.change("Ledger", { startType: "disabled" });
    steps.length = 0;
    await expect(passTime(session.enter(two, bed.client, never))).rejects.toThrow("disabled");
    expect(steps).not.toContain("STOPPED Ledger");
    expect(api.state("Ledger")).toBe("RUNNING");
  });

  it("does not take over a service that has stopped by itself since it looked", async () => {
    const api = new FakeServices(
      { name: "Ledger" },
      { name: "Archive", state: "STOPPED", startType: "manual" },
    );
    const { bed, session } = await prepared(api, ["Ledger", "Archive"]);
    const archive = {
      name: "Archive",
      state: "RUNNING",
      startType: "automatic",
      delayedStart: false,
      isDependent: false,
    } as const;
    vi.spyOn(bed.options.control, "running").mockResolvedValueOnce([archive]);
    await passTime(session.enter(two, bed.client, never));
    expect(bed.open.services.map(({ name }) => name)).toEqual(["Ledger"]);
  });

  it.each([
    ["passed", "stopping"],
    ["started", "stopping"],
    ["gone", "gone"],
  ] as const)(
    "owes a service again that was %s and that another add-in keeps stopped",
    async (from, to) => {
      const { bed, session } = await prepared(new FakeServices({ name: "Ledger" }));
      const services = bed.open.services.map((own) => Object.assign(own, { phase: from }));
      bed.store.open()?.write([{ type: "services", services }]);
      await passTime(session.enter(two, bed.client, never));
      expect(bed.open.services).toMatchObject([{ phase: from }]);
      bed.holders = [{ clsid: OTHER, services: [held("automatic")] }];
      await passTime(session.enter(two, bed.client, never));
      expect(bed.open.services).toMatchObject([{ phase: to }]);
    },
  );

  it.each([
    // The other add-in has made it manual.
    ["manual", "automatic"],
    ["automatic", "automatic"],
    ["system", "system"],
  ] as const)("knows how a service that is %s now started before", async (now, before) => {
    const bed = new SessionBed(new FakeServices({ name: "Ledger", startType: now }));
    const other = now === "manual" ? "automatic" : "boot";
    bed.holders = [{ clsid: OTHER, services: [{ ...held(other), delayedStartBefore: true }] }];
    await passTime(bed.session().enter(one, bed.client, never));
    expect(bed.open.services).toMatchObject([
      { startTypeBefore: before, delayedStartBefore: now === "manual" },
    ]);
  });

  it("stops what runs again beside what another add-in keeps stopped", async () => {
    const api = new FakeServices({ name: "Ledger" }, { name: "Own" });
    const { bed, session } = await prepared(api, ["Ledger", "Own"]);
    const services = bed.open.services
      .filter(({ name }) => name === "Ledger")
      .map((own) => Object.assign(own, { phase: "passed" }));
    bed.store.open()?.write([{ type: "services", services }]);
    bed.holders = [{ clsid: OTHER, services: [held("automatic")] }];
    api.setState("Own", "RUNNING");
    await passTime(session.enter(two, bed.client, never));
    expect(api.state("Own")).toBe("STOPPED");
    expect(bed.open.services).toMatchObject([{ phase: "stopping" }, { phase: "stopping" }]);
  });

  it("marks what it takes over of a process that ended before anything stopped", async () => {
    const api = new FakeServices(
      { name: "Ledger" },
      { name: "Own", state: "STOP_PENDING", onStop: "takes its time" },
    );
    let isFirst = true;
    const bed = new SessionBed(api, {
      services: ["Ledger", "Own"],
      hooks: {
        beforeServicesStop: async () => {
          if (isFirst) await new Promise<void>(() => {});
        },
        afterServicesStart: async () => {},
      },
    });
    const steps = noteSteps(api, bed);
    void bed.session().enter(one, bed.client, never);
    await vi.advanceTimersByTimeAsync(100);
    expect(bed.open.phase).toBe("opened");
    isFirst = false;
    steps.length = 0;
    await passTime(bed.session(SERVER_PID + 1).enter(two, bed.client, never));
    expect(steps.filter((step) => step.startsWith("mark"))).toEqual(["mark ", "mark Ledger"]);
    expect(steps.indexOf("mark Ledger")).toBeLessThan(steps.indexOf("STOPPED Ledger"));
  });
});

describe("the beginning of a session", () => {
  it.each([
    ["RUNNING", "listed"],
    ["STOPPED", "stopping"],
  ] as const)(
    "owes a service that another add-in holds and that is %s: %s",
    async (state, phase) => {
      const api = new FakeServices({ name: "Ledger", state, startType: "manual" });
      const bed = new SessionBed(api);
      bed.holders = [{ clsid: OTHER, services: [held("automatic")] }];
      const entering = { component: one, client: bed.client, noRollForward: false };
      const journal = await beginSession(bed.options, entering);
      expect(journal?.session.services).toMatchObject([{ phase, startTypeBefore: "automatic" }]);
    },
  );
});
