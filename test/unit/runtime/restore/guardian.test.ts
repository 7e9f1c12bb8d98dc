import { once } from "node:events";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import {
  runGuardian,
  type GuardianEnd,
  type GuardianOptions,
} from "../../../../src/runtime/restore/guardian.ts";
import { recoverSession, type Decision } from "../../../../src/runtime/restore/recover.ts";
import { abandonLost, abandonUnknown, dueOf } from "../../../../src/runtime/restore/abandoned.ts";
import type { OnAbandonedRestore } from "../../../../src/runtime/manifest/manifest.ts";
import { FakeServices } from "../../../helpers/fakes/fake-services.ts";
import { CLIENT_PID, SERVER_PID, SessionBed } from "../../../helpers/fakes/session-bed.ts";
import { passTime, virtualClock } from "../../../helpers/fakes/virtual-time.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const DAY_MS = 86_400_000;
const never = new AbortController().signal;
const one = { componentName: "Accounts", logicalPath: "Ledger" };
const two = { componentName: "Archive", logicalPath: "Ledger" };

interface Guarded {
  readonly api: FakeServices;
  readonly bed: SessionBed;
  readonly end: Promise<GuardianEnd>;
}

function startGuardian(
  bed: SessionBed,
  options: Partial<GuardianOptions> = {},
): Promise<GuardianEnd> {
  return runGuardian({
    ...bed.options,
    endHooks: bed.endHooks,
    takePlace: async () => ({ release() {} }),
    clock: virtualClock,
    ...options,
  });
}

/** A session with one prepared component, and its guardian. */
async function guarded({
  abandonAfterMs = DAY_MS,
  onAbandonedRestore = "keepStopped",
  isKnown = true,
}: {
  readonly abandonAfterMs?: number;
  readonly onAbandonedRestore?: OnAbandonedRestore;
  /** Whether Windows tells who the client is. */
  readonly isKnown?: boolean;
} = {}): Promise<Guarded> {
  const api = new FakeServices({ name: "Ledger" });
  const bed = new SessionBed(api, { onAbandonedRestore, abandonAfterMs });
  await passTime(bed.session().enter(one, isKnown ? bed.client : null, never));
  await bed.session().prepared(one);
  return { api, bed, end: startGuardian(bed) };
}

/** Guardians of one add-in: the first holds the place until its process is ended. */
function standBy(bed: SessionBed): {
  readonly end: Promise<GuardianEnd>;
  readonly endFirst: () => void;
} {
  let isFirstThere = true;
  const end = startGuardian(bed, {
    takePlace: async () => (isFirstThere ? null : { release() {} }),
  });
  return {
    end,
    endFirst: () => {
      isFirstThere = false;
    },
  };
}

describe("a guardian", () => {
  it("leaves when the session ends", async () => {
    const { api, bed, end } = await guarded();
    await passTime(bed.session().finish(one, "ok"));
    await expect(passTime(end)).resolves.toBe("no session");
    expect([api.state("Ledger"), bed.ends]).toEqual(["RUNNING", ["open", "close"]]);
  });

  it("waits for the client of a server that was killed", async () => {
    const { api, bed, end } = await guarded();
    bed.processes.end(SERVER_PID);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(api.state("Ledger")).toBe("STOPPED");
    expect(bed.events).toContainEqual(expect.objectContaining({ event: "serverLost" }));
    // Another server serves the rest.
    await passTime(bed.session(SERVER_PID + 1).finish(one, "ok"));
    await expect(passTime(end)).resolves.toBe("no session");
  });

  it("A1: keeps the services stopped when the client ended on half-restored files", async () => {
    const { api, bed, end } = await guarded();
    bed.processes.end(CLIENT_PID);
    await expect(passTime(end)).resolves.toBe("abandoned");
    expect(api.state("Ledger")).toBe("STOPPED");
    expect(bed.open.phase).toBe("abandoned");
    expect(bed.events.at(-1)).toMatchObject({
      event: "restoreAbandoned",
      components: ["Ledger\\Accounts"],
      services: ["Ledger"],
      clients: [expect.stringContaining(String(CLIENT_PID))],
    });
  });

  it("starts the services when the client ended and the manifest wants that", async () => {
    const { api, bed, end } = await guarded({ onAbandonedRestore: "startServices" });
    bed.processes.end(CLIENT_PID);
    await expect(passTime(end)).resolves.toBe("no session");
    expect(api.state("Ledger")).toBe("RUNNING");
    expect(bed.events.at(-1)).toMatchObject({ event: "sessionClosed", outcome: "abandoned" });
  });

  it("starts the services at once when no PreRestore had succeeded", async () => {
    const api = new FakeServices({ name: "Ledger" });
    const bed = new SessionBed(api);
    await passTime(bed.session().enter(one, bed.client, never));
    const end = startGuardian(bed);
    bed.processes.end(CLIENT_PID);
    await expect(passTime(end)).resolves.toBe("no session");
    expect(api.state("Ledger")).toBe("RUNNING");
  });

  it("does not end a session in which another client still restores", async () => {
    const { api, bed, end } = await guarded();
    await passTime(bed.session().enter(two, bed.processes.identity(CLIENT_PID + 1), never));
    await bed.session().prepared(two);
    bed.processes.end(CLIENT_PID);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(bed.open.phase).toBe("open");
    // The other client's component is restored; this one's may be half restored.
    await expect(passTime(bed.session().finish(two, "ok"))).rejects.toThrow("Ledger\\Accounts");
    await expect(passTime(end)).resolves.toBe("abandoned");
    expect(api.state("Ledger")).toBe("STOPPED");
  });

  it("A2: starts nothing under a client that lives, however long it is silent", async () => {
    const { api, bed } = await guarded({ abandonAfterMs: 5000 });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(api.state("Ledger")).toBe("STOPPED");
    expect(bed.open.phase).toBe("open");
  });

  it("gives up a client that Windows does not tell after its silence", async () => {
    const { api, bed, end } = await guarded({ abandonAfterMs: 5000, isKnown: false });
    await expect(passTime(end)).resolves.toBe("abandoned");
    expect(api.state("Ledger")).toBe("STOPPED");
    expect(bed.open.phase).toBe("abandoned");
  });

  it("counts the silence of such a client from its last call", async () => {
    const { api, bed, end } = await guarded({ abandonAfterMs: 5000, isKnown: false });
    await vi.advanceTimersByTimeAsync(4000);
    await passTime(bed.session().enter(two, null, never));
    await bed.session().prepared(two);
    await vi.advanceTimersByTimeAsync(4000);
    expect([bed.open.phase, bed.open.components.abandoned]).toEqual(["open", []]);
    await vi.advanceTimersByTimeAsync(1500);
    await expect(end).resolves.toBe("abandoned");
    expect([api.state("Ledger"), bed.open.components.abandoned.length]).toEqual(["STOPPED", 2]);
  });

  it("lets a late PostRestore of such a client finish its component", async () => {
    const { api, bed, end } = await guarded({ abandonAfterMs: 5000, isKnown: false });
    await expect(passTime(end)).resolves.toBe("abandoned");
    await passTime(bed.session().finish(one, "ok"));
    expect([api.state("Ledger"), bed.store.peek()]).toEqual(["RUNNING", undefined]);
  });

  it("tries again what does not start, then gives up", async () => {
    const { api, bed, end } = await guarded({ onAbandonedRestore: "startServices" });
    api.change("Ledger", { onStart: "refuses" });
    bed.processes.end(CLIENT_PID);
    await expect(passTime(end)).resolves.toBe("gave up");
    expect(api.requests.filter((request) => request === "start Ledger").length).toBeGreaterThan(4);
    expect(bed.open.services).toMatchObject([{ name: "Ledger", phase: "stopping" }]);
  });

  it("stands by while another one watches, and leaves with the session", async () => {
    const bed = new SessionBed(new FakeServices({ name: "Ledger" }));
    await passTime(bed.session().enter(one, bed.client, never));
    await bed.session().prepared(one);
    const { end } = standBy(bed);
    await vi.advanceTimersByTimeAsync(60_000);
    await passTime(bed.session().finish(one, "ok"));
    await expect(passTime(end)).resolves.toBe("no session");
    expect(bed.ends).toEqual(["open", "close"]);
  });

  it("takes the place of one that was ended", async () => {
    const api = new FakeServices({ name: "Ledger" });
    const bed = new SessionBed(api);
    await passTime(bed.session().enter(one, bed.client, never));
    await bed.session().prepared(one);
    const { end, endFirst } = standBy(bed);
    await vi.advanceTimersByTimeAsync(60_000);
    endFirst();
    bed.processes.end(CLIENT_PID);
    await expect(passTime(end)).resolves.toBe("abandoned");
    expect(api.state("Ledger")).toBe("STOPPED");
  });

  it("gives its place back and watches no longer when it ends", async () => {
    const api = new FakeServices({ name: "Ledger" });
    const bed = new SessionBed(api);
    await passTime(bed.session().enter(one, bed.client, never));
    const closed: string[] = [];
    const watch = api.watchServices.bind(api);
    vi.spyOn(api, "watchServices").mockImplementation(async (...args) => {
      const watching = await watch(...args);
      watching.close();
      return { close: () => void closed.push("watch") };
    });
    const takePlace = async () => ({ release: () => void closed.push("place") });
    const end = startGuardian(bed, { takePlace });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(closed).toEqual([]);
    bed.processes.end(CLIENT_PID);
    await passTime(end);
    expect(closed).toEqual(["watch", "place"]);
  });

  it("ends no session while another one has the place", async () => {
    const bed = new SessionBed(new FakeServices({ name: "Ledger" }));
    await passTime(bed.session().enter(one, bed.client, never));
    const { end, endFirst } = standBy(bed);
    bed.processes.end(CLIENT_PID);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(bed.open.phase).toBe("open");
    endFirst();
    await expect(passTime(end)).resolves.toBe("no session");
  });

  it("looks at no session that was reported as abandoned, and asks nobody again", async () => {
    const { bed, end } = await guarded();
    bed.processes.end(CLIENT_PID);
    await passTime(end);
    const count = bed.events.length;
    await expect(passTime(startGuardian(bed))).resolves.toBe("abandoned");
    expect(bed.events.length).toBe(count);
  });

  it("reports a damaged journal, asks nobody, and starts nothing", async () => {
    const { api, bed, end } = await guarded({ onAbandonedRestore: "startServices" });
    const journal = bed.store.open();
    if (journal === undefined) throw new Error("No session is open.");
    Object.assign(journal.session, { damage: "the journal is missing" });
    vi.spyOn(bed.store, "open").mockReturnValue(journal);
    const ask = vi.spyOn(bed.endHooks, "restoreAbandoned");
    await expect(passTime(end)).resolves.toBe("abandoned");
    expect(bed.events.at(-1)).toMatchObject({ event: "journalDamaged", services: ["Ledger"] });
    expect([api.state("Ledger"), ask.mock.calls]).toEqual(["STOPPED", []]);
  });

  it("reports each loss of a server once", async () => {
    const { bed } = await guarded();
    const losses = (): readonly unknown[] =>
      bed.events.filter(({ event }) => event === "serverLost");
    await vi.advanceTimersByTimeAsync(5000);
    expect(losses()).toEqual([]);
    bed.processes.end(SERVER_PID);
    await vi.advanceTimersByTimeAsync(5000);
    expect(losses()).toMatchObject([{ serverPid: SERVER_PID }]);
    await passTime(bed.session(SERVER_PID + 1).enter(two, bed.client, never));
    bed.store
      .open(bed.processes.identity(SERVER_PID + 1))
      ?.write([{ type: "phase", phase: "open" }]);
    await vi.advanceTimersByTimeAsync(5000);
    bed.processes.end(SERVER_PID + 1);
    await vi.advanceTimersByTimeAsync(5000);
    expect(losses()).toMatchObject([{ serverPid: SERVER_PID }, { serverPid: SERVER_PID + 1 }]);
  });

  it("tries again ever more slowly, and begins anew after a look that succeeds", async () => {
    const { bed, end } = await guarded();
    const failures = (): number => bed.events.filter(({ event }) => event === "message").length;
    for (const count of [4, 8]) {
      const open = vi.spyOn(bed.store, "open").mockImplementation(() => {
        throw new Error("a scanner has it");
      });
      // 1, 5 and 30 seconds between the first four tries.
      await vi.advanceTimersByTimeAsync(60_000);
      expect(failures()).toBe(count);
      open.mockRestore();
      await vi.advanceTimersByTimeAsync(300_000);
      expect(failures()).toBe(count);
    }
    bed.processes.end(CLIENT_PID);
    await expect(passTime(end)).resolves.toBe("abandoned");
  });

  it("leaves the end of a session to a server that calls its last handler", async () => {
    const { api, bed, end } = await guarded();
    const ends: GuardianEnd[] = [];
    void end.then((how) => ends.push(how));
    const journal = bed.store.open();
    const finished = { ...one, client: bed.client, phase: "finished" } as const;
    journal?.write([
      { type: "component", ...finished },
      { type: "phase", phase: "started", byServer: true },
    ]);
    journal?.mark([]);
    api.setState("Ledger", "RUNNING");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ends).toEqual([]);
    bed.processes.end(SERVER_PID);
    await expect(passTime(end)).resolves.toBe("no session");
  });

  it("ends a session whose services another guardian has started before it died", async () => {
    const { api, bed, end } = await guarded();
    const journal = bed.store.open();
    journal?.write([
      { type: "component", ...one, client: bed.client, phase: "finished" },
      { type: "phase", phase: "started" },
    ]);
    await expect(passTime(end)).resolves.toBe("no session");
    expect(api.state("Ledger")).toBe("RUNNING");
  });

  it("leaves at once when the session has ended before it looked", async () => {
    const bed = new SessionBed(new FakeServices({ name: "Ledger" }));
    const end = startGuardian(bed);
    await expect(end).resolves.toBe("no session");
  });

  it("watches a session that is not on the disk yet when it starts", async () => {
    const bed = new SessionBed(new FakeServices({ name: "Ledger" }));
    const ends: GuardianEnd[] = [];
    let end: Promise<GuardianEnd> | undefined;
    // As a server does that has the lock and starts its guardian.
    bed.onGuardianWanted = () => {
      end ??= startGuardian(bed);
      void end.then((how) => ends.push(how));
    };
    await passTime(bed.session().enter(one, bed.client, never));
    await bed.session().prepared(one);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ends).toEqual([]);
    bed.processes.end(CLIENT_PID);
    await expect(passTime(end ?? Promise.reject(new Error("no guardian")))).resolves.toBe(
      "abandoned",
    );
    expect(bed.events.at(-1)?.event).toBe("restoreAbandoned");
  });

  it("D: has seen a service that ran before it got the lock", async () => {
    const api = new FakeServices({ name: "Ledger" });
    const bed = new SessionBed(api);
    await passTime(bed.session().enter(one, bed.client, never));
    await bed.session().prepared(one);
    const release = new AbortController();
    const held = bed.lock(() => once(release.signal, "abort"));
    let hasPlace = false;
    void startGuardian(bed, {
      takePlace: async () => {
        hasPlace = true;
        return { release() {} };
      },
    });
    await vi.advanceTimersByTimeAsync(1);
    expect(hasPlace).toBe(true);
    api.setState("Ledger", "RUNNING");
    api.setState("Ledger", "STOPPED");
    release.abort();
    await held;
    await vi.advanceTimersByTimeAsync(1);
    expect(bed.events.at(-1)).toMatchObject({ event: "servicesRan", services: ["Ledger"] });
  });

  it("is there before the first component is noted, whose server may die over it", async () => {
    const bed = new SessionBed(new FakeServices({ name: "Ledger" }));
    const noted: number[] = [];
    bed.onGuardianWanted = () => noted.push(bed.open.components.all.length);
    await passTime(bed.session().enter(one, bed.client, never));
    expect(noted).toEqual([0]);
  });

  it("goes on after a journal that it could not read for a while", async () => {
    const { api, bed, end } = await guarded({ onAbandonedRestore: "startServices" });
    const read = vi.spyOn(bed.store, "open").mockImplementation(() => {
      throw new Error("a scanner has it");
    });
    await vi.advanceTimersByTimeAsync(2000);
    read.mockRestore();
    bed.processes.end(CLIENT_PID);
    await expect(passTime(end)).resolves.toBe("no session");
    expect(api.state("Ledger")).toBe("RUNNING");
    const text = expect.stringContaining("a scanner has it");
    expect(bed.events).toContainEqual(expect.objectContaining({ level: "error", text }));
  });
});

describe("what counts as abandoned", () => {
  it("is not a component whose PreRestore died with its server, though nobody will finish it", async () => {
    const api = new FakeServices({ name: "Ledger" });
    const bed = new SessionBed(api);
    await passTime(bed.session().enter(one, bed.client, never));
    expect(abandonLost(bed.open, bed.processes)).toEqual([]);
    bed.processes.end(SERVER_PID);
    const given = bed.open.with(abandonLost(bed.open, bed.processes));
    // Its files are as they were.
    expect(given.components.all).toMatchObject([{ phase: "finished" }]);
    expect(dueOf(given)).toBe("start");
  });

  it("is never one of a client that Windows does not tell, before its time", async () => {
    const bed = new SessionBed(new FakeServices({ name: "Ledger" }));
    await passTime(bed.session().enter(one, null, never));
    await bed.session().prepared(one);
    bed.processes.end(SERVER_PID);
    expect(abandonLost(bed.open, bed.processes)).toEqual([]);
    const given = bed.open.with(abandonUnknown(bed.open));
    expect(given.components.all).toMatchObject([{ phase: "abandoned" }]);
    expect(dueOf(given)).toBe("keepStopped");
  });
});

describe("recovery", () => {
  it("does nothing to a restore under way, unless it is forced", async () => {
    const api = new FakeServices({ name: "Ledger" });
    const bed = new SessionBed(api);
    await passTime(bed.session().enter(one, bed.client, never));
    await bed.session().prepared(one);
    const recover = (decision: Decision, force: boolean) =>
      passTime(recoverSession({ ...bed.options, endHooks: bed.endHooks, decision, force }));
    for (const decision of ["undecided", "start", "keepStopped"] as const) {
      await expect(recover(decision, false)).resolves.toMatchObject({ state: "in progress" });
    }
    // To override a client is no decision about files that may be half restored.
    await expect(recover("undecided", true)).resolves.toMatchObject({ state: "abandoned" });
    expect(api.state("Ledger")).toBe("STOPPED");
    await expect(recover("start", true)).resolves.toEqual({
      state: "recovered",
      started: ["Ledger"],
    });
    expect(api.state("Ledger")).toBe("RUNNING");
    await expect(recover("start", true)).resolves.toEqual({ state: "no session" });
  });

  it("names what does not start, and tries again the next time", async () => {
    const api = new FakeServices({ name: "Ledger" });
    const bed = new SessionBed(api);
    await passTime(bed.session().enter(one, bed.client, never));
    bed.processes.end(CLIENT_PID);
    api.change("Ledger", { startType: "disabled" });
    const recover = () =>
      passTime(
        recoverSession({
          ...bed.options,
          endHooks: bed.endHooks,
          decision: "undecided",
          force: false,
        }),
      );
    await expect(recover()).resolves.toMatchObject({
      state: "services stopped",
      leftStopped: ["Ledger"],
      text: expect.stringContaining("disabled"),
    });
    api.change("Ledger", { startType: "manual" });
    await expect(recover()).resolves.toMatchObject({ state: "recovered" });
  });

  it("starts nothing for somebody who wants the services stopped", async () => {
    const api = new FakeServices({ name: "Ledger" });
    const bed = new SessionBed(api);
    await passTime(bed.session().enter(one, bed.client, never));
    bed.processes.end(CLIENT_PID);
    api.change("Ledger", { startType: "disabled" });
    const recover = () =>
      passTime(
        recoverSession({
          ...bed.options,
          endHooks: bed.endHooks,
          decision: "undecided",
          force: false,
        }),
      );
    await expect(recover()).resolves.toMatchObject({ state: "services stopped" });
    api.change("Ledger", { startType: "manual" });
    const keep = recoverSession({
      ...bed.options,
      endHooks: bed.endHooks,
      decision: "keepStopped",
      force: false,
    });
    await expect(passTime(keep)).resolves.toMatchObject({
      state: "kept stopped",
      stopped: [{ name: "Ledger" }],
    });
    expect([api.state("Ledger"), bed.store.peek()]).toEqual(["STOPPED", undefined]);
  });
});
