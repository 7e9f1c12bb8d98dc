import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type {
  PreRestoreHandler,
  RestoreRequest,
} from "../../../../src/runtime/addin/define-addin.ts";
import {
  DispatchBed,
  SHORT_LIMITS_MS,
  forever,
  restoreCall,
} from "../../../helpers/fakes/dispatch-bed.ts";
import { passTime } from "../../../helpers/fakes/virtual-time.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const S_OK = 0;
const PRE_RESTORE_FAILED = 0x807a0002;
const POST_RESTORE_FAILED = 0x807a0003;

function fail(error: unknown): () => Promise<void> {
  return () => Promise.reject(error);
}

describe("preRestore and postRestore", () => {
  it("get their request, with the services stopped for both", async () => {
    const seen: unknown[] = [];
    const look = (request: RestoreRequest): void => {
      seen.push(request, bed.services.state("Ledger"));
    };
    const bed = new DispatchBed({ preRestore: look, postRestore: look });
    const request = {
      componentName: "Accounts",
      logicalPath: "Ledger",
      writerMetadata: "<x/>",
      metadata: expect.any(Function),
      noRollForward: true,
    };
    expect(await passTime(bed.run(restoreCall("preRestore")))).toEqual({ hresult: S_OK });
    expect(await passTime(bed.run(restoreCall("postRestore")))).toEqual({ hresult: S_OK });
    expect(seen).toEqual([request, "STOPPED", request, "STOPPED"]);
    expect(bed.services.state("Ledger")).toBe("RUNNING");
  });

  it("have the object of the handlers as their this", async () => {
    const receivers: unknown[] = [];
    function keep(this: unknown): void {
      receivers.push(this);
    }
    const handlers = { preRestore: keep, postRestore: keep };
    const bed = new DispatchBed(handlers);
    await passTime(bed.run(restoreCall("preRestore")));
    await passTime(bed.run(restoreCall("postRestore")));
    expect(receivers).toEqual([handlers, handlers]);
  });

  it("stop and start the services without any handler", async () => {
    const bed = new DispatchBed({});
    await passTime(bed.run(restoreCall("preRestore")));
    expect(bed.services.state("Ledger")).toBe("STOPPED");
    await passTime(bed.run(restoreCall("postRestore")));
    expect(bed.services.state("Ledger")).toBe("RUNNING");
  });

  it("emit a handler's messages with the method's name", async () => {
    const bed = new DispatchBed({
      preRestore: (_, { log }) => {
        log.info("one");
        log.warn("two");
      },
    });
    await passTime(bed.run(restoreCall("preRestore")));
    expect(bed.logged).toContain("info preRestore: one");
    expect(bed.logged).toContain("warn preRestore: two");
  });

  it("start one guardian before a service is stopped", async () => {
    const bed = new DispatchBed({});
    await passTime(bed.run(restoreCall("preRestore")));
    await passTime(bed.run(restoreCall("postRestore")));
    const { guarded, store } = bed.bed;
    expect([guarded.length, store.peek()]).toEqual([1, undefined]);
  });

  it("never run the handler when a service fails to stop", async () => {
    const preRestore = vi.fn<() => void>();
    const bed = new DispatchBed({ preRestore });
    bed.services.change("Ledger", { onStop: "refuses" });
    const reply = await passTime(bed.run(restoreCall("preRestore")));
    expect(reply.hresult).toBe(PRE_RESTORE_FAILED);
    expect(preRestore).not.toHaveBeenCalled();
    expect(bed.bed.store.peek()).toBeUndefined();
  });

  it("fail postRestore when a service fails to start", async () => {
    const bed = new DispatchBed({});
    await passTime(bed.run(restoreCall("preRestore")));
    bed.services.change("Ledger", { onStart: "refuses" });
    const reply = await passTime(bed.run(restoreCall("postRestore")));
    expect(reply.hresult).toBe(POST_RESTORE_FAILED);
    expect(reply.description).toContain("Ledger");
  });
});

// The interface knows one failure of each method; the error text has the reason.
const failing: readonly (readonly [string, PreRestoreHandler, reason: string])[] = [
  [
    "throws",
    () => {
      throw new Error("broken");
    },
    "broken",
  ],
  ["rejects", fail(new Error("broken")), "broken"],
  ["rejects with a value that is not an error", fail("broken"), "broken"],
  ["rejects with undefined", fail(undefined), "undefined"],
  ["names an HRESULT", fail(Object.assign(new Error("x"), { hresult: -2147024864 })), "0x80070020"],
  ["names a success code", fail(Object.assign(new Error("x"), { hresult: 0 })), "x"],
  ["aborts itself", fail(new DOMException("stop", "AbortError")), "0x80004004"],
  ["has a message that is not a string", fail(Object.assign(new Error("x"), { message: 5 })), "5"],
  ["hangs", forever, "5000 ms"],
  [
    "returns at its limit as if nothing were",
    (_, { signal }) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => resolve());
      }),
    "5000 ms",
  ],
];

describe.each(failing)("a handler that %s", (_, handler, reason) => {
  it("fails preRestore, and the services run again", async () => {
    const bed = new DispatchBed({ preRestore: handler });
    const reply = await passTime(bed.run(restoreCall("preRestore")));
    expect(reply.hresult).toBe(PRE_RESTORE_FAILED);
    expect(reply.description).toContain(reason);
    expect(reply.description).not.toBe("");
    expect(bed.services.state("Ledger")).toBe("RUNNING");
    expect(bed.bed.store.peek()).toBeUndefined();
  });

  it.each([
    ["A3: and the services stay stopped", "keepStopped", "STOPPED"],
    ["and the services run again when the manifest wants that", "startServices", "RUNNING"],
  ] as const)("fails postRestore, %s", async (...args) => {
    const [, onAbandonedRestore, state] = args;
    const bed = new DispatchBed({ postRestore: handler }, { onAbandonedRestore });
    await passTime(bed.run(restoreCall("preRestore")));
    const reply = await passTime(bed.run(restoreCall("postRestore")));
    expect(reply.hresult).toBe(POST_RESTORE_FAILED);
    expect(reply.description).toContain(reason);
    expect(bed.services.state("Ledger")).toBe(state);
  });
});

describe("a handler that fails for one of three components", () => {
  const names = ["first", "middle", "last"];

  it.each(names)("keeps the services stopped for the others when it is the %s", async (bad) => {
    const bed = new DispatchBed({
      preRestore: ({ componentName }) => {
        if (componentName === bad) throw new Error("broken");
      },
    });
    const replies: number[] = [];
    for (const name of names) {
      replies.push((await passTime(bed.run(restoreCall("preRestore", name)))).hresult);
    }
    expect(replies).toEqual(names.map((name) => (name === bad ? PRE_RESTORE_FAILED : S_OK)));
    expect(bed.services.state("Ledger")).toBe("STOPPED");
    for (const name of names.filter((one) => one !== bad)) {
      await passTime(bed.run(restoreCall("postRestore", name)));
    }
    expect(bed.services.state("Ledger")).toBe("RUNNING");
    expect(bed.bed.store.peek()).toBeUndefined();
  });
});

describe("a time limit", () => {
  it("answers the caller at the limit, before the services run again", async () => {
    const bed = new DispatchBed(
      { preRestore: forever },
      { timeoutsMs: { ...SHORT_LIMITS_MS, preRestore: 500 } },
    );
    bed.services.change("Ledger", { onStart: "takes its time" });
    const { reply, done } = bed.deliver(restoreCall("preRestore"));
    const answered = await passTime(reply);
    expect(answered.hresult).toBe(PRE_RESTORE_FAILED);
    expect(answered.description).toContain("500 ms");
    expect(performance.now()).toBeLessThanOrEqual(550);
    await passTime(done);
    expect(bed.services.state("Ledger")).toBe("RUNNING");
  });

  it("does not run a handler whose caller gave up while it waited for its turn", async () => {
    const handled: unknown[] = [];
    const bed = new DispatchBed({
      preRestore: ({ componentName }) => {
        handled.push(componentName);
        return componentName === "second" ? forever() : undefined;
      },
    });
    bed.services.change("Ledger", { onStop: "takes its time" });
    const first = bed.deliver(restoreCall("preRestore", "first"));
    const second = bed.deliver(restoreCall("preRestore", "second"));
    bed.dispatcher.abort(second.id, new DOMException("expired", "AbortError"));
    expect((await second.reply).hresult).toBe(PRE_RESTORE_FAILED);
    await passTime(Promise.all([first.done, second.done]));
    expect(handled).toEqual(["first"]);
    await passTime(bed.run(restoreCall("postRestore", "first")));
    expect(bed.services.state("Ledger")).toBe("RUNNING");
  });

  it("aborts the handler's signal and waits for the handler's own clean-up", async () => {
    const seen: unknown[] = [];
    const bed = new DispatchBed({
      preRestore: (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => {
            seen.push(signal.reason);
            reject(new Error("cleaned up"));
          });
        }),
    });
    await passTime(bed.run(restoreCall("preRestore")));
    expect(seen).toEqual([expect.objectContaining({ code: "ERR_WSB_TIMEOUT" })]);
  });

  it("leaves no timer behind", async () => {
    const bed = new DispatchBed({});
    await passTime(bed.run(restoreCall("preRestore")));
    await passTime(bed.run(restoreCall("postRestore")));
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("abort", () => {
  it("ends the call of a client that exited, and starts the services again", async () => {
    const bed = new DispatchBed({ preRestore: forever });
    const { id, reply, done } = bed.deliver(restoreCall("preRestore"));
    bed.server.gone.add(id);
    setTimeout(() => bed.dispatcher.abort(id, new DOMException("gone", "AbortError")), 300);
    expect((await passTime(reply)).hresult).toBe(PRE_RESTORE_FAILED);
    await passTime(done);
    expect(bed.services.state("Ledger")).toBe("RUNNING");
  });

  it("ignores an unknown id", () => {
    const bed = new DispatchBed({});
    expect(() => bed.dispatcher.abort(99, new Error("x"))).not.toThrow();
  });
});

describe("a preRestore that succeeds after its caller gave up", () => {
  it("is undone: the caller was told that it failed, and the services run again", async () => {
    const bed = new DispatchBed({});
    const { id, done } = bed.deliver(restoreCall("preRestore"));
    bed.server.gone.add(id);
    await passTime(done);
    expect(bed.services.requests).toEqual(["stop Ledger", "start Ledger"]);
    expect(bed.bed.store.peek()).toBeUndefined();
  });
});

describe("an error that is followed by a service that does not start", () => {
  it("tells of both, and of the HRESULT that the handler named", async () => {
    const bed = new DispatchBed({
      preRestore: fail(Object.assign(new Error("broken"), { hresult: 0x80070020 })),
    });
    bed.services.change("Ledger", { onStart: "refuses" });
    const reply = await passTime(bed.run(restoreCall("preRestore")));
    expect(reply.hresult).toBe(PRE_RESTORE_FAILED);
    expect(reply.description).toContain("0x80070020");
    expect(reply.description).toContain("broken");
    expect(reply.description).toContain("Ledger");
  });
});

describe("the events of a call", () => {
  it("are its arrival and its answer", async () => {
    const bed = new DispatchBed({});
    await passTime(bed.run(restoreCall("preRestore")));
    const call = { method: "preRestore", component: "Ledger\\Accounts" };
    expect(bed.emitted).toMatchObject([
      { event: "callReceived", ...call, clientPid: bed.bed.client.pid },
      { event: "callAnswered", ...call, hresult: 0 },
    ]);
  });

  it("contain the failure of its handler once, with code, text and stack", async () => {
    const bed = new DispatchBed({
      preRestore() {
        throw new TypeError("Books are open.");
      },
    });
    await passTime(bed.run(restoreCall("preRestore")));
    const hresult = PRE_RESTORE_FAILED;
    expect(bed.emitted.slice(1)).toMatchObject([
      {
        event: "handlerFailed",
        code: "TypeError",
        hresult,
        text: "Books are open.",
        stack: expect.arrayContaining([expect.stringContaining("dispatch-restore.test.ts")]),
      },
      { event: "callAnswered", hresult, description: "Books are open." },
    ]);
    expect(bed.logged).toEqual([]);
  });

  it("contain the end of a client during a call", async () => {
    const bed = new DispatchBed({ preRestore: () => new Promise(() => {}) });
    const { reply, done } = bed.deliver(restoreCall("preRestore"));
    setTimeout(() => bed.endClient(), 1000);
    await passTime(done);
    expect((await reply).hresult).toBe(PRE_RESTORE_FAILED);
    expect(bed.emitted[1]).toMatchObject({ event: "handlerFailed", code: "AbortError" });
    expect(bed.services.state("Ledger")).toBe("RUNNING");
  });
});
