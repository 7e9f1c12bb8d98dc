import { describe, expect, it } from "vitest";

import type { AddinEvent, ThawReason } from "../../../../src/runtime/events/definitions.ts";
import type { WriterHandlers } from "../../../../src/runtime/writer/define-writer.ts";
import { createThaw, startThaw, type Thaw } from "../../../../src/runtime/writer/thaw.ts";
import { Scheduler } from "../../../simulation/machine/scheduler.ts";

const noProgram = (): never => {
  throw new Error("No program can be started.");
};

async function fails(): Promise<void> {
  throw new Error("No.");
}

function thawOf(handlers: Pick<WriterHandlers, "thaw">, scheduler = new Scheduler()): Thaw {
  return createThaw({
    handlers,
    limitMs: 10_000,
    emit: () => {},
    startProcess: noProgram,
    after: (ms, ring) => scheduler.after(ms, ring),
  });
}

describe("thaw", () => {
  it("calls the handler with its reason", async () => {
    const reasons: ThawReason[] = [];
    await thawOf({ thaw: ({ reason }) => void reasons.push(reason) })("timeout");
    expect(reasons).toEqual(["timeout"]);
  });

  it("does nothing without a handler", async () => {
    await thawOf({})("thaw");
  });

  it("fails at its limit", async () => {
    const scheduler = new Scheduler();
    const thaw = thawOf({ thaw: () => new Promise(() => {}) }, scheduler);
    const thawed = scheduler.until(thaw("thaw"));
    await expect(thawed).rejects.toMatchObject({ code: "ERR_WSB_TIMEOUT", handler: "thaw" });
    expect(scheduler.now()).toBe(10_000);
  });
});

describe("the tries of a thaw", () => {
  const scheduler = new Scheduler();
  const emitted: AddinEvent[] = [];
  const options = {
    clock: scheduler,
    emit: (event: AddinEvent): void => void emitted.push(event),
    mapStack: () => ["at thaw (ledger.ts:1:1)"],
    pausesMs: [1000, 2000],
  };

  it("end with the last pause", async () => {
    emitted.length = 0;
    const { first, done } = startThaw({ ...options, thaw: fails, isEndless: false }, "abort");
    await expect(first).rejects.toThrow("No.");
    expect(await scheduler.until(done)).toBe("gave up");
    expect(emitted).toMatchObject([
      {
        event: "thawFailed",
        reason: "abort",
        tries: 1,
        code: "Error",
        text: "No.",
        stack: ["at thaw (ledger.ts:1:1)"],
      },
      { event: "thawFailed", tries: 2 },
      { event: "thawFailed", tries: 3 },
    ]);
  });

  it.each([
    ["a text", "No.", { code: "string", text: "No." }],
    [
      "causes",
      { message: "No.", cause: "The ledger hangs." },
      {
        code: "object",
        text: "No: The ledger hangs.",
        causes: [{ name: "string", text: "The ledger hangs." }],
      },
    ],
  ])("are events with what is known of the error: %s", async (_, error, known) => {
    emitted.length = 0;
    const thaw: Thaw = () => Promise.reject(error);
    const plain = { ...options, mapStack: (frames: readonly string[]) => frames };
    const { first } = startThaw({ ...plain, thaw, pausesMs: [], isEndless: false }, "abort");
    await first.catch(() => {});
    expect(emitted).toStrictEqual([{ event: "thawFailed", reason: "abort", tries: 1, ...known }]);
  });

  it("show where the handler failed, and not where it was called", async () => {
    emitted.length = 0;
    const thaw = thawOf({
      thaw: () => {
        throw Object.assign(new TypeError("No.", { cause: "The ledger hangs." }), {
          stack: "TypeError: No.\n    at thaw (ledger.ts:1:1)",
        });
      },
    });
    const plain = { ...options, mapStack: (frames: readonly string[]) => frames };
    const { first } = startThaw({ ...plain, thaw, pausesMs: [], isEndless: false }, "thaw");
    await first.catch(() => {});
    expect(emitted).toMatchObject([
      {
        code: "TypeError",
        stack: ["at thaw (ledger.ts:1:1)"],
        causes: [{ text: "The ledger hangs." }],
      },
    ]);
  });

  it("repeat the last pause when they are endless", async () => {
    let failures = 10;
    const thaw: Thaw = async () => {
      failures -= 1;
      if (failures > 0) throw new Error("No.");
    };
    const beganMs = scheduler.now();
    const { done } = startThaw({ ...options, thaw, isEndless: true }, "abort");
    expect(await scheduler.until(done)).toBe("thawed");
    expect(scheduler.now() - beganMs).toBe(1000 + 8 * 2000);
  });

  it("end when somebody else has thawed", async () => {
    const stop = new AbortController();
    const loop = startThaw({ ...options, thaw: fails, isEndless: true }, "abort", stop.signal);
    await loop.first.catch(() => {});
    stop.abort();
    expect(await scheduler.until(loop.done)).toBe("cancelled");
  });
});
