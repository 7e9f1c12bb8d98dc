import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { OpenJournal } from "../../../../src/runtime/restore/journal/store.ts";
import { ServiceWatch } from "../../../../src/runtime/restore/service-watch.ts";
import { FakeServices } from "../../../helpers/fakes/fake-services.ts";
import { SessionBed } from "../../../helpers/fakes/session-bed.ts";
import { passTime, virtualClock } from "../../../helpers/fakes/virtual-time.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const never = new AbortController().signal;
const one = { componentName: "Accounts", logicalPath: "Ledger" };

function journalOf(bed: SessionBed): OpenJournal {
  const journal = bed.store.open();
  if (journal === undefined) throw new Error("No session is open.");
  return journal;
}

/** A session with a prepared component, whose services are watched. */
async function watched() {
  const api = new FakeServices(
    { name: "Ledger" },
    { name: "Own" },
    { name: "Seldom", state: "STOPPED", startType: "manual" },
  );
  const bed = new SessionBed(api, { services: ["Ledger", "Own", "Seldom"] });
  await passTime(bed.session().enter(one, bed.client, never));
  await bed.session().prepared(one);
  const watch = new ServiceWatch(bed.options);
  const note = async (): Promise<void> => {
    await watch.note(journalOf(bed));
  };
  await note();
  const ran = (): readonly string[] =>
    bed.open.components.ranDuring({ component: one, client: bed.client });
  await vi.advanceTimersByTimeAsync(10);
  return { api, bed, watch, note, ran };
}

/** Lets a service run for a moment. */
async function run(api: FakeServices, name: string): Promise<void> {
  api.setState(name, "RUNNING");
  await vi.advanceTimersByTimeAsync(1);
  api.setState(name, "STOPPED");
}

describe("the watch of a session's services", () => {
  it("notes one that did not run when the restore began", async () => {
    const { api, note, ran } = await watched();
    await run(api, "Seldom");
    await note();
    expect(ran()).toEqual(["Seldom"]);
  });

  it("notes each service that ran once, at its next look", async () => {
    const { api, bed, note, ran } = await watched();
    for (const name of ["Ledger", "Own", "Ledger"]) await run(api, name);
    expect(ran()).toEqual([]);
    await note();
    expect(ran()).toEqual(["Ledger", "Own"]);
    expect(bed.events.at(-1)).toMatchObject({
      event: "servicesRan",
      services: ["Ledger", "Own"],
    });
    const { steps } = bed.open;
    await note();
    expect(bed.open.steps).toBe(steps);
  });

  it("notes later what the journal did not take, and reports that once", async () => {
    const { api, bed, watch, ran } = await watched();
    await run(api, "Ledger");
    const journal = journalOf(bed);
    const write = vi.spyOn(journal, "write").mockImplementation(() => {
      throw new Error("the disk is full");
    });
    const before = bed.events.length;
    await watch.note(journal);
    await watch.note(journal);
    expect(bed.events.slice(before)).toMatchObject([{ event: "message", level: "error" }]);
    write.mockRestore();
    await watch.note(journalOf(bed));
    expect(ran()).toEqual(["Ledger"]);
    expect(bed.events.at(-1)).toMatchObject({ event: "servicesRan", services: ["Ledger"] });
    await run(api, "Own");
    const again = journalOf(bed);
    vi.spyOn(again, "write").mockImplementation(() => {
      throw new Error("the disk is full");
    });
    await watch.note(again);
    expect(bed.events.at(-1)).toMatchObject({ event: "message", level: "error" });
  });

  it("does not note for a later component what ran before it", async () => {
    const { api, bed, note } = await watched();
    await run(api, "Ledger");
    await note();
    const later = { componentName: "Archive", logicalPath: "Ledger" };
    await passTime(bed.session().enter(later, bed.client, never));
    await bed.session().prepared(later);
    await note();
    expect(bed.open.components.ranDuring({ component: later, client: bed.client })).toEqual([]);
  });

  it("says nothing of what somebody else has noted", async () => {
    const { api, bed, note, ran } = await watched();
    await run(api, "Ledger");
    journalOf(bed).write([{ type: "ran", services: ["Ledger"] }]);
    const before = bed.events.length;
    await note();
    expect([ran(), bed.events.length]).toEqual([["Ledger"], before]);
  });

  it("does not count what ran before the services were last found stopped", async () => {
    const { api, bed, note, ran } = await watched();
    await run(api, "Ledger");
    await vi.advanceTimersByTimeAsync(10);
    bed.store.open()?.write([{ type: "phase", phase: "open" }]);
    await note();
    expect(ran()).toEqual([]);
  });

  it.each(["stopping", "starting", "abandoned"] as const)(
    "counts nothing in the phase %s",
    async (phase) => {
      const { api, bed, note, ran } = await watched();
      await run(api, "Ledger");
      bed.store.open()?.write([{ type: "phase", phase }]);
      await note();
      expect(ran()).toEqual([]);
    },
  );

  it("ends a pause when a service runs, and only that pause", async () => {
    const { api, watch } = await watched();
    const startMs = virtualClock.now();
    const pause = watch.pause(virtualClock, 1000);
    await vi.advanceTimersByTimeAsync(100);
    api.setState("Ledger", "RUNNING");
    await passTime(pause);
    expect(virtualClock.now() - startMs).toBeLessThan(300);
    const againMs = virtualClock.now();
    await passTime(watch.pause(virtualClock, 1000));
    expect(virtualClock.now() - againMs).toBeGreaterThanOrEqual(1000);
  });

  it("is one, until the services are others, and none after its end", async () => {
    const { api, bed, watch, note } = await watched();
    const watching = api.watchServices.bind(api);
    const calls: string[] = [];
    vi.spyOn(api, "watchServices").mockImplementation(async (names, onStart) => {
      calls.push(`watch ${names.join(",")}`);
      const own = await watching(names, onStart);
      return {
        close() {
          calls.push("close");
          own.close();
        },
      };
    });
    await note();
    expect(calls).toEqual([]);
    const services = bed.open.services
      .slice(0, 1)
      .map((own) => Object.assign(own, { name: "More" }));
    journalOf(bed).write([{ type: "services", services }]);
    await note();
    expect(calls).toEqual(["watch Ledger,Own,More,Seldom"]);
    const [first] = services;
    if (first === undefined) throw new Error("There is no service.");
    const more = { ...first, name: "Even more" };
    journalOf(bed).write([{ type: "services", services: [more] }]);
    await note();
    expect(calls.slice(1)).toEqual(["close", "watch Ledger,Own,More,Even more,Seldom"]);
    watch.close();
    watch.close();
    expect(calls.slice(3)).toEqual(["close"]);
    await note();
    expect(calls.slice(4)).toEqual(["watch Ledger,Own,More,Even more,Seldom"]);
  });

  it("is told when Windows refuses it, and the session goes on", async () => {
    const api = new FakeServices({ name: "Ledger" });
    const bed = new SessionBed(api);
    await passTime(bed.session().enter(one, bed.client, never));
    vi.spyOn(api, "watchServices").mockRejectedValue(new Error("no memory"));
    const watch = new ServiceWatch(bed.options);
    await watch.note(journalOf(bed));
    expect(bed.events.at(-1)).toMatchObject({ event: "message", level: "error" });
  });
});
