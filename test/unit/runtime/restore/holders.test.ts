import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { holderOf } from "../../../../src/runtime/restore/holders.ts";
import { FakeServices } from "../../../helpers/fakes/fake-services.ts";
import { SessionBed } from "../../../helpers/fakes/session-bed.ts";
import { noHooks } from "../../../helpers/fakes/no-hooks.ts";
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
const ledger = { name: "LEDGER", startTypeBefore: "automatic", delayedStartBefore: false } as const;

describe("H: a service that two add-ins need stopped", () => {
  it("is passed to the other one by name, and PostRestore succeeds", async () => {
    const api = new FakeServices({ name: "Ledger" }, { name: "Own" });
    const bed = new SessionBed(api, { services: ["Ledger", "Own"] });
    const session = bed.session();
    await passTime(session.enter(one, bed.client, never));
    await session.prepared(one);
    bed.holders = [{ clsid: OTHER, services: [ledger] }];
    await passTime(session.finish(one, "ok"));
    expect([api.state("Ledger"), api.state("Own"), bed.store.peek()]).toEqual([
      "STOPPED",
      "RUNNING",
      undefined,
    ]);
    expect(bed.events).toContainEqual(
      expect.objectContaining({ event: "servicePassed", service: "Ledger", holder: OTHER }),
    );
  });

  it("is started by the one that found it stopped, when that one ends last", async () => {
    const api = new FakeServices({ name: "Ledger", state: "STOPPED", startType: "manual" });
    const bed = new SessionBed(api);
    bed.holders = [{ clsid: OTHER, services: [ledger] }];
    const session = bed.session();
    await passTime(session.enter(one, bed.client, never));
    await session.prepared(one);
    bed.holders = [];
    await passTime(session.finish(one, "ok"));
    expect(api.state("Ledger")).toBe("RUNNING");
    await expect(api.queryServiceStartType("Ledger")).resolves.toBe("automatic");
  });

  it("is started when it was passed on before beforeServicesStop failed", async () => {
    const api = new FakeServices({ name: "Ledger", state: "STOPPED", startType: "manual" });
    const bed = new SessionBed(api, {
      services: ["Ledger", "Own"],
      hooks: {
        ...noHooks,
        async beforeServicesStop() {
          // The other add-in ends meanwhile and passes the service on.
          bed.holders = [];
          throw new Error("Books are open.");
        },
      },
    });
    api.add({ name: "Own" });
    bed.holders = [{ clsid: OTHER, services: [ledger] }];
    const entering = bed.session().enter(one, bed.client, never);
    await expect(passTime(entering)).rejects.toThrow("Books are open.");
    expect([api.state("Ledger"), api.state("Own"), bed.store.peek()]).toEqual([
      "RUNNING",
      "RUNNING",
      undefined,
    ]);
  });

  it("stays on record while the session of the other one cannot be read", async () => {
    const api = new FakeServices({ name: "Ledger" });
    const bed = new SessionBed(api);
    const session = bed.session();
    await passTime(session.enter(one, bed.client, never));
    await session.prepared(one);
    bed.holders = [{ clsid: OTHER, services: undefined }];
    await expect(passTime(session.finish(one, "ok"))).rejects.toMatchObject({
      code: "ERR_WSB_SERVICE",
      message: expect.stringMatching(new RegExp(`${OTHER.slice(1, -1)}.*cannot be read`, "u")),
    });
    expect([api.state("Ledger"), bed.ends]).toEqual(["STOPPED", ["open", "left"]]);
    bed.holders = [];
    await passTime(session.finish(one, "ok"));
    expect(api.state("Ledger")).toBe("RUNNING");
  });

  it("passes to a session that can be read before one that cannot", () => {
    const holders = [
      { clsid: "unreadable", services: undefined },
      { clsid: OTHER, services: [ledger] },
    ];
    expect(holderOf("Ledger", holders)).toEqual({ clsid: OTHER, service: ledger });
    expect(holderOf("Other", holders)).toEqual({ clsid: "unreadable", service: undefined });
    expect(holderOf("Other", holders.slice(1))).toBeUndefined();
  });
});
