import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { WsbError } from "../../../../src/base/errors.ts";
import { HandlerFailure, findHandlerFailure } from "../../../../src/runtime/addin/call-handler.ts";
import type { AddinHandlers, HandlerContext } from "../../../../src/runtime/addin/define-addin.ts";
import { createHandlerHooks } from "../../../../src/runtime/addin/handler-hooks.ts";
import { OrderedComponents } from "../../../../src/runtime/addin/ordered-components.ts";
import type { AddinEvent } from "../../../../src/runtime/events/definitions.ts";
import type { SessionHooks } from "../../../../src/runtime/restore/hooks.ts";
import { SHORT_LIMITS_MS, forever } from "../../../helpers/fakes/dispatch-bed.ts";
import { FakeProcesses } from "../../../helpers/fakes/fake-processes.ts";
import { passTime } from "../../../helpers/fakes/virtual-time.ts";

const a = { componentName: "a", logicalPath: null };
const b = { componentName: "b", logicalPath: null };
const stopInfo = {
  restoring: { component: a, client: null },
  noRollForward: true,
  services: ["Ledger"],
};

let processes: FakeProcesses;
let ordered: OrderedComponents;
let emitted: AddinEvent[];

beforeEach(() => {
  vi.useFakeTimers();
  processes = new FakeProcesses();
  ordered = new OrderedComponents();
  emitted = [];
});
afterEach(() => {
  vi.useRealTimers();
});

function hooksOf(handlers: AddinHandlers): SessionHooks {
  return createHandlerHooks({
    handlers,
    timeoutsMs: SHORT_LIMITS_MS,
    emit: (event) => emitted.push(event),
    startProcess: processes.startProcess,
    ordered,
  });
}

function failureOf(promise: Promise<void>): Promise<unknown> {
  return passTime(promise.catch((error: unknown) => error));
}

describe("beforeServicesStop", () => {
  it("gets the ordered components, the services and the handlers as its this", async () => {
    const seen: unknown[] = [];
    const handlers: AddinHandlers = {
      beforeServicesStop(this: unknown, request) {
        seen.push(this, request);
      },
    };
    ordered.note(null, [b, a]);
    await hooksOf(handlers).beforeServicesStop(stopInfo, new AbortController().signal);
    const request = { components: [b, a], noRollForward: true, services: ["Ledger"] };
    expect(seen).toEqual([handlers, request]);
  });

  it("does nothing in an add-in without it, even after the abort", async () => {
    await hooksOf({}).beforeServicesStop(stopInfo, AbortSignal.abort());
    await hooksOf({}).afterServicesStart({ services: [], components: [] });
    expect(vi.getTimerCount()).toBe(0);
  });

  it("fails with its own error, and names itself", async () => {
    const cause = new TypeError("books are open");
    const hooks = hooksOf({ beforeServicesStop: () => Promise.reject(cause) });
    const failure = await failureOf(
      hooks.beforeServicesStop(stopInfo, new AbortController().signal),
    );
    expect(failure).toMatchObject({
      code: "ERR_WSB_HANDLER",
      handler: "beforeServicesStop",
      message: "books are open",
      cause,
    });
    expect(vi.getTimerCount()).toBe(0);
  });

  it("fails at its own limit, and its programs end", async () => {
    let seen: HandlerContext | undefined;
    const hooks = hooksOf({
      beforeServicesStop: async (_, context) => {
        seen = context;
        await context.run({ file: "C:\\export.exe" }).catch(forever);
      },
    });
    const failure = await failureOf(
      hooks.beforeServicesStop(stopInfo, new AbortController().signal),
    );
    expect(failure).toMatchObject({ code: "ERR_WSB_TIMEOUT", handler: "beforeServicesStop" });
    expect(String(failure)).toContain("timeoutsMs.beforeServicesStop");
    expect(seen?.signal.aborted).toBe(true);
    expect(processes.last.kills).toBeGreaterThan(0);
  });

  it("ends the programs that it did not wait for", async () => {
    const hooks = hooksOf({
      beforeServicesStop: (_, context) => {
        context.run({ file: "C:\\export.exe" }).catch(() => {});
      },
    });
    await hooks.beforeServicesStop(stopInfo, new AbortController().signal);
    expect(processes.last.kills).toBeGreaterThan(0);
  });

  it("starts no program when it has ended", async () => {
    let late: HandlerContext | undefined;
    const hooks = hooksOf({
      beforeServicesStop: (_, context) => {
        late = context;
      },
    });
    await hooks.beforeServicesStop(stopInfo, new AbortController().signal);
    await expect(late?.run({ file: "C:\\export.exe" })).rejects.toThrow(
      "The handler beforeServicesStop has ended.",
    );
    expect(processes.started).toEqual([]);
  });

  it("ends with the call that it is a part of", async () => {
    const reason = new DOMException("The client has ended.", "AbortError");
    const call = new AbortController();
    const hooks = hooksOf({ beforeServicesStop: forever });
    const failing = failureOf(hooks.beforeServicesStop(stopInfo, call.signal));
    call.abort(reason);
    expect(await failing).toMatchObject({ handler: "beforeServicesStop", cause: reason });
  });

  it("fails when it returns although it was aborted", async () => {
    const call = new AbortController();
    const hooks = hooksOf({ beforeServicesStop: () => call.abort(new Error("gone")) });
    const failure = await failureOf(hooks.beforeServicesStop(stopInfo, call.signal));
    expect(failure).toBeInstanceOf(HandlerFailure);
  });
});

describe("afterServicesStart", () => {
  it("gets its request, and writes its progress and its messages", async () => {
    const seen: unknown[] = [];
    const hooks = hooksOf({
      afterServicesStart: (request, { log, progress }) => {
        seen.push(request);
        log.warn("slow");
        progress(50);
      },
    });
    await hooks.afterServicesStart({
      services: ["Ledger"],
      components: [Object.assign({ phase: "finished" }, a)],
    });
    expect(seen).toEqual([{ services: ["Ledger"], components: [a] }]);
    expect(emitted).toEqual([
      { event: "message", level: "warn", text: "afterServicesStart: slow" },
      { event: "message", level: "info", text: "afterServicesStart: 50 %" },
    ]);
  });
});

describe("findHandlerFailure", () => {
  const failure = new HandlerFailure("afterServicesStart", new Error("no"));

  it("finds the failure among an error's causes", () => {
    expect(findHandlerFailure(failure)).toBe(failure);
    const around = new WsbError("ERR_WSB_SERVICE", "also", { cause: failure });
    expect(findHandlerFailure(around)).toBe(failure);
  });

  it("finds nothing in other errors, and not in a circle", () => {
    const circle = new WsbError("ERR_WSB_SERVICE", "round");
    Object.assign(circle, { cause: circle });
    for (const error of [circle, new Error("no"), undefined, "no"]) {
      expect(findHandlerFailure(error)).toBeUndefined();
    }
  });
});
