import { expect, it } from "vitest";

import type { EventLine } from "../../../../src/runtime/events/definitions.ts";
import { findFailure } from "../../../../src/tools/simulate/find-failure.ts";
import { ORIGIN_MS, lineAt } from "../../../helpers/event-lines.ts";

const calls = { clientPid: 900, sinceMs: ORIGIN_MS };
const called = { method: "PreRestore", component: "A" };
const fields = { id: 1, method: "preRestore", component: "A" } as const;
const failure = { code: "TypeError", text: "Books are open." };
const received = lineAt(0, { event: "callReceived", ...fields, clientPid: 900 });

function failed(change: object = {}): EventLine {
  return { ...lineAt(5, { event: "handlerFailed", ...fields, hresult: 1, ...failure }), ...change };
}

it.each([
  ["the call's own handler", {}],
  ["a handler that the call ran besides", { method: "beforeServicesStop" }],
])("finds the failure of %s", (_, change) => {
  expect(findFailure([received, failed(change)], called, calls)).toEqual(failure);
});

it.each([
  ["another call", { id: 2 }],
  ["another process", { pid: 11 }],
  ["no call", { id: undefined }],
])("does not find the failure of %s", (_, change) => {
  expect(findFailure([received, failed(change)], called, calls)).toBeUndefined();
});

it("does not find the failure of a call for another component", () => {
  const other = { method: "PreRestore", component: "B" };
  expect(findFailure([received, failed()], other, calls)).toBeUndefined();
});
