/** A service that does not run when a restore begins, and that Windows starts with the machine. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { recoverSession } from "../../../../src/runtime/restore/recover.ts";
import { startedNames } from "../../../../src/runtime/restore/journal/session.ts";
import type { MarkedService } from "../../../../src/runtime/restore/journal/mark.ts";
import type { SessionHooks } from "../../../../src/runtime/restore/hooks.ts";
import { FakeServices } from "../../../helpers/fakes/fake-services.ts";
import { noHooks } from "../../../helpers/fakes/no-hooks.ts";
import { CLIENT_PID, SessionBed } from "../../../helpers/fakes/session-bed.ts";
import { passTime } from "../../../helpers/fakes/virtual-time.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const never = new AbortController().signal;
const one = { componentName: "Accounts", logicalPath: "Ledger" };
const two = { componentName: "Archive", logicalPath: "Ledger" };
const OTHER = "{11111111-1111-1111-1111-111111111111}";

function atRest(): FakeServices {
  return new FakeServices(
    { name: "Ledger" },
    { name: "Archive", state: "STOPPED", startType: "automatic", delayedStart: true },
  );
}

function bedWith(
  api: FakeServices,
  more: ConstructorParameters<typeof SessionBed>[1] = {},
): SessionBed {
  return new SessionBed(api, { services: ["Ledger", "Archive"], ...more });
}

async function prepare(bed: SessionBed): Promise<void> {
  await passTime(bed.session().enter(one, bed.client, never));
  await bed.session().prepared(one);
}

function archiveOf(bed: SessionBed): unknown {
  return bed.open.services.find(({ name }) => name === "Archive");
}

describe("A4: an automatic service that does not run", () => {
  it("is not started by Windows during the restore, and is as before after it", async () => {
    const api = atRest();
    const told: unknown[] = [];
    const hooks: SessionHooks = {
      ...noHooks,
      beforeServicesStop: async ({ services }) => void told.push(services),
      afterServicesStart: async ({ services }) => void told.push(services),
    };
    const bed = bedWith(api, { hooks });
    await prepare(bed);
    await expect(api.queryServiceStartType("Archive")).resolves.toBe("manual");
    await passTime(bed.session().finish(one, "ok"));
    await expect(api.describeService("Archive")).resolves.toMatchObject({
      state: "STOPPED",
      startType: "automatic",
      delayedStart: true,
    });
    expect(api.requests).toEqual(["stop Ledger", "start Ledger"]);
    const changed = bed.events.filter(({ event }) => event === "serviceStopping");
    expect(changed).toMatchObject([{ service: "Ledger" }]);
    expect(told).toEqual([["Ledger"], ["Ledger"]]);
  });

  it("is named by an event, and not among the services that the session stops", async () => {
    const bed = bedWith(atRest());
    await prepare(bed);
    const notRunning = bed.events.filter(({ event }) => event === "serviceNotRunning");
    expect(notRunning).toEqual([
      { event: "serviceNotRunning", service: "Archive", state: "STOPPED" },
    ]);
    expect(bed.events).toContainEqual(
      expect.objectContaining({ event: "sessionOpened", services: ["Ledger"] }),
    );
  });

  it("keeps its start type where services are to start whatever the files are", async () => {
    const api = atRest();
    const bed = bedWith(api, { onAbandonedRestore: "startServices" });
    await prepare(bed);
    await expect(api.queryServiceStartType("Archive")).resolves.toBe("automatic");
    expect(archiveOf(bed)).toBeUndefined();
  });

  it("is left alone when it starts only by hand", async () => {
    const api = new FakeServices(
      { name: "Ledger" },
      { name: "Archive", state: "STOPPED", startType: "manual" },
    );
    const bed = bedWith(api);
    await prepare(bed);
    expect(archiveOf(bed)).toBeUndefined();
  });

  it("stays so after an abandoned restore until somebody decides, and is not started then", async () => {
    const api = atRest();
    const bed = bedWith(api);
    await prepare(bed);
    bed.processes.end(CLIENT_PID);
    const { options, endHooks } = bed;
    const recovering = { ...options, endHooks, force: false };
    await passTime(recoverSession({ ...recovering, decision: "undecided" }));
    await expect(api.queryServiceStartType("Archive")).resolves.toBe("manual");
    const outcome = await passTime(recoverSession({ ...recovering, decision: "start" }));
    expect(outcome).toMatchObject({ state: "recovered", started: ["Ledger"] });
    await expect(api.queryServiceStartType("Archive")).resolves.toBe("automatic");
    expect(api.state("Archive")).toBe("STOPPED");
  });

  it("is stopped and owed its start once somebody has started it", async () => {
    const api = atRest();
    const bed = bedWith(api);
    await prepare(bed);
    await api.requestServiceStart("Archive");
    await passTime(bed.session().enter(two, bed.client, never));
    await bed.session().prepared(two);
    expect(api.state("Archive")).toBe("STOPPED");
    expect(archiveOf(bed)).not.toHaveProperty("staysStopped");
    await passTime(bed.session().finish(two, "ok"));
    await expect(passTime(bed.session().finish(one, "ok"))).rejects.toThrow("Archive");
    const { options, endHooks } = bed;
    await passTime(recoverSession({ ...options, endHooks, force: false, decision: "start" }));
    expect(api.state("Archive")).toBe("RUNNING");
    await expect(api.queryServiceStartType("Archive")).resolves.toBe("automatic");
  });

  it("is stopped and owed its start when somebody starts it before the others stop", async () => {
    const api = atRest();
    const hooks: SessionHooks = {
      ...noHooks,
      beforeServicesStop: async () => void (await api.requestServiceStart("Archive")),
    };
    const bed = bedWith(api, { hooks });
    await prepare(bed);
    expect(archiveOf(bed)).toMatchObject({ stateBefore: "RUNNING", phase: "stopping" });
    await passTime(bed.session().finish(one, "ok"));
    expect(api.state("Archive")).toBe("RUNNING");
  });
});

function heldBy(service: Partial<MarkedService>): SessionBed["holders"] {
  const archive = {
    name: "Archive",
    startTypeBefore: "automatic",
    delayedStartBefore: true,
  } as const;
  return [{ clsid: OTHER, services: [{ ...archive, ...service }] }];
}

it("a server watches the services of its session until they are started", async () => {
  const api = new FakeServices({ name: "Ledger" });
  const bed = bedWith(api, { services: ["Ledger"] });
  const watches: string[] = [];
  const watch = api.watchServices.bind(api);
  vi.spyOn(api, "watchServices").mockImplementation(async (...args) => {
    const watching = await watch(...args);
    watches.push("watch");
    watching.close();
    return { close: () => void watches.push(`close, ${api.state("Ledger")}`) };
  });
  const session = bed.session();
  await passTime(session.enter(one, bed.client, never));
  await session.prepared(one);
  expect(watches).toEqual(["watch"]);
  await passTime(session.finish(one, "ok"));
  expect(watches).toEqual(["watch", "close, STOPPED"]);
});

it("A4: one whose start type was put back is at rest again when the session goes on", async () => {
  const api = atRest();
  const bed = bedWith(api);
  await passTime(bed.session().enter(one, bed.client, never));
  api.change("Ledger", { onStart: "refuses" });
  await expect(passTime(bed.session().finish(one, "x"))).rejects.toThrow("Ledger");
  await expect(api.queryServiceStartType("Archive")).resolves.toBe("automatic");
  await passTime(bed.session().enter(two, bed.client, never));
  await bed.session().prepared(two);
  await expect(api.queryServiceStartType("Archive")).resolves.toBe("manual");
  expect(archiveOf(bed)).toMatchObject({ phase: "stopping", staysStopped: true });
});

describe("two add-ins and an automatic service that does not run", () => {
  it("leave its start type to whoever ends last", async () => {
    const api = atRest();
    api.change("Archive", { startType: "manual" });
    const bed = bedWith(api);
    bed.holders = heldBy({ staysStopped: true });
    await prepare(bed);
    expect(archiveOf(bed)).toMatchObject({ startTypeBefore: "automatic", staysStopped: true });
    await passTime(bed.session().finish(one, "ok"));
    await expect(api.queryServiceStartType("Archive")).resolves.toBe("manual");
    expect(bed.store.peek()).toBeUndefined();
    expect(bed.events).not.toContainEqual(expect.objectContaining({ event: "servicePassed" }));
  });

  it("put it back when the other one ends first", async () => {
    const api = atRest();
    api.change("Archive", { startType: "manual" });
    const bed = bedWith(api);
    bed.holders = heldBy({ staysStopped: true });
    await prepare(bed);
    bed.holders = [];
    await passTime(bed.session().finish(one, "ok"));
    await expect(api.queryServiceStartType("Archive")).resolves.toBe("automatic");
    expect(api.state("Archive")).toBe("STOPPED");
  });

  it("start what the other one has stopped", async () => {
    const api = atRest();
    api.change("Archive", { startType: "manual" });
    const bed = bedWith(api);
    bed.holders = heldBy({});
    await prepare(bed);
    bed.holders = [];
    await passTime(bed.session().finish(one, "ok"));
    expect(api.state("Archive")).toBe("RUNNING");
  });

  it("never pass one that ran to one that would not start it", async () => {
    const api = new FakeServices({ name: "Ledger" }, { name: "Archive" });
    const bed = bedWith(api);
    await prepare(bed);
    bed.holders = heldBy({ staysStopped: true });
    await expect(passTime(bed.session().finish(one, "ok"))).rejects.toThrow(OTHER);
    expect(archiveOf(bed)).toMatchObject({ phase: "stopping" });
    expect(startedNames(bed.open)).toEqual(["Ledger"]);
  });
});
