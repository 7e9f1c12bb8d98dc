import { describe, expect, it } from "vitest";

import { WsbError, errorText, nativeFailure, windowsError } from "../../../src/base/errors.ts";
import { NativeError } from "../../helpers/fakes/native-error.ts";

describe("WsbError", () => {
  it("has only the given details", () => {
    const error = new WsbError("ERR_WSB_LAB", "No lab.");
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe("WsbError");
    expect("hresult" in error || "api" in error || "cause" in error).toBe(false);
  });

  it("keeps an HRESULT unsigned, the function's name and the cause", () => {
    const cause = new Error("before");
    const error = new WsbError("ERR_WSB_WINDOWS_API", "No.", { hresult: -1, api: "CoX", cause });
    expect(error).toMatchObject({ hresult: 0xffffffff, api: "CoX", cause });
  });
});

describe("nativeFailure", () => {
  it.each([
    ["an error without HRESULT", new Error("x")],
    ["an object that is no Error", { hresult: 1, api: "f", message: "m" }],
    ["an HRESULT that is not a number", Object.assign(new Error("x"), { hresult: "1", api: "f" })],
    ["a function name that is not a string", Object.assign(new Error("x"), { hresult: 1, api: 2 })],
    ["undefined", undefined],
  ])("does not accept %s as the shim's error", (_, thrown) => {
    expect(nativeFailure(thrown)).toBeUndefined();
  });

  it("reads the shim's error with an unsigned HRESULT", () => {
    expect(nativeFailure(new NativeError(-2147024891, "RegOpenKeyExW", "No."))).toEqual({
      hresult: 0x80070005,
      api: "RegOpenKeyExW",
      message: "No.",
    });
  });
});

describe("windowsError", () => {
  it("has a separate code for a denied access", () => {
    const denied = windowsError("Cannot", "Next.", new NativeError(0x80070005, "RegX"));
    const other = windowsError("Cannot", "Next.", new NativeError(0x80070002, "RegX"));
    expect(denied).toMatchObject({ code: "ERR_WSB_ACCESS_DENIED", hresult: 0x80070005 });
    expect(other).toMatchObject({ code: "ERR_WSB_WINDOWS_API", hresult: 0x80070002, api: "RegX" });
  });

  it("keeps the shim's error as the cause", () => {
    const cause = new NativeError(0x80070002, "RegX");
    expect(windowsError("Cannot", "Next.", cause)).toHaveProperty("cause", cause);
  });

  it.each([
    ["an error of the kit", new WsbError("ERR_WSB_SERVICE", "x", { hresult: 1, api: "f" })],
    ["any other error", new RangeError("x")],
    ["a value that is not an error", "text"],
  ])("returns %s unchanged", (_, thrown) => {
    expect(windowsError("Cannot", "Next.", thrown)).toBe(thrown);
  });
});

describe("errorText", () => {
  it.each([
    ["an error", new Error("broken"), "broken"],
    ["an error without a text", new RangeError(""), "RangeError"],
    ["an object with a message", { message: "broken" }, "broken"],
    ["a string", "broken", "broken"],
    ["a number", 5, "5"],
    ["undefined", undefined, "undefined"],
    ["null", null, "null"],
  ])("returns the text of %s", (_, thrown, text) => {
    expect(errorText(thrown)).toBe(text);
  });

  it.each([
    ["an empty string", ""],
    ["an object without a prototype", Object.create(null)],
    [
      "a text that throws",
      {
        toString: () => {
          throw new Error("no");
        },
      },
    ],
    ["an error whose message is an object", Object.assign(new Error("x"), { message: { a: 1 } })],
    ["an error whose message is gone", Object.assign(new Error("x"), { message: undefined })],
    [
      "an error without message whose name is not a string",
      Object.assign(new Error(""), { name: ["a"] }),
    ],
    ["an error without message or name", Object.assign(new Error(""), { name: "" })],
  ])("has some text for %s", (_, thrown: unknown) => {
    const text: unknown = errorText(thrown);
    expect(text).toBeTypeOf("string");
    expect(text).not.toBe("");
  });
});
