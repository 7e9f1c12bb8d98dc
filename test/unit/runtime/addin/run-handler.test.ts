import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { WsbError } from "../../../../src/base/errors.ts";
import { defineAddin, type AddinHandlers } from "../../../../src/runtime/addin/define-addin.ts";
import { answerOrder } from "../../../../src/runtime/addin/answer-order.ts";
import { afterRealTime } from "../../../../src/runtime/addin/call-handler.ts";
import {
  findAnswer,
  formatAnswer,
  parseOrder,
  type HandlerOrder,
} from "../../../../src/runtime/addin/handler-protocol.ts";
import { createProcessHooks } from "../../../../src/runtime/addin/process-hooks.ts";
import { runHandlerProcess } from "../../../../src/runtime/addin/run-handler.ts";
import type { AddinEvent } from "../../../../src/runtime/events/definitions.ts";
import { forever } from "../../../helpers/fakes/dispatch-bed.ts";
import { FakeProcesses } from "../../../helpers/fakes/fake-processes.ts";
import { NativeError } from "../../../helpers/fakes/native-error.ts";
import { passTime } from "../../../helpers/fakes/virtual-time.ts";

const NODE = "C:\\node\\node.exe";
const command = { program: NODE, args: ["C:\\addin\\server.js"] };
const request = { components: [], services: ["Ledger"] };
const MARKER = "marker";

let processes: FakeProcesses;
let emitted: AddinEvent[];

function emit(event: AddinEvent): void {
  emitted.push(event);
}

beforeEach(() => {
  vi.useFakeTimers();
  emitted = [];
  processes = new FakeProcesses();
});
afterEach(() => {
  vi.useRealTimers();
});

function run(signal?: AbortSignal) {
  const { startProcess } = processes;
  const options = { startProcess, emit, timeoutMs: 5000, signal };
  return runHandlerProcess(command, "restoreAbandoned", request, options);
}

/** Returns the order that the process got. */
function orderOf({ last }: FakeProcesses): HandlerOrder {
  return parseOrder(new TextDecoder().decode(last.options.input));
}

describe("an answer", () => {
  it.each([
    { answer: "done" },
    { answer: "failed", code: "ERR_WSB_HANDLER", text: "B\u00FCcher \u{1F4D2}\r\n\uD800" },
  ] as const)("is found among other output: %j", (value) => {
    const line = formatAnswer(MARKER, value);
    expect(line).toMatch(/^[ -~\n]*$/u);
    const output = `half a line${line.replaceAll("\n", "\r\n")}bye ${MARKER}\n`;
    expect(findAnswer(output, MARKER)).toEqual(value);
  });

  it.each([
    ["nothing", ""],
    ["another marker", formatAnswer("other", { answer: "done" })],
    ["a marker within a line", `x${MARKER}{"answer":"done"}`],
    ["an unknown word", `${MARKER}{"answer":"perhaps"}`],
    ["half an answer", `${MARKER}{"answer":"do`],
  ])("is not found in %s", (_, output) => {
    expect(findAnswer(output, MARKER)).toBeUndefined();
  });
});

describe("parseOrder", () => {
  it.each([
    "",
    "{}",
    '{"handler":"preRestore"}',
    '{"handler":"afterServicesStart","marker":"m","limitMs":0,"request":{"services":[],"components":[]}}',
  ])("refuses %s", (text) => {
    expect(() => parseOrder(text)).toThrow(
      expect.objectContaining({ code: "ERR_WSB_INVALID_ARGUMENT" }),
    );
  });
});

describe("runHandlerProcess", () => {
  it("starts the server again with the order as its input", async () => {
    const running = run();
    const { file, commandLine, input } = processes.last.options;
    expect([file, commandLine]).toEqual([
      NODE,
      `"${NODE}" "C:\\addin\\server.js" "--handler" "restoreAbandoned"`,
    ]);
    expect(input.length).toBeGreaterThan(0);
    const order = orderOf(processes);
    expect(order).toMatchObject({ handler: "restoreAbandoned", limitMs: 5000, request });
    processes.last.end(0, formatAnswer(order.marker, { answer: "startServices" }));
    expect(await running).toBe("startServices");
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    ["no answer", 3, () => "", "ERR_WSB_HANDLER"],
    [
      "an answer of another handler",
      0,
      (marker: string) => formatAnswer(marker, { answer: "done" }),
      "ERR_WSB_HANDLER",
    ],
    [
      "a failure",
      0,
      (marker: string) =>
        formatAnswer(marker, { answer: "failed", code: "ERR_WSB_TIMEOUT", text: "slow" }),
      "ERR_WSB_TIMEOUT",
    ],
    [
      "a failure of an unknown code",
      0,
      (marker: string) => formatAnswer(marker, { answer: "failed", code: "E", text: "no" }),
      "ERR_WSB_HANDLER",
    ],
  ])("rejects at %s", async (what, exitCode, outputOf, code) => {
    const running = run();
    processes.last.end(exitCode, outputOf(orderOf(processes).marker));
    await expect(running).rejects.toMatchObject({ code });
    // A process that answers has emitted its failure itself.
    const isReported = what.startsWith("a failure");
    expect(emitted).toMatchObject(
      isReported ? [] : [{ event: "handlerFailed", method: "restoreAbandoned", code }],
    );
  });

  it("kills the process ten seconds after the limit", async () => {
    const running = run();
    running.catch(() => {});
    await vi.advanceTimersByTimeAsync(14_999);
    expect(processes.last.kills).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(processes.last.kills).toBe(1);
    await expect(running).rejects.toMatchObject({ code: "ERR_WSB_TIMEOUT" });
  });

  it("kills the process at the abort, and starts none after it", async () => {
    const reason = new Error("enough");
    const aborting = new AbortController();
    const running = run(aborting.signal);
    aborting.abort(reason);
    await expect(running).rejects.toBe(reason);
    expect(processes.last.kills).toBe(1);
    await expect(run(aborting.signal)).rejects.toBe(reason);
    expect(processes.started).toHaveLength(1);
    expect(emitted).toEqual([]);
  });

  it("fails when Windows does not start the process", async () => {
    const options = {
      emit,
      timeoutMs: 1,
      startProcess: () => {
        throw new NativeError(0x80070002, "CreateProcessW");
      },
    };
    const running = runHandlerProcess(command, "restoreAbandoned", request, options);
    await expect(running).rejects.toMatchObject({ code: "ERR_WSB_HANDLER", api: "CreateProcessW" });
  });

  it("fails for a request that is too large, and starts nothing", async () => {
    const options = { startProcess: processes.startProcess, emit, timeoutMs: 1 };
    const large = { components: [], services: ["x".repeat(17 * 1024 * 1024)] };
    const running = runHandlerProcess(command, "restoreAbandoned", large, options);
    await expect(running).rejects.toMatchObject({ code: "ERR_WSB_HANDLER" });
    expect(processes.started).toEqual([]);
  });
});

function hooks() {
  const { startProcess } = processes;
  const timeoutsMs = { restoreAbandoned: 5000, afterServicesStart: 7000 };
  return createProcessHooks({ command, timeoutsMs, startProcess, emit });
}

describe("the hooks of another process", () => {
  it("ask restoreAbandoned about what its request defines", async () => {
    const names = { componentName: "a", logicalPath: null };
    const client = { pid: 7, image: "C:\\wbengine.exe" };
    const component = { ...names, outcome: "ok", client, noRollForward: true };
    const known = { ...component, client: { ...client, startedAt: "1" }, phase: "abandoned" };
    const asked = hooks().restoreAbandoned({ components: [known], services: ["Ledger"] });
    const { marker, request: sent } = orderOf(processes);
    expect(sent).toEqual({ components: [component], services: ["Ledger"] });
    processes.last.end(0, formatAnswer(marker, { answer: "startServices" }));
    expect(await asked).toBe("startServices");
  });

  it("keep the services stopped when it crashes, with an event", async () => {
    const asked = hooks().restoreAbandoned(request);
    processes.last.end(3, "");
    expect(await asked).toBe("keepStopped");
    expect(emitted).toMatchObject([{ event: "handlerFailed", method: "restoreAbandoned" }]);
  });

  it("decide nothing after an abort", async () => {
    const aborting = new AbortController();
    const asked = hooks().restoreAbandoned(request, aborting.signal);
    aborting.abort(new Error("enough"));
    await expect(asked).rejects.toThrow("enough");
  });

  it("call afterServicesStart with the names of the components alone", async () => {
    const component = { componentName: "a", logicalPath: null };
    const calling = hooks().afterServicesStart({
      services: ["Ledger"],
      components: [Object.assign({ phase: "finished" }, component)],
    });
    const order = orderOf(processes);
    expect(order).toMatchObject({ handler: "afterServicesStart", limitMs: 7000 });
    expect(order.request).toEqual({ services: ["Ledger"], components: [component] });
    processes.last.end(0, formatAnswer(order.marker, { answer: "done" }));
    await calling;
  });

  it("fail when afterServicesStart fails", async () => {
    const calling = hooks().afterServicesStart({ services: [], components: [] });
    const { marker } = orderOf(processes);
    const failed = { answer: "failed", code: "ERR_WSB_TIMEOUT", text: "slow" } as const;
    processes.last.end(0, formatAnswer(marker, failed));
    await expect(calling).rejects.toMatchObject({ code: "ERR_WSB_TIMEOUT" });
  });
});

describe("answerOrder", () => {
  const order = { handler: "restoreAbandoned", marker: MARKER, limitMs: 1000, request } as const;

  function answer(handlers: AddinHandlers) {
    return passTime(
      answerOrder(order, {
        load: async () => defineAddin(handlers),
        after: afterRealTime,
        emit,
        startProcess: processes.startProcess,
        mapStack: (frames) => frames,
      }),
    );
  }

  it("answers with the handler's word, and emits nothing", async () => {
    expect(await answer({ restoreAbandoned: () => "startServices" })).toEqual({
      answer: "startServices",
    });
    expect(emitted).toEqual([]);
  });

  it("answers that there is no handler", async () => {
    expect(await answer({ afterServicesStart: () => {} })).toEqual({ answer: "noHandler" });
  });

  it.each<readonly [string, AddinHandlers["restoreAbandoned"], string, string]>([
    ["an error", () => Promise.reject(new TypeError("torn")), "ERR_WSB_HANDLER", "TypeError"],
    ["its limit", forever, "ERR_WSB_TIMEOUT", "ERR_WSB_TIMEOUT"],
    ["another word", () => JSON.parse('"perhaps"'), "ERR_WSB_HANDLER", "ERR_WSB_HANDLER"],
  ])("answers a failure at %s, with one event", async (_, restoreAbandoned, code, eventCode) => {
    expect(await answer(restoreAbandoned ? { restoreAbandoned } : {})).toMatchObject({
      answer: "failed",
      code,
    });
    expect(emitted).toMatchObject([
      {
        event: "handlerFailed",
        method: "restoreAbandoned",
        code: eventCode,
        hresult: expect.any(Number),
      },
    ]);
    expect(emitted[0]).not.toHaveProperty("id");
  });

  it("answers a failure when the handlers cannot be loaded", async () => {
    const setting = {
      load: () => Promise.reject(new WsbError("ERR_WSB_DOTNET", "no edge-js")),
      after: afterRealTime,
      emit: () => {},
      startProcess: processes.startProcess,
      mapStack: (frames: readonly string[]) => frames,
    };
    expect(await answerOrder(order, setting)).toMatchObject({
      answer: "failed",
      code: "ERR_WSB_DOTNET",
    });
  });
});
