import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { AddinHandlers } from "../../../../src/runtime/addin/define-addin.ts";
import { interfacesOf } from "../../../../src/runtime/addin/dispatch.ts";
import { DispatchBed, forever, orderCall } from "../../../helpers/fakes/dispatch-bed.ts";
import { manifestWith } from "../../../helpers/manifest.ts";
import { passTime } from "../../../helpers/fakes/virtual-time.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const E_FAIL = 0x80004005;
const ERROR_TIMEOUT = 0x800705b4;
const S_FALSE = 1;

/** Handlers of any shape, like those of a program without types. */
function untyped(handlers: object): AddinHandlers {
  const made: AddinHandlers = {};
  return Object.assign(made, handlers);
}

describe("orderComponents", () => {
  it("passes the components and returns the order", async () => {
    const bed = new DispatchBed({
      orderComponents: async ({ components }) => components.toReversed(),
    });
    const reply = await passTime(bed.run(orderCall("a", null, "a")));
    expect(reply).toEqual({
      hresult: 0,
      order: Uint32Array.of(2, 1, 0),
    });
  });

  it.each<readonly [string, AddinHandlers]>([
    ["without a handler", {}],
    ["for null", { orderComponents: () => null }],
    ["for a promise of null", { orderComponents: async () => null }],
    ["for nothing", untyped({ orderComponents: () => {} })],
  ])("returns no particular order %s", async (_, handlers) => {
    const reply = await passTime(new DispatchBed(handlers).run(orderCall("a")));
    expect(reply).toEqual({ hresult: S_FALSE, order: null });
  });

  it.each([
    ["leaves one out", () => []],
    [
      "repeats one",
      () => [
        { componentName: "a", logicalPath: null },
        { componentName: "a", logicalPath: null },
      ],
    ],
    [
      "renames one in place",
      ({ components }: { components: { componentName: string }[] }) => {
        for (const component of components) component.componentName = "b";
        return components;
      },
    ],
    [
      "drops one in place",
      ({ components }: { components: unknown[] }) => {
        components.pop();
        return components;
      },
    ],
    ["returns no array", () => "a"],
    ["returns no components", () => [null]],
    [
      "throws",
      () => {
        throw new Error("broken");
      },
    ],
    ["rejects", () => Promise.reject(new Error("broken"))],
  ])("fails for a handler that %s", async (_, orderComponents) => {
    const reply = await passTime(new DispatchBed(untyped({ orderComponents })).run(orderCall("a")));
    expect(reply.hresult).toBe(E_FAIL);
    expect(reply.order).toBeUndefined();
  });
});

describe("isRollForwardSupported", () => {
  it.each([
    [true, true],
    [false, false],
    [Promise.resolve(true), true],
    [undefined, false],
  ])("returns %s", async (returned, rollForwardSupported) => {
    const bed = new DispatchBed(untyped({ isRollForwardSupported: () => returned }));
    const reply = await passTime(bed.run({ method: "isRollForwardSupported" }));
    expect(reply).toEqual({ hresult: 0, rollForwardSupported });
  });

  it("is false without a handler", async () => {
    const reply = await passTime(new DispatchBed({}).run({ method: "isRollForwardSupported" }));
    expect(reply.rollForwardSupported).toBe(false);
  });

  it.each([1, "true", {}, []])("fails for a handler that returns %j", async (returned) => {
    const bed = new DispatchBed(untyped({ isRollForwardSupported: () => returned }));
    const reply = await passTime(bed.run({ method: "isRollForwardSupported" }));
    expect(reply.hresult).toBe(E_FAIL);
  });
});

describe.each<readonly [string, Parameters<DispatchBed["run"]>[0], number]>([
  ["orderComponents", orderCall("a"), ERROR_TIMEOUT],
  ["isRollForwardSupported", { method: "isRollForwardSupported" }, E_FAIL],
])("a handler of %s that hangs", (method, call, hresult) => {
  it("is answered for at its limit", async () => {
    const bed = new DispatchBed(untyped({ [method]: forever }));
    expect((await passTime(bed.deliver(call).reply)).hresult).toBe(hresult);
    expect(bed.server.answers).toHaveLength(1);
  });
});

function f(): null {
  return null;
}

describe("interfacesOf", () => {
  it.each([
    { handlers: {}, services: [], restore: false, backup: false },
    { handlers: {}, services: ["Ledger"], restore: true, backup: false },
    { handlers: { preRestore: f }, services: [], restore: true, backup: false },
    { handlers: { postRestore: f }, services: [], restore: true, backup: false },
    { handlers: { orderComponents: f }, services: [], restore: true, backup: false },
    { handlers: { isRollForwardSupported: f }, services: [], restore: true, backup: false },
    { handlers: { checkConsistency: f }, services: [], restore: false, backup: true },
    { handlers: { checkConsistency: f, preRestore: f }, services: [], restore: true, backup: true },
    { handlers: { preRestore: undefined }, services: [], restore: false, backup: false },
  ])("has restore: $restore, backup: $backup for $handlers and $services", (row) => {
    expect(interfacesOf(untyped(row.handlers), manifestWith({ services: row.services }))).toEqual({
      restore: row.restore,
      backup: row.backup,
    });
  });
});
