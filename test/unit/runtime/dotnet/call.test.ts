import { describe, expect, it, vi } from "vitest";

import type { HandlerContext } from "../../../../src/runtime/addin/define-addin.ts";
import { callMethod, mapException } from "../../../../src/runtime/dotnet/call.ts";
import type { EdgeCallback, EdgeFunction } from "../../../../src/runtime/dotnet/edge.ts";

type Function = (data: unknown, callback: EdgeCallback) => void;
interface Input {
  readonly request: unknown;
  readonly aborted: Function;
  readonly log: Function;
  readonly progress: Function;
}

function contextOf(
  signal: AbortSignal = new AbortController().signal,
  info: (text: string) => void = () => {},
): HandlerContext {
  return {
    signal,
    log: { info, warn: () => {} },
    progress: () => {},
    run: async () => ({ exitCode: 0, output: "" }),
  };
}

/** Returns a method with a test's behaviour. */
function method(act: (input: Input, callback: EdgeCallback) => void): EdgeFunction {
  return (input, callback) => act(input as Input, callback);
}

/** Returns an exception in edge-js' form of an error. */
function exception(name: string, message: string, fields: object = {}): Error {
  return Object.assign(new Error(message), { name, ...fields });
}

describe("callMethod", () => {
  it("passes the request and returns the result", async () => {
    const echo = method(({ request }, callback) => callback(null, request));
    expect(await callMethod(echo, { componentName: "a" }, contextOf())).toEqual({
      componentName: "a",
    });
  });

  it("passes the method's messages to the handler's log", async () => {
    const info = vi.fn<(text: string) => void>();
    const logging = method(({ log }, callback) => log("a line", () => callback(null)));
    await callMethod(logging, {}, contextOf(undefined, info));
    expect(info).toHaveBeenCalledExactlyOnceWith("a line");
  });

  it("passes the method's progress to the handler's context", async () => {
    const progress = vi.fn<(update: number | string) => void>();
    const reporting = method((input, callback) => {
      input.progress(50, () => input.progress("half", () => callback(null)));
    });
    await callMethod(reporting, {}, { ...contextOf(), progress });
    expect(progress.mock.calls).toEqual([[50], ["half"]]);
  });

  it("reports an abort, also an earlier one", async () => {
    const controller = new AbortController();
    const asked = method(({ aborted }, callback) => {
      aborted(null, (_, first) => {
        aborted(null, (__, second) => callback(null, [first, second]));
      });
      controller.abort();
    });
    expect(await callMethod(asked, {}, contextOf(controller.signal))).toEqual([true, true]);
  });

  it("reports the end of a method without an abort", async () => {
    const answer = vi.fn<EdgeCallback>();
    const short = method(({ aborted }, callback) => {
      aborted(null, answer);
      callback(null);
    });
    await callMethod(short, {}, contextOf());
    expect(answer).toHaveBeenCalledExactlyOnceWith(null, false);
  });

  it("does not call a method after its handler was aborted", async () => {
    const called = vi.fn<EdgeFunction>();
    await expect(callMethod(called, {}, contextOf(AbortSignal.abort()))).rejects.toMatchObject({
      name: "AbortError",
    });
    expect(called).not.toHaveBeenCalled();
  });

  it.each<[string, EdgeFunction]>([
    [
      "thrown",
      () => {
        throw exception("System.Exception", "broken");
      },
    ],
    ["answered", (_, callback) => callback(exception("System.Exception", "broken"))],
  ])("rejects with an exception that is %s", async (_, failing) => {
    await expect(callMethod(failing, {}, contextOf())).rejects.toMatchObject({
      name: "System.Exception",
      message: "broken",
    });
  });
});

describe("mapException", () => {
  const live = new AbortController().signal;
  const dead = AbortSignal.abort();

  it.each([
    ["an I/O error of Windows", { HResult: -2147024864 }, { hresult: 0x80070020 }],
    ["a code of .NET's own", { HResult: -2146233079 }, {}],
    ["a success code", { HResult: 0 }, {}],
    ["no code", {}, {}],
  ])("keeps the HRESULT of %s if Windows knows it", (_, fields, expected) => {
    const mapped = mapException(exception("System.X", "text", fields), live);
    expect(mapped).toMatchObject({ name: "System.X", message: "text", ...expected });
    expect(mapped instanceof Error && "hresult" in mapped).toBe("hresult" in expected);
  });

  it("returns the innermost exception", () => {
    const inner = exception("System.IO.IOException", "in use", { HResult: -2147024864 });
    const one = exception("System.Reflection.TargetInvocationException", "", {
      InnerException: inner,
    });
    const two = exception("System.AggregateException", "One or more", { InnerException: one });
    expect(mapException(two, live)).toMatchObject({ message: "in use", hresult: 0x80070020 });
  });

  it.each([
    "The operation was cancelled.",
    exception("System.OperationCanceledException", "The operation was canceled."),
    exception("System.Threading.Tasks.TaskCanceledException", "A task was canceled."),
  ])("treats a cancellation as the abort that it follows, or else as a failure: %s", (thrown) => {
    expect(mapException(thrown, dead)).toBe(dead.reason);
    expect(mapException(thrown, live)).toBeInstanceOf(Error);
    expect(mapException(thrown, live)).not.toMatchObject({ name: "AbortError" });
  });

  it("keeps a failure after an abort", () => {
    expect(mapException(exception("System.X", "broken"), dead)).toMatchObject({
      message: "broken",
    });
  });

  it.each([undefined, null, 7, "a text", {}, exception("System.X", "")])(
    "makes an error with a text from %s",
    (thrown) => {
      const mapped = mapException(thrown, live);
      expect(mapped instanceof Error && mapped.message).not.toBe("");
    },
  );
});
