import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type {
  AddinHandlers,
  CheckConsistencyHandler,
  ConsistencyContext,
  ConsistencyRequest,
} from "../../../../src/runtime/addin/define-addin.ts";
import { DispatchBed, checkCall, forever } from "../../../helpers/fakes/dispatch-bed.ts";
import { passTime } from "../../../helpers/fakes/virtual-time.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const E_ABORT = 0x80004004;
const ERROR_TIMEOUT = 0x800705b4;
const CHECK_FAILED = 0x807a0001;

function aborted(): DOMException {
  return new DOMException("aborted", "AbortError");
}

/** A check that resolves as soon as it is aborted. */
function quitter(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve());
  });
}

describe("checkConsistency", () => {
  it("answers at once that a check runs, and ends the check when the handler ends", async () => {
    const work = new EventTarget();
    const bed = new DispatchBed({
      checkConsistency: () =>
        new Promise((resolve) => {
          work.addEventListener("done", () => resolve());
        }),
    });
    const { id, reply, done } = bed.deliver(checkCall());
    expect(await reply).toEqual({ hresult: 0, startsOperation: true });
    expect(bed.server.finished.size).toBe(0);
    work.dispatchEvent(new Event("done"));
    await passTime(done);
    expect(bed.server.finished.get(id)).toBe(0);
  });

  it("starts no check for null", async () => {
    const bed = new DispatchBed({ checkConsistency: () => null });
    expect(await bed.run(checkCall())).toEqual({ hresult: 1, startsOperation: false });
    expect(bed.server.finished.size).toBe(0);
  });

  it.each<readonly [string, CheckConsistencyHandler, number]>([
    ["rejects", () => Promise.reject(new Error("torn page")), CHECK_FAILED],
    ["rejects with a value that is not an error", () => Promise.reject("torn page"), CHECK_FAILED],
    [
      "names an HRESULT",
      () => Promise.reject(Object.assign(new Error("x"), { hresult: 0x80070570 })),
      0x80070570,
    ],
    [
      "names a success code",
      () => Promise.reject(Object.assign(new Error("x"), { hresult: 0x007a0004 })),
      CHECK_FAILED,
    ],
    ["aborts itself", () => Promise.reject(aborted()), E_ABORT],
  ])("ends a check that %s with its code", async (_, checkConsistency, hresult) => {
    const bed = new DispatchBed({ checkConsistency });
    const { id, reply, done } = bed.deliver(checkCall());
    expect((await reply).hresult).toBe(0);
    await passTime(done);
    expect(bed.server.finished.get(id)).toBe(hresult);
  });

  it("fails the call when the handler throws instead of returning a Promise", async () => {
    const bed = new DispatchBed({
      checkConsistency: () => {
        throw new Error("broken");
      },
    });
    expect(await bed.run(checkCall())).toEqual({ hresult: CHECK_FAILED, description: "broken" });
    expect(bed.server.finished.size).toBe(0);
  });

  it.each([undefined, true, "done", { done: true }])(
    "fails the call when the handler returns %j",
    async (returned) => {
      const handlers: AddinHandlers = {};
      Object.assign(handlers, { checkConsistency: () => returned });
      const reply = await new DispatchBed(handlers).run(checkCall());
      expect(reply.hresult).toBe(CHECK_FAILED);
      expect(reply.startsOperation).toBeUndefined();
    },
  );

  it.each([
    [
      "rejects",
      (signal: AbortSignal) =>
        new Promise<void>((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
        }),
    ],
    ["ignores it", forever],
    ["calls itself done", quitter],
  ])("ends an aborted check with E_ABORT when the handler %s", async (_, work) => {
    const bed = new DispatchBed({ checkConsistency: (_request, { signal }) => work(signal) });
    const { id, reply } = bed.deliver(checkCall());
    await reply;
    bed.dispatcher.abort(id, aborted());
    await vi.advanceTimersByTimeAsync(0);
    expect(bed.server.finished.get(id)).toBe(E_ABORT);
  });

  it.each([
    ["ignores it", forever],
    ["calls itself done", quitter],
  ])("ends a check at its limit with ERROR_TIMEOUT when the handler %s", async (_, work) => {
    const bed = new DispatchBed({ checkConsistency: (_request, { signal }) => work(signal) });
    const { id, reply } = bed.deliver(checkCall());
    await reply;
    await vi.advanceTimersByTimeAsync(bed.manifest.timeoutsMs.checkConsistency - 1);
    expect(bed.server.finished.size).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(bed.server.finished.get(id)).toBe(ERROR_TIMEOUT);
  });

  it("aborts the check when the caller no longer waits", async () => {
    let seen: AbortSignal | undefined;
    const bed = new DispatchBed({
      checkConsistency: (_, { signal }) => {
        seen = signal;
        return quitter(signal);
      },
    });
    bed.server.gone.add(1);
    await passTime(bed.run(checkCall()));
    expect(seen?.aborted).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("stops no services", async () => {
    const bed = new DispatchBed({ checkConsistency: async () => {} });
    await passTime(bed.run(checkCall()));
    expect(bed.services.requests).toEqual([]);
  });

  it("leaves no timer behind", async () => {
    const bed = new DispatchBed({ checkConsistency: async () => {} });
    await passTime(bed.run(checkCall()));
    expect(vi.getTimerCount()).toBe(0);
  });

  it("logs progress for each component, but not after the end", async () => {
    const kept: ConsistencyContext[] = [];
    const bed = new DispatchBed({
      checkConsistency: async (_, context) => {
        kept.push(context);
        context.progress(10);
        context.progress("reading accounts.db");
      },
    });
    await passTime(bed.run(checkCall()));
    kept[0]?.progress(99);
    expect(bed.logged).toEqual([
      "info checkConsistency: Accounts: 10 %",
      "info checkConsistency: Accounts: reading accounts.db",
    ]);
  });

  it("keeps two checks independent", async () => {
    const bed = new DispatchBed({
      checkConsistency: (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
        }),
    });
    const [one, two] = [bed.deliver(checkCall()), bed.deliver(checkCall())];
    bed.dispatcher.abort(one.id, aborted());
    await passTime(one.done);
    expect([...bed.server.finished]).toEqual([[one.id, E_ABORT]]);
    bed.dispatcher.abort(two.id, new Error("another reason"));
    await passTime(two.done);
    expect(bed.server.finished.get(two.id)).toBe(CHECK_FAILED);
  });

  it("ends with the checker's verdict", async () => {
    const bed = new DispatchBed({
      checkConsistency: async (_, { runChecker }) => {
        await runChecker({ file: "C:\\check.exe" });
      },
    });
    const { id, done } = bed.deliver(checkCall());
    bed.processes.last.end(7, "torn page");
    await passTime(done);
    expect(bed.server.finished.get(id)).toBe(CHECK_FAILED);
    expect(bed.logged.at(-1)).toContain("exit code 7");
  });

  it.each<readonly [string, (bed: DispatchBed, id: number) => void]>([
    ["is aborted", (bed, id) => bed.dispatcher.abort(id, aborted())],
    ["has ended without waiting for it", () => {}],
  ])("kills the checker of a check that %s", async (what, act) => {
    const waits = what === "is aborted";
    const bed = new DispatchBed({
      checkConsistency: async (_, { run }) => {
        const running = run({ file: "C:\\check.exe" });
        if (waits) await running;
        else running.catch(() => {});
      },
    });
    const { id, done } = bed.deliver(checkCall());
    act(bed, id);
    await passTime(done);
    expect(bed.processes.last.kills).toBe(1);
    expect(bed.server.finished.get(id)).toBe(waits ? E_ABORT : 0);
  });

  it.each([
    { what: "both arrays NULL", source: null, snapshot: null, volumes: [] },
    { what: "no volumes", source: [], snapshot: [], volumes: [] },
    {
      what: "two volumes",
      source: ["a", "b"],
      snapshot: ["x", "y"],
      volumes: [
        { source: "a", snapshot: "x" },
        { source: "b", snapshot: "y" },
      ],
    },
    {
      what: "a NULL path",
      source: ["a", null],
      snapshot: [null, "y"],
      volumes: [
        { source: "a", snapshot: null },
        { source: null, snapshot: "y" },
      ],
    },
    {
      what: "the snapshots NULL",
      source: ["a"],
      snapshot: null,
      volumes: [{ source: "a", snapshot: null }],
    },
    {
      what: "the sources NULL",
      source: null,
      snapshot: ["x"],
      volumes: [{ source: null, snapshot: "x" }],
    },
  ])("pairs $what", async ({ source, snapshot, volumes }) => {
    const requests: ConsistencyRequest[] = [];
    const bed = new DispatchBed({
      checkConsistency: (request) => {
        requests.push(request);
        return null;
      },
    });
    await bed.run(checkCall(source, snapshot));
    const names = { componentName: "Accounts", logicalPath: null };
    const metadata = expect.any(Function);
    expect(requests).toEqual([{ ...names, writerMetadata: null, metadata, volumes }]);
  });
});
