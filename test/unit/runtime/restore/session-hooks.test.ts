import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { runGuardian } from "../../../../src/runtime/restore/guardian.ts";
import type { SessionHooks } from "../../../../src/runtime/restore/hooks.ts";
import { recoverSession } from "../../../../src/runtime/restore/recover.ts";
import { FakeServices } from "../../../helpers/fakes/fake-services.ts";
import { CLIENT_PID, SERVER_PID, SessionBed } from "../../../helpers/fakes/session-bed.ts";
import { passTime, virtualClock } from "../../../helpers/fakes/virtual-time.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const never = new AbortController().signal;
const one = { componentName: "Accounts", logicalPath: "Ledger" };
const two = { componentName: "Archive", logicalPath: "Ledger" };

interface Bed {
  readonly api: FakeServices;
  readonly bed: SessionBed;
  /** What was called, with the state of the service then. */
  readonly calls: string[];
}

function makeBed(
  changes: Partial<SessionHooks> = {},
  state: "RUNNING" | "STOPPED" = "RUNNING",
): Bed {
  const api = new FakeServices({ name: "Ledger", state });
  const calls: string[] = [];
  const note = (name: string, names: readonly string[]): void => {
    calls.push(`${name} ${names.join(",")} ${api.state("Ledger")}`);
  };
  const bed = new SessionBed(api, {
    hooks: {
      beforeServicesStop: async ({ services }, signal) => {
        note("before", services);
        await changes.beforeServicesStop?.(
          { restoring: { component: one, client: null }, noRollForward: false, services },
          signal,
        );
      },
      afterServicesStart: async (info) => {
        note("after", info.services);
        await changes.afterServicesStart?.(info);
      },
    },
  });
  return { api, bed, calls };
}

async function fail(): Promise<never> {
  throw new Error("Books are open.");
}

describe("the handlers at a session's two ends", () => {
  it("are called once a session, while the services run", async () => {
    const { bed, calls } = makeBed();
    const session = bed.session();
    for (const component of [one, two]) {
      await passTime(session.enter(component, bed.client, never));
      await session.prepared(component);
    }
    for (const component of [one, two]) await passTime(session.finish(component, "ok"));
    expect(calls).toEqual(["before Ledger RUNNING", "after Ledger RUNNING"]);
    expect(bed.store.peek()).toBeUndefined();
  });

  it("are not called when no service runs", async () => {
    const { bed, calls } = makeBed({}, "STOPPED");
    const session = bed.session();
    await passTime(session.enter(one, bed.client, never));
    await session.prepared(one);
    await passTime(session.finish(one, "ok"));
    expect(calls).toEqual([]);
  });

  it("stop nothing and fail PreRestore when the first fails", async () => {
    const { api, bed, calls } = makeBed({ beforeServicesStop: fail });
    const entering = bed.session().enter(one, bed.client, never);
    await expect(passTime(entering)).rejects.toThrow("Books are open.");
    expect([api.requests, bed.store.peek(), calls]).toEqual([
      [],
      undefined,
      ["before Ledger RUNNING"],
    ]);
  });

  it("is called for two clients that come at the same time once", async () => {
    const { api, bed, calls } = makeBed();
    const session = bed.session();
    await passTime(
      Promise.all([
        session.enter(one, bed.client, never),
        session.enter(two, bed.processes.identity(CLIENT_PID + 1), never),
      ]),
    );
    expect([calls, api.requests]).toEqual([["before Ledger RUNNING"], ["stop Ledger"]]);
  });

  it("fail the last PostRestore and leave the services running when the second fails", async () => {
    const { api, bed } = makeBed({ afterServicesStart: fail });
    const session = bed.session();
    await passTime(session.enter(one, bed.client, never));
    await session.prepared(one);
    await expect(passTime(session.finish(one, "ok"))).rejects.toThrow("Books are open.");
    expect([api.state("Ledger"), bed.store.peek(), bed.ends]).toEqual([
      "RUNNING",
      undefined,
      ["open", "close"],
    ]);
  });

  it("is called after a guardian has started the services", async () => {
    const { api, bed } = makeBed();
    await passTime(bed.session().enter(one, bed.client, never));
    bed.processes.end(CLIENT_PID);
    const after = vi.spyOn(bed.endHooks, "afterServicesStart");
    const guardian = runGuardian({
      ...bed.options,
      endHooks: bed.endHooks,
      takePlace: async () => ({ release() {} }),
      clock: virtualClock,
    });
    await expect(passTime(guardian)).resolves.toBe("no session");
    expect(api.state("Ledger")).toBe("RUNNING");
    expect(after).toHaveBeenCalledExactlyOnceWith({ services: ["Ledger"], components: [one] });
  });

  it("is reported, and not called again, when its process died in it", async () => {
    const { bed } = makeBed({ afterServicesStart: () => new Promise<never>(() => {}) });
    const session = bed.session();
    await passTime(session.enter(one, bed.client, never));
    await session.prepared(one);
    void session.finish(one, "ok");
    await vi.advanceTimersByTimeAsync(1000);
    const recover = () =>
      passTime(
        recoverSession({
          ...bed.options,
          endHooks: bed.endHooks,
          decision: "undecided",
          force: false,
        }),
      );
    // Its server lives.
    await expect(recover()).resolves.toMatchObject({ state: "in progress" });
    bed.processes.end(SERVER_PID);
    const after = vi.spyOn(bed.endHooks, "afterServicesStart");
    await expect(recover()).resolves.toMatchObject({ state: "recovered" });
    expect(after).not.toHaveBeenCalled();
    const text = expect.stringContaining("during afterServicesStart");
    expect(bed.events).toContainEqual({ event: "message", level: "error", text });
  });
});

describe("the handler of an abandoned restore", () => {
  it.each([
    ["startServices", "RUNNING", "no session"],
    ["keepStopped", "STOPPED", "abandoned"],
  ] as const)("is asked by the guardian: %s", async (answer, state, end) => {
    const { api, bed } = makeBed();
    await passTime(bed.session().enter(one, bed.client, never));
    await bed.session().prepared(one);
    bed.processes.end(CLIENT_PID);
    const ask = vi.spyOn(bed.endHooks, "restoreAbandoned").mockResolvedValue(answer);
    const guardian = runGuardian({
      ...bed.options,
      endHooks: bed.endHooks,
      takePlace: async () => ({ release() {} }),
      clock: virtualClock,
    });
    await expect(passTime(guardian)).resolves.toBe(end);
    expect(ask).toHaveBeenCalledExactlyOnceWith({
      components: [{ ...one, outcome: null, client: bed.client, noRollForward: false }],
      services: ["Ledger"],
    });
    expect(api.state("Ledger")).toBe(state);
  });

  it("is not asked about a failed PostRestore by the server, which leaves that to the guardian", async () => {
    const api = new FakeServices({ name: "Ledger" });
    const bed = new SessionBed(api, { isGuardianToDecide: true });
    const session = bed.session();
    await passTime(session.enter(one, bed.client, never));
    await session.prepared(one);
    await expect(passTime(session.failPostRestore(one, "no roll-forward"))).rejects.toThrow(
      "half restored",
    );
    expect([bed.open.phase, api.state("Ledger")]).toEqual(["open", "STOPPED"]);
  });
});
