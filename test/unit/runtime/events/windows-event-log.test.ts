import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import type { AddinEvent } from "../../../../src/runtime/events/definitions.ts";
import { windowsEventOf } from "../../../../src/runtime/events/windows-event-log.ts";
import { repository } from "../../../generator/generator.ts";
import { readMessages } from "../../../helpers/message-table.ts";

const failure = { method: "preRestore", code: "ERR_WSB_HANDLER", hresult: 0x807a0002 } as const;

const told: readonly (readonly [AddinEvent, number, string, readonly string[]])[] = [
  [
    {
      event: "sessionOpened",
      clientPid: 7,
      clientImage: "C:\\Windows\\wbengine.exe",
      services: ["A", "B"],
    },
    1,
    "information",
    ["C:\\Windows\\wbengine.exe (process 7)", "A, B", "s1"],
  ],
  [
    { event: "sessionOpened", clientPid: 7, services: [] },
    1,
    "information",
    ["process 7", "-", "s1"],
  ],
  [{ event: "sessionOpened", services: [] }, 1, "information", ["an unknown process", "-", "s1"]],
  [{ event: "sessionClosed", outcome: "completed", leftStopped: [] }, 2, "information", ["s1"]],
  [{ event: "sessionClosed", outcome: "abandoned", leftStopped: [] }, 3, "warning", ["s1"]],
  [{ event: "sessionClosed", outcome: "recovered", leftStopped: [] }, 4, "warning", ["s1"]],
  [{ event: "sessionClosed", outcome: "failed", leftStopped: [] }, 6, "warning", ["s1"]],
  [{ event: "serverLost", serverPid: 7 }, 7, "warning", ["7", "s1"]],
  [{ event: "serviceStopped", service: "A", durationMs: 12 }, 10, "information", ["A", "12", "s1"]],
  [{ event: "serviceStarted", service: "A", durationMs: 34 }, 11, "information", ["A", "34", "s1"]],
  [
    { event: "serviceFailed", service: "A", wanted: "STOPPED", state: "RUNNING", text: "No." },
    12,
    "error",
    ["A", "RUNNING", "No.", "s1"],
  ],
  [
    { event: "serviceFailed", service: "A", wanted: "RUNNING", state: "unknown", text: "No." },
    13,
    "error",
    ["A", "unknown", "No.", "s1"],
  ],
  [
    { event: "handlerFailed", id: 1, ...failure, component: "L\\A", text: "Books are open." },
    20,
    "error",
    [
      "preRestore",
      "Books are open.",
      "L\\A",
      "WSBAPP_E_COMPONENT_PRE_RESTORE_FAILED (0x807A0002)",
      "ERR_WSB_HANDLER",
      "s1",
    ],
  ],
  [
    { event: "handlerFailed", id: 1, ...failure, hresult: 0x80041234, text: "No." },
    20,
    "error",
    ["preRestore", "No.", "-", "0x80041234", "ERR_WSB_HANDLER", "s1"],
  ],
  [{ event: "message", level: "error", text: "Uncaught." }, 30, "error", ["Uncaught.", "s1"]],
  [{ event: "serviceLeftStopped", service: "A" }, 5, "error", ["A", "s1"]],
  [
    { event: "restoreAbandoned", components: ["L\\A", "L\\B"], services: ["A"], clients: ["c"] },
    8,
    "error",
    ["L\\A, L\\B", "A", "c", "s1"],
  ],
  [{ event: "sessionClosed", outcome: "keptStopped", leftStopped: ["A"] }, 9, "warning", ["s1"]],
  [{ event: "serviceGone", service: "A" }, 14, "warning", ["A", "s1"]],
  [
    { event: "serviceNotRunning", service: "A", state: "missing" },
    15,
    "warning",
    ["A", "missing", "s1"],
  ],
  [
    {
      event: "lockOwnerEnded",
      ownerPid: 4,
      ownerImage: "C:\\node.exe",
      doing: "server",
      silentMs: 30_400,
    },
    16,
    "error",
    ["C:\\node.exe (process 4)", "server", "30", "s1"],
  ],
  [{ event: "journalDamaged", text: "x", services: ["A", "B"] }, 17, "error", ["x", "A, B", "s1"]],
  [{ event: "journalNotObeyed", openedAt: "t", file: "f" }, 18, "warning", ["t", "f", "s1"]],
  [{ event: "servicePassed", service: "A", holder: "{B}" }, 19, "warning", ["A", "{B}", "s1"]],
  [{ event: "servicesRan", services: ["A", "B"] }, 21, "error", ["A, B", "s1"]],
  [
    { event: "thawedEarly", reason: "timeout" },
    22,
    "warning",
    ["the backup did not thaw it in time", "s1"],
  ],
  [
    { event: "thawFailed", reason: "abort", tries: 2, code: "ERR_WSB_TIMEOUT", text: "No." },
    23,
    "error",
    ["2", "No.", "ERR_WSB_TIMEOUT", "s1"],
  ],
  [{ event: "writerLeft", failedFreezes: 3 }, 24, "error", ["3", "s1"]],
  [
    { event: "writerOff", reason: "administrator" },
    25,
    "error",
    ["an administrator turned it off", "s1"],
  ],
];

describe("windowsEventOf", () => {
  it.each(told)("converts %j", (event, id, type, strings) => {
    expect(windowsEventOf({ ...event, sessionId: "s1" })).toEqual({ id, type, strings });
  });

  it.each<AddinEvent>([
    { event: "serverStarted" },
    { event: "serverStopped" },
    { event: "callReceived", id: 1, method: "preRestore" },
    { event: "callAnswered", id: 1, method: "preRestore", durationMs: 1, hresult: 0 },
    { event: "checkFinished", id: 1, method: "checkConsistency", durationMs: 1, hresult: 0 },
    { event: "serviceStopping", service: "A" },
    { event: "serviceStarting", service: "A" },
    { event: "writerStarted" },
    { event: "writerStopped" },
    { event: "writerCalled", id: 1, method: "freeze" },
    { event: "writerAnswered", id: 1, method: "freeze", durationMs: 1, hresult: 0 },
    { event: "message", level: "info", text: "Done." },
    { event: "message", level: "warn", text: "Slow." },
  ])("does not report $event", (event) => {
    expect(windowsEventOf(event)).toBeUndefined();
  });

  it.each([
    ["an insert of its own", "100%1 and %%5 of 5%", "100\uFF051 and \uFF05\uFF055 of 5%"],
    ["the end of the text", "a\0b", "a\uFFFDb"],
  ])("replaces what Event Viewer would read as %s", (_, text, shown) => {
    const event = windowsEventOf({ event: "message", level: "error", text });
    expect(event?.strings).toEqual([shown, "-"]);
  });

  it("cuts texts that are too long for the event log", () => {
    const event = windowsEventOf({ event: "message", level: "error", text: "x".repeat(50_000) });
    expect(event?.strings[0]).toHaveLength(4096 + "… (50000 characters)".length);
  });
});

describe("events.mc", () => {
  const messages = readMessages();

  it("has exactly one text for each event, with its severity", () => {
    const events = told.map(([, id, type]) => [id, type] as const);
    expect(new Map(messages.map(({ id, type }) => [id, type]))).toEqual(new Map(events));
  });

  it("has a placeholder for each insert, and an insert for each placeholder", () => {
    const given = new Map(told.map(([, id, , strings]) => [id, strings.length]));
    const places = messages.map(({ id, text }) => {
      const numbers = [...text.matchAll(/%(\d)/gu)].map(([, digit]) => Number(digit));
      return [id, new Set(numbers).size, Math.max(...numbers)];
    });
    expect(places).toEqual(messages.map(({ id }) => [id, given.get(id), given.get(id)]));
  });

  it("is documented, id by id", () => {
    const document = readFileSync(join(repository, "docs", "events.md"), "utf8");
    const rows = [...document.matchAll(/^\| <a id="event-\d+"><\/a>(\d+) \| (\w+) \|/gmu)];
    const documented = rows.map(([, id, type]) => ({ id: Number(id), type: type?.toLowerCase() }));
    expect(documented).toEqual(messages.map(({ id, type }) => ({ id, type })));
  });
});
