// The dispatcher writes the events and the code of `log` reads them: no event is made by hand.
import { mkdirSync } from "node:fs";

import { beforeEach, describe, expect, it } from "vitest";

import type { AddinHandlers } from "../../../../src/runtime/addin/define-addin.ts";
import { openEvents } from "../../../../src/runtime/events/open-events.ts";
import { readEvents } from "../../../../src/runtime/events/read-events.ts";
import type { NativeBinding, NativeCall } from "../../../../src/runtime/native/binding.ts";
import { readHistory } from "../../../../src/tools/report/history.ts";
import { splitRuns } from "../../../../src/tools/report/runs.ts";
import { summarize } from "../../../../src/tools/report/summary.ts";
import { toTimeline } from "../../../../src/tools/report/to-timeline.ts";
import { findFailure } from "../../../../src/tools/simulate/find-failure.ts";
import { DispatchBed, checkCall, restoreCall } from "../../../helpers/fakes/dispatch-bed.ts";
import { createFakeBinding } from "../../../helpers/fakes/fake-binding.ts";
import { CLSID, WRITER_ID } from "../../../helpers/manifest.ts";
import { CLIENT_PID } from "../../../helpers/fakes/session-bed.ts";
import { useProgramData } from "../../../helpers/program-data.ts";

const owner = { clsid: CLSID, writerId: WRITER_ID, applicationIdentifier: "Contoso Ledger" };
const CHECK_FAILED = 0x807a0001;
useProgramData();
let reported: (readonly [type: string, id: number, strings: readonly string[]])[] = [];

beforeEach(() => {
  reported = [];
});

const reportEvent: NativeBinding["reportEvent"] = (_source, type, id, strings) => {
  reported.push([type, id, strings]);
};

/** Runs calls one after the other on a real dispatcher that writes real events. */
async function write(handlers: AddinHandlers, ...calls: readonly NativeCall[]): Promise<void> {
  const binding = createFakeBinding({
    createProtectedFolder: (path) => mkdirSync(path, { recursive: true }),
    reportEvent,
  });
  const emit = openEvents(binding, owner, { role: "server" });
  const bed = new DispatchBed(handlers, { services: [] });
  bed.emit = emit;
  for (const call of calls) await bed.run(call);
}

function read() {
  const { lines, damaged } = readEvents(createFakeBinding(), CLSID);
  expect(damaged).toBe(0);
  const [run] = splitRuns(lines);
  if (run === undefined) throw new Error("nothing was written");
  return { lines, history: readHistory(run) };
}

describe("a consistency check that fails", () => {
  const damaged = new Error("Page 7 is damaged");
  const handlers: AddinHandlers = { checkConsistency: () => Promise.reject(damaged) };

  it("is written with its component and HRESULT, and counted once", async () => {
    await write(handlers, checkCall());
    const { lines, history } = read();
    const call = { id: 1, method: "checkConsistency", component: "Accounts" };
    expect(lines).toMatchObject([
      { event: "callReceived", ...call },
      { event: "callAnswered", ...call, hresult: 0 },
      { event: "handlerFailed", ...call, hresult: CHECK_FAILED, text: damaged.message },
      { event: "checkFinished", ...call, hresult: CHECK_FAILED },
    ]);
    expect(summarize(history)).toMatchObject({ verdict: "failed", failures: 1 });
    expect(toTimeline(history).filter(({ failed }) => failed)).toMatchObject([
      { step: "check", component: "Accounts", hresult: CHECK_FAILED, detail: damaged.message },
    ]);
  });

  it("is a failed handler in the Windows event log, once", async () => {
    await write(handlers, checkCall());
    expect(reported).toMatchObject([
      [
        "error",
        20,
        [
          "checkConsistency",
          damaged.message,
          "Accounts",
          "WSBAPP_E_COMPONENT_CONSISTENCY_CHECK_FAILED (0x807A0001)",
          "Error",
          "-",
        ],
      ],
    ]);
  });

  it("is counted once when the handler throws at once", async () => {
    await write(
      {
        checkConsistency: () => {
          throw damaged;
        },
      },
      checkCall(),
    );
    expect(summarize(read().history).failures).toBe(1);
  });
});

describe("a handler that fails with causes", () => {
  const handlers: AddinHandlers = {
    preRestore() {
      throw new Error("Cannot flush", { cause: new TypeError("fetch failed") });
    },
  };

  it("keeps its stack and its causes from writing to reading", async () => {
    await write(handlers, restoreCall("preRestore"));
    const entry = toTimeline(read().history).find(({ failed }) => failed);
    expect(entry).toMatchObject({ step: "PreRestore", detail: "Cannot flush: fetch failed" });
    expect(entry?.failure?.stack?.[0]).toContain("written-and-read.test.ts");
    expect(entry?.failure?.causes).toMatchObject([{ name: "TypeError", text: "fetch failed" }]);
    expect(entry?.failure?.causes?.[0]?.stack?.[0]).toContain("written-and-read.test.ts");
  });

  it("is found only by the client that called", async () => {
    await write(handlers, restoreCall("preRestore"), restoreCall("preRestore", "Archive"));
    const { lines } = read();
    const call = { method: "PreRestore", component: "Ledger\\Archive" };
    expect(findFailure(lines, call, { clientPid: CLIENT_PID, sinceMs: 0 })).toMatchObject({
      code: "Error",
      text: "Cannot flush: fetch failed",
      causes: [{ name: "TypeError" }],
    });
    for (const other of [
      { clientPid: CLIENT_PID + 1, sinceMs: 0 },
      { clientPid: CLIENT_PID, sinceMs: Date.now() + 60_000 },
    ]) {
      expect(findFailure(lines, call, other)).toBeUndefined();
    }
  });
});
