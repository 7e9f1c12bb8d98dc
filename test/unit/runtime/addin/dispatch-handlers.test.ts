import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { WsbError } from "../../../../src/base/errors.ts";
import { HandlerFailure } from "../../../../src/runtime/addin/call-handler.ts";
import type { AddinHandlers, HandlerContext } from "../../../../src/runtime/addin/define-addin.ts";
import { defineAddin } from "../../../../src/runtime/addin/define-addin.ts";
import { Dispatcher } from "../../../../src/runtime/addin/dispatch.ts";
import type { AddinEvent } from "../../../../src/runtime/events/definitions.ts";
import type { RestoreSession } from "../../../../src/runtime/restore/session.ts";
import {
  DispatchBed,
  SHORT_LIMITS_MS,
  orderCall,
  restoreCall,
} from "../../../helpers/fakes/dispatch-bed.ts";
import { FakeProcesses } from "../../../helpers/fakes/fake-processes.ts";
import { FakeServer } from "../../../helpers/fakes/fake-server.ts";
import { manifestWith } from "../../../helpers/manifest.ts";
import { passTime } from "../../../helpers/fakes/virtual-time.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const PRE_RESTORE_FAILED = 0x807a0002;
const FILE = "C:\\Ledger\\tool.exe";

describe("a handler's context", () => {
  it("writes progress, but not after the end", async () => {
    const kept: HandlerContext[] = [];
    const bed = new DispatchBed({
      preRestore: (_, context) => {
        kept.push(context);
        context.progress(10);
      },
    });
    await passTime(bed.run(restoreCall("preRestore")));
    kept[0]?.progress(99);
    expect(bed.logged).toContain("info preRestore: 10 %");
    expect(bed.logged).not.toContain("info preRestore: 99 %");
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each<readonly [string, AddinHandlers, ReturnType<typeof restoreCall>]>([
    [
      "preRestore",
      { preRestore: async (_, { run }) => void (await run({ file: FILE })) },
      restoreCall("preRestore"),
    ],
    [
      "orderComponents",
      {
        orderComponents: async ({ components }, { run }) => {
          await run({ file: FILE });
          return components;
        },
      },
      orderCall("a"),
    ],
    [
      "isRollForwardSupported",
      { isRollForwardSupported: async ({ run }) => (await run({ file: FILE })).exitCode === 0 },
      { method: "isRollForwardSupported" },
    ],
  ])("runs a program in %s, whose failure is the call's", async (method, handlers, call) => {
    const bed = new DispatchBed(handlers, { services: [] });
    const { done } = bed.deliver(call);
    await vi.waitFor(() => bed.processes.last);
    bed.processes.last.end(2, "no disk");
    await passTime(done);
    const failures = bed.emitted.filter(({ event }) => event === "handlerFailed");
    expect(failures).toMatchObject([{ method, code: "ERR_WSB_PROGRAM" }]);
  });

  it("kills a program when the handler's limit ends, and the call fails", async () => {
    const bed = new DispatchBed({
      preRestore: async (_, { run }) => void (await run({ file: FILE })),
    });
    expect(await passTime(bed.run(restoreCall("preRestore")))).toMatchObject({
      hresult: PRE_RESTORE_FAILED,
    });
    expect(bed.processes.last.kills).toBeGreaterThan(0);
  });

  it("kills a program that the handler did not wait for", async () => {
    const bed = new DispatchBed({
      preRestore: (_, { run }) => {
        run({ file: FILE }).catch(() => {});
      },
    });
    expect(await passTime(bed.run(restoreCall("preRestore")))).toEqual({ hresult: 0 });
    expect(bed.processes.last.kills).toBeGreaterThan(0);
  });
});

const cause = new TypeError("books are open");

/** Fails only after the call's limit. */
async function failLate(_: unknown, signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => {
    signal.addEventListener("abort", resolve);
  });
  throw new HandlerFailure("beforeServicesStop", cause);
}

/** A session whose only act is to fail. */
function failingSession(enter: RestoreSession["enter"]): RestoreSession {
  return { enter, prepared: async () => {}, finish: async () => {} };
}

function dispatch(session: RestoreSession) {
  const server = new FakeServer();
  const emitted: AddinEvent[] = [];
  const dispatcher = new Dispatcher({
    addin: defineAddin({}),
    manifest: manifestWith({ services: ["Ledger"], timeoutsMs: SHORT_LIMITS_MS }),
    session,
    clients: { identify: () => null, onExit: () => () => {} },
    emit: (event) => emitted.push(event),
    startProcess: new FakeProcesses().startProcess,
  });
  const { id, reply } = server.expectAnswer();
  const call = restoreCall("preRestore");
  return { id, reply, emitted, done: dispatcher.call({ id, call, clientPid: 0 }, server) };
}

function failuresIn(emitted: readonly AddinEvent[]): readonly AddinEvent[] {
  return emitted.filter(({ event }) => event === "handlerFailed");
}

describe("the failure of a handler that the session calls", () => {
  it("is one event with its name, the call's id and its own error", async () => {
    const failure = new HandlerFailure("beforeServicesStop", cause);
    const { id, reply, emitted, done } = dispatch(failingSession(() => Promise.reject(failure)));
    await passTime(done);
    expect(await reply).toEqual({ hresult: PRE_RESTORE_FAILED, description: "books are open" });
    expect(failuresIn(emitted)).toMatchObject([
      { id, method: "beforeServicesStop", component: "Ledger\\Accounts", code: "TypeError" },
    ]);
  });

  it("is named also when the session adds what became of the services", async () => {
    const failure = new HandlerFailure("afterServicesStart", cause);
    const around = new WsbError("ERR_WSB_SERVICE", "also", { cause: failure });
    const { emitted, done } = dispatch(failingSession(() => Promise.reject(around)));
    await passTime(done);
    expect(failuresIn(emitted)).toMatchObject([
      { method: "afterServicesStart", text: "also: books are open" },
    ]);
  });

  it("is an event also when the call had failed at its limit before", async () => {
    const { emitted, done } = dispatch(failingSession(failLate));
    await passTime(done);
    expect(failuresIn(emitted)).toMatchObject([
      { method: "preRestore", code: "ERR_WSB_TIMEOUT" },
      { method: "beforeServicesStop", code: "TypeError" },
    ]);
  });
});
