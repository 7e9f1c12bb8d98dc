import { describe, expect, it } from "vitest";

import { WsbError } from "../../../../src/base/errors.ts";
import { HRESULT } from "../../../../src/base/hresult.ts";
import { HandlerFailure } from "../../../../src/runtime/addin/call-handler.ts";
import { timeoutError } from "../../../../src/runtime/addin/limit.ts";
import { writerFailure } from "../../../../src/runtime/writer/failure.ts";

const { VSS_E_WRITERERROR_TIMEOUT, VSS_E_WRITERERROR_NONRETRYABLE, E_FAIL } = HRESULT;

function withHresult(hresult: number): Error {
  return Object.assign(new Error("No."), { hresult });
}

const circular = new Error("No.");
circular.cause = circular;

describe("writerFailure", () => {
  it.each([
    ["an error", new Error("No."), VSS_E_WRITERERROR_NONRETRYABLE, E_FAIL],
    ["a limit", timeoutError("freeze", 10), VSS_E_WRITERERROR_TIMEOUT, E_FAIL],
    [
      "a limit of a handler",
      new HandlerFailure("freeze", timeoutError("freeze", 10)),
      VSS_E_WRITERERROR_TIMEOUT,
      E_FAIL,
    ],
    [
      "VSS's own code",
      withHresult(HRESULT.VSS_E_WRITERERROR_RETRYABLE),
      HRESULT.VSS_E_WRITERERROR_RETRYABLE,
      E_FAIL,
    ],
    [
      "VSS's own code in a handler's error",
      new HandlerFailure("freeze", withHresult(HRESULT.VSS_E_WRITERERROR_OUTOFRESOURCES)),
      HRESULT.VSS_E_WRITERERROR_OUTOFRESOURCES,
      E_FAIL,
    ],
    [
      "another code, also as a signed number",
      withHresult(-2147024891),
      VSS_E_WRITERERROR_NONRETRYABLE,
      HRESULT.E_ACCESSDENIED,
    ],
    ["a success code", withHresult(0), VSS_E_WRITERERROR_NONRETRYABLE, E_FAIL],
    [
      "a code that is a text",
      Object.assign(new Error("No."), { hresult: "0x80070005" }),
      VSS_E_WRITERERROR_NONRETRYABLE,
      E_FAIL,
    ],
    ["a text", "No.", VSS_E_WRITERERROR_NONRETRYABLE, E_FAIL],
    ["a circular chain of causes", circular, VSS_E_WRITERERROR_NONRETRYABLE, E_FAIL],
  ])("of %s", (_, error, hresult, applicationHresult) => {
    expect(writerFailure(error)).toMatchObject({ hresult, applicationHresult });
  });

  it("of an object whose getters throw", () => {
    const error = {
      get hresult(): number {
        throw new Error("No.");
      },
    };
    expect(writerFailure(error).hresult).toBe(VSS_E_WRITERERROR_NONRETRYABLE);
  });

  it("has a sentence", () => {
    const error = new WsbError("ERR_WSB_JOURNAL", "The disk is full.");
    expect(writerFailure(error).message).toBe("The disk is full.");
  });
});
