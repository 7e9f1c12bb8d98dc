import { beforeEach, describe, expect, it } from "vitest";

import {
  GuardianLeash,
  type GuardianListener,
} from "../../../../src/runtime/writer/guardian-leash.ts";
import type { GuardianOrder } from "../../../../src/runtime/writer/guardian-messages.ts";
import { Scheduler } from "../../../simulation/machine/scheduler.ts";

let scheduler: Scheduler;
let leash: GuardianLeash;
let sent: (GuardianOrder | "close")[];
let listeners: GuardianListener[];
let lost: number;
let onStart: () => void;

beforeEach(() => {
  scheduler = new Scheduler();
  sent = [];
  listeners = [];
  lost = 0;
  onStart = () => {};
  leash = new GuardianLeash({
    start: (listener) => {
      onStart();
      listeners.push(listener);
      return { send: (order) => void sent.push(order), close: () => void sent.push("close") };
    },
    after: (ms, ring) => scheduler.after(ms, ring),
    onLost: () => {
      lost += 1;
    },
  });
});

async function ready(): Promise<void> {
  const started = leash.start(9250);
  listeners.at(-1)?.onReport({ report: "ready" });
  await scheduler.until(started);
}

describe("the start of a guardian", () => {
  it("waits until it has its place", async () => {
    const started = leash.start(9250);
    expect(leash.isReady).toBe(false);
    listeners[0]?.onReport({ report: "ready" });
    await scheduler.until(started);
    expect(leash.isReady).toBe(true);
  });

  it("lets the guardian look for a freeze", async () => {
    await ready();
    expect(sent).toEqual([{ order: "expect", thawAfterMs: 9250 }]);
  });

  it("happens once for two backups", async () => {
    await ready();
    await scheduler.until(leash.start(9250));
    expect(listeners).toHaveLength(1);
  });

  it.each([new Error("ENOENT"), "ENOENT"])(
    "fails when the process does not start, and the next backup tries again: %s",
    async (thrown) => {
      onStart = () => {
        throw thrown;
      };
      await expect(scheduler.until(leash.start(9250))).rejects.toMatchObject({
        code: "ERR_WSB_HANDLER",
        message: expect.stringContaining("does not run: ENOENT."),
      });
      onStart = () => {};
      await ready();
    },
  );

  it("fails when the process ends, and the next backup tries again", async () => {
    const started = leash.start(9250);
    listeners[0]?.onExit("it ended with code 1");
    await expect(scheduler.until(started)).rejects.toThrow("it ended with code 1");
    expect(lost).toBe(0);
    await ready();
    expect(listeners).toHaveLength(2);
  });

  it("fails when nothing is to be frozen any more", async () => {
    const started = leash.start(9250);
    leash.end();
    await expect(scheduler.until(started)).rejects.toThrow("it was ended");
  });

  it("has no limit any more when it has its place", async () => {
    await ready();
    await scheduler.until(scheduler.wait(60_000));
    expect(leash.isReady).toBe(true);
    expect(sent).not.toContain("close");
  });

  it("fails after 15 seconds without a place, and ends the process", async () => {
    const started = scheduler.until(leash.start(9250));
    await expect(started).rejects.toMatchObject({ code: "ERR_WSB_TIMEOUT" });
    expect(scheduler.now()).toBe(15_000);
    expect(sent).toEqual(["close"]);
  });
});

describe("a watch", () => {
  it.each([true, false])("tells whether the guardian has thawed: %s", async (hasThawed) => {
    await ready();
    const isCertain = leash.watch(9500);
    expect(sent.at(-1)).toEqual({ order: "watch", thawAfterMs: 9500 });
    listeners[0]?.onReport({ report: "watching", hasThawed });
    expect(await scheduler.until(isCertain)).toBe(!hasThawed);
  });

  it("waits no longer when it has its answer", async () => {
    await ready();
    const isCertain = leash.watch(9500);
    listeners[0]?.onReport({ report: "watching", hasThawed: false });
    await scheduler.until(isCertain);
    expect(await scheduler.step()).toBe(false);
  });

  it("is not certain without a guardian", async () => {
    expect(await leash.watch(1)).toBe(false);
  });

  it("is not certain of a guardian that ends, and says that it is lost", async () => {
    await ready();
    const isCertain = leash.watch(1);
    listeners[0]?.onExit("it was killed");
    expect(await scheduler.until(isCertain)).toBe(false);
    expect(scheduler.now()).toBe(0);
    expect(lost).toBe(1);
    expect(leash.isReady).toBe(false);
  });

  it("is not certain of a guardian that does not answer", async () => {
    await ready();
    expect(await scheduler.until(leash.watch(1))).toBe(false);
    expect(scheduler.now()).toBe(2000);
  });

  it("gets the answer to what it asked before the end", async () => {
    await ready();
    const isCertain = leash.watch(1);
    leash.end();
    listeners[0]?.onReport({ report: "watching", hasThawed: false });
    expect(await scheduler.until(isCertain)).toBe(true);
  });
});

describe("the end", () => {
  it("tells the guardian that the freeze is over, and closes it", async () => {
    await ready();
    leash.end();
    leash.end();
    expect(sent.slice(1)).toEqual([{ order: "over" }, "close"]);
    listeners[0]?.onExit("it ended with code 0");
    expect(lost).toBe(0);
  });

  it("lets the next backup start another", async () => {
    await ready();
    leash.end();
    await ready();
    // What the first one still says is not about the second.
    listeners[0]?.onExit("it ended with code 0");
    expect(leash.isReady).toBe(true);
  });
});
