import { describe, expect, it } from "vitest";

import { failureHresult, failureReply } from "../../../../src/runtime/addin/failure.ts";
import { WsbError } from "../../../../src/base/errors.ts";
import type { MethodName } from "../../../../src/runtime/native/binding.ts";

const methods: readonly (readonly [MethodName, number])[] = [
  ["preRestore", 0x807a0002],
  ["postRestore", 0x807a0003],
  ["orderComponents", 0x80004005],
  ["isRollForwardSupported", 0x80004005],
  ["checkConsistency", 0x807a0001],
];

function withHresult(hresult: unknown): Error {
  return Object.assign(new Error("broken"), { hresult });
}

const named: readonly (readonly [string, unknown, number])[] = [
  ["an unsigned HRESULT", withHresult(0x80070020), 0x80070020],
  ["a signed HRESULT", withHresult(-2147024864), 0x80070020],
  ["an HRESULT of what is no Error", { hresult: 0x80070020 }, 0x80070020],
  ["an aborted handler", new DOMException("stop", "AbortError"), 0x80004004],
  ["a time limit", new WsbError("ERR_WSB_TIMEOUT", "late"), 0x800705b4],
  [
    "an error behind one of the kit's",
    new WsbError("ERR_WSB_HANDLER", "x", { cause: withHresult(0x80070020) }),
    0x80070020,
  ],
];

describe.each(methods)("a failure of %s", (method, own) => {
  it.each([
    ["an error", new Error("broken")],
    ["a value that is not an error", "broken"],
    ["undefined", undefined],
    ["null", null],
    ["an error of the kit", new WsbError("ERR_WSB_SERVICE", "x", { hresult: 0x80070424 })],
    ["a success code", withHresult(0)],
    ["S_FALSE", withHresult(1)],
    ["an HRESULT that is a text", withHresult("0x80070020")],
    ["an HRESULT that is not a number", withHresult(Number.NaN)],
    ["an infinite HRESULT", withHresult(Number.NEGATIVE_INFINITY)],
  ])("has the method's own code for %s", (_, error) => {
    expect(failureHresult(method, error)).toBe(own);
  });

  it.each(named)("answers %s as the interface allows", (_, error, hresult) => {
    const allowsOthers = method === "orderComponents" || method === "checkConsistency";
    expect(failureHresult(method, error)).toBe(allowsOthers ? hresult : own);
  });

  it.each(named)("has the code of %s in its text or its HRESULT", (_, error, hresult) => {
    const reply = failureReply(method, error);
    const shown = `0x${hresult.toString(16).toUpperCase()}`;
    expect(reply.hresult === hresult || reply.description?.includes(shown)).toBe(true);
  });
});

describe("failureReply", () => {
  it.each([
    ["an error", new Error("broken"), "broken"],
    ["a text", "broken", "broken"],
    ["a text with NUL", new Error("a\0b\0"), "a\uFFFDb\uFFFD"],
    ["a lone surrogate and an emoji", new Error("\uD83D \u{1F4D2}"), "\uD83D \u{1F4D2}"],
  ])("describes %s", (_, error, description) => {
    expect(failureReply("preRestore", error)).toEqual({ hresult: 0x807a0002, description });
  });

  it.each([[""], [new Error("")], [Object.create(null)], [undefined]])(
    "has a description for %j",
    (error) => {
      expect(failureReply("preRestore", error).description).not.toBe("");
    },
  );
});
