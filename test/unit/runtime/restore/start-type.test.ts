import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { recoverSession } from "../../../../src/runtime/restore/recover.ts";
import { holdStartType } from "../../../../src/runtime/restore/start-type.ts";
import { journalService } from "../../../helpers/journal-parts.ts";
import { FakeServices } from "../../../helpers/fakes/fake-services.ts";
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

describe("holdStartType", () => {
  it.each([
    ["manual", "automatic"],
    ["automatic", "disabled"],
    ["automatic", "manual"],
  ] as const)("leaves one that was %s and is %s by now", async (startTypeBefore, now) => {
    const api = new FakeServices({ name: "Ledger", startType: now });
    const control = new SessionBed(api).options.control;
    await holdStartType(control, journalService("Ledger", { startTypeBefore }));
    await expect(api.queryServiceStartType("Ledger")).resolves.toBe(now);
  });
});

describe("A4: while a session is open, Windows starts none of its services", () => {
  it("has the start type manual before it is asked to stop, and its own before it starts", async () => {
    const api = new FakeServices({ name: "Ledger", startType: "automatic" });
    const bed = new SessionBed(api);
    const types: unknown[] = [];
    const change = api.changeService.bind(api);
    vi.spyOn(api, "changeService").mockImplementation((...args) => {
      void api.queryServiceStartType("Ledger").then((type) => types.push(type));
      return change(...args);
    });
    await passTime(bed.session().enter(one, bed.client, never));
    await bed.session().prepared(one);
    await passTime(bed.session().finish(one, "ok"));
    expect([api.requests, types]).toEqual([
      ["stop Ledger", "start Ledger"],
      ["manual", "automatic"],
    ]);
  });

  it.each(["manual", "disabled"] as const)(
    "leaves one that is set to %s meanwhile",
    async (type) => {
      const api = new FakeServices({ name: "Ledger", startType: "automatic" });
      const bed = new SessionBed(api, { onAbandonedRestore: "keepStopped" });
      await passTime(bed.session().enter(one, bed.client, never));
      await bed.session().prepared(one);
      api.change("Ledger", { startType: type });
      await passTime(
        bed
          .session()
          .finish(one, "ok")
          .catch(() => {}),
      );
      await expect(api.queryServiceStartType("Ledger")).resolves.toBe(
        type === "manual" ? "automatic" : type,
      );
    },
  );

  it.each(["manual", "boot", "system"] as const)(
    "touches no service whose start type is %s",
    async (startType) => {
      const api = new FakeServices({ name: "Ledger", startType });
      const set = vi.spyOn(api, "setServiceStartType");
      const bed = new SessionBed(api);
      await passTime(bed.session().enter(one, bed.client, never));
      await bed.session().prepared(one);
      await passTime(bed.session().finish(one, "ok"));
      expect([api.state("Ledger"), set.mock.calls]).toEqual(["RUNNING", []]);
      await expect(api.queryServiceStartType("Ledger")).resolves.toBe(startType);
    },
  );

  it("keeps the delay of an automatic start", async () => {
    const api = new FakeServices({ name: "Ledger", startType: "automatic", delayedStart: true });
    const bed = new SessionBed(api);
    await passTime(bed.session().enter(one, bed.client, never));
    await bed.session().prepared(one);
    await passTime(bed.session().finish(one, "ok"));
    await expect(api.describeService("Ledger")).resolves.toMatchObject({
      startType: "automatic",
      delayedStart: true,
    });
  });

  it("keeps its start type when the manifest chose to start services on any files", async () => {
    const api = new FakeServices({ name: "Ledger", startType: "automatic" });
    const bed = new SessionBed(api, { onAbandonedRestore: "startServices" });
    await passTime(bed.session().enter(one, bed.client, never));
    await expect(api.queryServiceStartType("Ledger")).resolves.toBe("automatic");
  });

  it.each([
    ["start", "automatic"],
    // Windows would start it on half-restored files at the next boot.
    ["keepStopped", "manual"],
  ] as const)("after recover %s it is %s", async (decision, type) => {
    const api = new FakeServices({ name: "Ledger", startType: "automatic" });
    const bed = new SessionBed(api);
    await passTime(bed.session().enter(one, bed.client, never));
    await bed.session().prepared(one);
    bed.processes.end(CLIENT_PID);
    const { endHooks } = bed;
    await passTime(recoverSession({ ...bed.options, endHooks, decision, force: false }));
    await expect(api.queryServiceStartType("Ledger")).resolves.toBe(type);
  });
});
