import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import {
  givenUp,
  planRecovery,
  recoverSession,
  type RecoverChoice,
  type RecoverOutcome,
} from "../../../../src/runtime/restore/recover.ts";
import type { ComponentProgress } from "../../../../src/runtime/restore/journal/step.ts";
import { FakeServices } from "../../../helpers/fakes/fake-services.ts";
import { CLIENT_PID, FakeProcesses, SessionBed } from "../../../helpers/fakes/session-bed.ts";
import { passTime } from "../../../helpers/fakes/virtual-time.ts";
import { sessionWith } from "../../../helpers/session-with.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const never = new AbortController().signal;
const one = { componentName: "Accounts", logicalPath: "Ledger" };
const processes = new FakeProcesses();
const server = processes.identity(1);
const awaited: ComponentProgress = {
  ...one,
  client: processes.identity(2),
  phase: "prepared",
};
const abandoned: ComponentProgress = { ...awaited, phase: "abandoned" };
const finished: ComponentProgress = { ...awaited, phase: "finished" };

describe("the plan of a recovery", () => {
  it.each([
    ["a client may come back", { components: [awaited] }, "in progress"],
    ["its server calls the last handler", { phase: "started" }, "in progress"],
    ["nothing is half restored", { components: [finished] }, "start"],
    ["files may be half restored", { components: [abandoned] }, "abandoned"],
  ] as const)("is not a decision by itself: %s", (_, session, plan) => {
    const choice: RecoverChoice = { decision: "undecided", force: false };
    expect(planRecovery(sessionWith({ server, ...session }), processes, choice)).toBe(plan);
  });

  it.each([
    [{ components: [awaited] }, "start", "in progress"],
    [{ components: [awaited] }, "keepStopped", "in progress"],
    [{ components: [finished] }, "start", "start"],
    [{ components: [finished] }, "keepStopped", "keep stopped"],
    [{ components: [abandoned] }, "start", "start"],
    [{ components: [abandoned] }, "keepStopped", "keep stopped"],
  ] as const)("follows a decision: %j, %s", (session, decision, plan) => {
    const choice: RecoverChoice = { decision, force: false };
    expect(planRecovery(sessionWith({ server, ...session }), processes, choice)).toBe(plan);
  });

  it("overrides a living server only when it is forced", () => {
    const session = sessionWith({ server, phase: "started" });
    expect(planRecovery(session, processes, { decision: "undecided", force: true })).toBe("start");
  });

  it("gives up a living client only when it is forced", () => {
    const session = sessionWith({ server, components: [awaited] });
    const choice = { decision: "start", force: false } as const;
    expect(givenUp(session, processes, choice)).toEqual([]);
    expect(givenUp(session, processes, { ...choice, force: true })).toEqual([
      { type: "component", ...awaited, phase: "abandoned" },
    ]);
  });
});

async function abandonedBed(): Promise<{
  readonly api: FakeServices;
  readonly bed: SessionBed;
  readonly recover: (choice: Partial<RecoverChoice>) => Promise<RecoverOutcome>;
}> {
  const api = new FakeServices({ name: "Ledger" }, { name: "Own" });
  const bed = new SessionBed(api, { services: ["Ledger", "Own"] });
  await passTime(bed.session().enter(one, bed.client, never));
  await bed.session().prepared(one);
  bed.processes.end(CLIENT_PID);
  const recover = (choice: Partial<RecoverChoice>): Promise<RecoverOutcome> =>
    passTime(
      recoverSession({
        ...bed.options,
        endHooks: bed.endHooks,
        decision: "undecided",
        force: false,
        ...choice,
      }),
    );
  return { api, bed, recover };
}

describe("recovery of an abandoned restore", () => {
  it("changes nothing but the record until somebody decides", async () => {
    const { api, bed, recover } = await abandonedBed();
    await expect(recover({})).resolves.toMatchObject({ state: "abandoned" });
    expect([api.state("Ledger"), bed.open.phase]).toEqual(["STOPPED", "abandoned"]);
    expect(bed.events.at(-1)).toMatchObject({ event: "restoreAbandoned" });
    const { steps } = bed.open;
    await expect(recover({})).resolves.toMatchObject({ state: "abandoned" });
    expect(bed.open.steps).toBe(steps);
  });

  it("starts the services when the add-in's handler says so", async () => {
    const { api, bed, recover } = await abandonedBed();
    vi.spyOn(bed.endHooks, "restoreAbandoned").mockResolvedValue("startServices");
    await expect(recover({})).resolves.toEqual({ state: "recovered", started: ["Own", "Ledger"] });
    expect([api.state("Ledger"), bed.store.peek()]).toEqual(["RUNNING", undefined]);
    expect(bed.events.at(-1)).toMatchObject({ event: "sessionClosed", outcome: "recovered" });
  });

  it("asks no handler about a damaged journal, and starts nothing", async () => {
    const { api, bed, recover } = await abandonedBed();
    const journal = bed.store.open();
    if (journal === undefined) throw new Error("No session is open.");
    Object.assign(journal.session, { damage: "the journal is missing" });
    vi.spyOn(bed.store, "open").mockReturnValue(journal);
    const ask = vi.spyOn(bed.endHooks, "restoreAbandoned").mockResolvedValue("startServices");
    await expect(recover({})).resolves.toMatchObject({ state: "abandoned" });
    expect([ask.mock.calls, api.state("Ledger")]).toEqual([[], "STOPPED"]);
    expect(bed.events.at(-1)).toMatchObject({ event: "journalDamaged" });
  });

  it("tells the handler how each component ended", async () => {
    const { bed, recover } = await abandonedBed();
    const two = { componentName: "Archive", logicalPath: "Ledger" };
    const failed = { ...two, client: bed.client, phase: "abandoned", outcome: "x" } as const;
    bed.store.open()?.write([{ type: "component", ...failed }]);
    const ask = vi.spyOn(bed.endHooks, "restoreAbandoned");
    await recover({});
    expect(ask).toHaveBeenCalledExactlyOnceWith({
      components: [
        { ...two, outcome: "x", client: bed.client, noRollForward: null },
        { ...one, outcome: null, client: bed.client, noRollForward: false },
      ],
      services: ["Own", "Ledger"],
    });
  });

  it("names what stays stopped, in the order in which it was stopped", async () => {
    const { api, bed, recover } = await abandonedBed();
    await expect(recover({ decision: "keepStopped" })).resolves.toMatchObject({
      state: "kept stopped",
      stopped: [{ name: "Ledger" }, { name: "Own" }],
    });
    expect([api.state("Ledger"), bed.store.peek()]).toEqual(["STOPPED", undefined]);
  });

  it("names as stopped only what is owed", async () => {
    const { api, recover } = await abandonedBed();
    api.change("Ledger", { onStart: "refuses" });
    await expect(recover({ decision: "start" })).resolves.toMatchObject({
      state: "services stopped",
      leftStopped: ["Ledger"],
    });
    expect(api.state("Own")).toBe("RUNNING");
    await expect(recover({ decision: "keepStopped" })).resolves.toMatchObject({
      state: "kept stopped",
      stopped: [{ name: "Ledger" }],
    });
  });

  it("goes on with a start that somebody has decided, without another decision", async () => {
    const { api, recover } = await abandonedBed();
    api.change("Ledger", { onStart: "refuses" });
    await expect(recover({ decision: "start" })).resolves.toMatchObject({
      state: "services stopped",
    });
    api.change("Ledger", { onStart: "obeys" });
    await expect(recover({})).resolves.toMatchObject({ state: "recovered" });
    expect(api.state("Ledger")).toBe("RUNNING");
  });

  it("notes that the services run before it calls the last handler", async () => {
    const { bed, recover } = await abandonedBed();
    const phases: unknown[] = [];
    vi.spyOn(bed.endHooks, "afterServicesStart").mockImplementation(async () => {
      phases.push(bed.open.phase);
    });
    await recover({ decision: "start" });
    expect(phases).toEqual(["started"]);
  });

  it("calls no handler when it has started nothing", async () => {
    const bed = new SessionBed(new FakeServices({ name: "Ledger", state: "STOPPED" }));
    await passTime(bed.session().enter(one, bed.client, never));
    bed.processes.end(CLIENT_PID);
    const after = vi.spyOn(bed.endHooks, "afterServicesStart");
    const { endHooks } = bed;
    const recovering = recoverSession({
      ...bed.options,
      endHooks,
      decision: "undecided",
      force: false,
    });
    await expect(passTime(recovering)).resolves.toEqual({ state: "recovered", started: [] });
    expect(after).not.toHaveBeenCalled();
  });

  it("has nothing to do without a session", async () => {
    const { recover } = await abandonedBed();
    await recover({ decision: "start" });
    await expect(recover({ decision: "start" })).resolves.toEqual({ state: "no session" });
  });
});
