import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { WsbError } from "../../../../src/base/errors.ts";
import {
  closeKeptStopped,
  reportAbandoned,
  startOwed,
} from "../../../../src/runtime/restore/close-session.ts";
import { noteStarted } from "../../../../src/runtime/restore/settle.ts";
import type { OpenJournal } from "../../../../src/runtime/restore/journal/store.ts";
import { FakeServices } from "../../../helpers/fakes/fake-services.ts";
import { SessionBed } from "../../../helpers/fakes/session-bed.ts";
import { passTime } from "../../../helpers/fakes/virtual-time.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const never = new AbortController().signal;
const one = { componentName: "Accounts", logicalPath: "Ledger" };
const OTHER = "{11111111-1111-1111-1111-111111111111}";

interface Stopped {
  readonly api: FakeServices;
  readonly bed: SessionBed;
  readonly journal: OpenJournal;
}

/** A session that has stopped services for a component. */
async function stopped(...names: readonly string[]): Promise<Stopped> {
  const api = new FakeServices(...names.map((name) => ({ name })));
  const bed = new SessionBed(api, { services: names });
  await passTime(bed.session().enter(one, bed.client, never));
  await bed.session().prepared(one);
  const journal = bed.store.open();
  if (journal === undefined) throw new Error("No session is open.");
  return { api, bed, journal };
}

function goneError(hresult: number): WsbError {
  return new WsbError("ERR_WSB_SERVICE", "The service is gone.", { hresult });
}

describe("what starts the services of a session", () => {
  it("starts one whose start type cannot be put back, and owes it all the same", async () => {
    const { api, bed, journal } = await stopped("Ledger");
    const refusal = Object.assign(new Error("Access is denied."), { hresult: 0x80070005 });
    vi.spyOn(api, "setServiceStartType").mockRejectedValueOnce(refusal);
    const start = startOwed(bed.options, journal, "completed");
    await expect(passTime(start)).rejects.toMatchObject({ code: "ERR_WSB_SERVICE" });
    expect(api.state("Ledger")).toBe("RUNNING");
    expect(journal.session.services).toMatchObject([{ name: "Ledger", phase: "stopping" }]);
    await passTime(startOwed(bed.options, journal, "completed"));
    await expect(api.queryServiceStartType("Ledger")).resolves.toBe("automatic");
    expect(journal.session.services).toMatchObject([{ name: "Ledger", phase: "started" }]);
  });

  it("owes one no longer that is gone, and does not ask it to start", async () => {
    const { api, bed, journal } = await stopped("Ledger", "Own");
    vi.spyOn(bed.options.control, "setStartType").mockImplementation(async (name) => {
      if (name === "Ledger") throw goneError(0x80070424);
    });
    await passTime(startOwed(bed.options, journal, "completed"));
    expect(journal.session.services).toMatchObject([{ phase: "gone" }, { phase: "started" }]);
    expect(api.requests).not.toContain("start Ledger");
  });

  it("owes one no longer that is marked for deletion", async () => {
    const { bed, journal } = await stopped("Ledger");
    vi.spyOn(bed.options.control, "start").mockRejectedValueOnce(goneError(0x80070430));
    await passTime(startOwed(bed.options, journal, "completed"));
    expect(journal.session.services).toMatchObject([{ phase: "gone" }]);
    expect(bed.events).toContainEqual({ event: "serviceGone", service: "Ledger" });
  });

  it("reports what fails in a way of its own like every failure", async () => {
    const { api, bed, journal } = await stopped("Ledger", "Own");
    vi.spyOn(bed.options.control, "start").mockRejectedValueOnce(new TypeError("a defect"));
    const start = startOwed(bed.options, journal, "completed");
    await expect(passTime(start)).rejects.toThrow("a defect");
    expect([api.state("Ledger"), api.state("Own")]).toEqual(["RUNNING", "STOPPED"]);
    expect(journal.session.services).toMatchObject([{ phase: "started" }, { phase: "stopping" }]);
  });

  it("takes what it passes out of its mark before it says so", async () => {
    const { api, bed, journal } = await stopped("Ledger", "Own");
    const marked: unknown[] = [];
    vi.spyOn(journal, "mark").mockImplementation((more) => {
      marked.push([more.map(({ name }) => name), journal.session.services.map((s) => s.phase)]);
    });
    const ledger = { name: "Ledger", startTypeBefore: "automatic", delayedStartBefore: false };
    bed.holders = [{ clsid: OTHER, services: [{ ...ledger, startTypeBefore: "automatic" }] }];
    await passTime(startOwed(bed.options, journal, "completed"));
    expect(marked).toEqual([[["Own"], ["stopping", "stopping"]]]);
    expect(journal.session.services).toMatchObject([{ phase: "passed" }, { phase: "started" }]);
    expect(api.state("Ledger")).toBe("STOPPED");
  });

  it("starts nothing that another add-in needs stopped when the mark cannot be written", async () => {
    const { api, bed, journal } = await stopped("Ledger", "Own");
    vi.spyOn(journal, "mark").mockImplementation(() => {
      throw new WsbError("ERR_WSB_WINDOWS_API", "The registry is full.");
    });
    bed.holders = [
      {
        clsid: OTHER,
        services: [{ name: "ledger", startTypeBefore: "manual", delayedStartBefore: false }],
      },
    ];
    const start = startOwed(bed.options, journal, "completed");
    await expect(passTime(start)).rejects.toMatchObject({
      code: "ERR_WSB_SERVICE",
      message: expect.stringMatching(
        new RegExp(`registry is full.*${OTHER.slice(1, -1)}.*could not be passed`, "u"),
      ),
    });
    expect([api.state("Ledger"), api.state("Own")]).toEqual(["STOPPED", "RUNNING"]);
    expect(bed.events).toContainEqual(
      expect.objectContaining({
        event: "sessionClosed",
        outcome: "failed",
        leftStopped: ["Ledger"],
      }),
    );
    expect(bed.events).toContainEqual(
      expect.objectContaining({ event: "serviceLeftStopped", service: "Ledger" }),
    );
  });

  it("shows other add-ins what did not start, and nothing once all of it runs", async () => {
    const { api, bed, journal } = await stopped("Ledger", "Own");
    const mark = vi.spyOn(journal, "markIfPossible");
    api.change("Ledger", { onStart: "refuses" });
    await expect(passTime(startOwed(bed.options, journal, "completed"))).rejects.toThrow("Ledger");
    expect(mark.mock.calls.map(([left]) => left.map(({ name }) => name))).toEqual([["Ledger"]]);
    mark.mockClear();
    noteStarted(journal, "other");
    expect(mark).toHaveBeenCalledExactlyOnceWith([]);
    expect(journal.session.phase).toBe("started");
  });

  it("tells whether the server calls the last handler", async () => {
    const { journal } = await stopped("Ledger");
    noteStarted(journal, "other");
    expect(journal.session.isStartedByServer).toBe(false);
    noteStarted(journal, "server");
    expect(journal.session.isStartedByServer).toBe(true);
  });

  it.each([
    ["completed", "failed"],
    ["abandoned", "abandoned"],
    ["recovered", "recovered"],
  ] as const)("says of an end that leaves a service stopped, %s: %s", async (outcome, shown) => {
    const { api, bed, journal } = await stopped("Ledger");
    api.change("Ledger", { onStart: "refuses" });
    await expect(passTime(startOwed(bed.options, journal, outcome))).rejects.toThrow("Ledger");
    const closed = expect.objectContaining({ event: "sessionClosed", outcome: shown });
    expect(bed.events).toContainEqual(closed);
  });

  it("writes no mark when nothing is passed", async () => {
    const { bed, journal } = await stopped("Ledger");
    const mark = vi.spyOn(journal, "mark");
    await passTime(startOwed(bed.options, journal, "completed"));
    expect(mark).not.toHaveBeenCalled();
  });
});

describe("an abandoned session", () => {
  it("is reported once for each client, with its components and services", async () => {
    const { bed, journal } = await stopped("Ledger", "Own");
    const two = { componentName: "Archive", logicalPath: "Ledger" };
    const abandoned = { type: "component", client: bed.client, phase: "abandoned" } as const;
    journal.write([
      { ...abandoned, ...one },
      { ...abandoned, ...two },
    ]);
    reportAbandoned(bed.options, journal.session);
    expect(bed.events.at(-1)).toEqual({
      event: "restoreAbandoned",
      sessionId: journal.session.sessionId,
      components: ["Ledger\\Accounts", "Ledger\\Archive"],
      services: ["Own", "Ledger"],
      clients: [expect.stringContaining(String(bed.client.pid))],
    });
  });

  it("is reported as damage when its journal is damaged", async () => {
    const { bed, journal } = await stopped("Ledger");
    const damaged = Object.assign(journal.session, { damage: "the journal is missing" });
    const count = bed.events.length;
    reportAbandoned(bed.options, damaged);
    expect(bed.events.slice(count)).toEqual([
      {
        event: "journalDamaged",
        sessionId: damaged.sessionId,
        text: "the journal is missing",
        services: ["Ledger"],
      },
    ]);
  });

  it("leaves to another add-in what that one keeps stopped, and says so of nothing else", async () => {
    const { bed, journal } = await stopped("Ledger", "Own");
    const held = { name: "Ledger", startTypeBefore: "manual", delayedStartBefore: false } as const;
    bed.holders = [{ clsid: OTHER, services: [held] }];
    closeKeptStopped(bed.options, journal);
    expect(bed.events.filter(({ event }) => event === "servicePassed")).toMatchObject([
      { service: "Ledger", holder: OTHER },
    ]);
  });

  it("ends with its services stopped, by name, when somebody decided that", async () => {
    const { api, bed, journal } = await stopped("Ledger", "Own");
    closeKeptStopped(bed.options, journal);
    expect([api.state("Ledger"), bed.store.peek()]).toEqual(["STOPPED", undefined]);
    expect(bed.events.slice(-3)).toMatchObject([
      { event: "sessionClosed", outcome: "keptStopped", leftStopped: ["Own", "Ledger"] },
      { event: "serviceLeftStopped", service: "Own" },
      { event: "serviceLeftStopped", service: "Ledger" },
    ]);
  });

  it("leaves to another add-in what that one starts, and asks nobody to start it now", async () => {
    const { bed, journal } = await stopped("Ledger", "Own");
    const { sessionId } = journal.session;
    bed.holders = [
      {
        clsid: OTHER,
        services: [{ name: "ledger", startTypeBefore: "manual", delayedStartBefore: false }],
      },
    ];
    expect(closeKeptStopped(bed.options, journal)).toMatchObject([{ name: "Own" }]);
    expect(bed.events.slice(-3)).toEqual([
      { event: "servicePassed", sessionId, service: "Ledger", holder: OTHER },
      { event: "sessionClosed", sessionId, outcome: "keptStopped", leftStopped: ["Own"] },
      { event: "serviceLeftStopped", sessionId, service: "Own" },
    ]);
  });

  it("does not say that an add-in whose session cannot be read starts a service", async () => {
    const { bed, journal } = await stopped("Ledger");
    bed.holders = [{ clsid: OTHER, services: undefined }];
    expect(closeKeptStopped(bed.options, journal)).toMatchObject([{ name: "Ledger" }]);
    expect(bed.events).not.toContainEqual(expect.objectContaining({ event: "servicePassed" }));
  });
});
