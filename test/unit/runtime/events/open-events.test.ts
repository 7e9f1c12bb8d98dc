import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it, vi } from "vitest";

import type { AddinEvent } from "../../../../src/runtime/events/definitions.ts";
import type { NativeBinding } from "../../../../src/runtime/native/binding.ts";
import type { Emit } from "../../../../src/runtime/events/emit.ts";
import { eventFile } from "../../../../src/runtime/events/event-file.ts";
import { openEvents, type EventOptions } from "../../../../src/runtime/events/open-events.ts";
import { addinFolder } from "../../../../src/base/program-data.ts";
import { createFakeBinding, type FakeMachine } from "../../../helpers/fakes/fake-binding.ts";
import { CLSID, WRITER_ID } from "../../../helpers/manifest.ts";
import { NativeError } from "../../../helpers/fakes/native-error.ts";
import { useProgramData } from "../../../helpers/program-data.ts";

const addin = { clsid: CLSID, writerId: WRITER_ID, applicationIdentifier: "Contoso Ledger" };
const programData = useProgramData();

function refuse(): never {
  throw new NativeError(0x80070005, "CreateDirectoryW");
}

function createProtectedFolder(path: string): void {
  mkdirSync(path, { recursive: true });
}

function open(options: Partial<EventOptions> = {}, machine: FakeMachine = {}): Emit {
  return openEvents(createFakeBinding({ createProtectedFolder, ...machine }), addin, {
    role: "server",
    ...options,
  });
}

function lines(): readonly unknown[] {
  const text = readFileSync(eventFile(CLSID), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
}

describe("openEvents", () => {
  it("writes each event as a line of JSON into a protected folder, parents first", () => {
    const made: string[] = [];
    const binding = createFakeBinding({
      createProtectedFolder: (path) => {
        made.push(path);
        mkdirSync(path);
      },
    });
    const emit = openEvents(binding, addin, { role: "guardian" });
    emit({ event: "serviceStarting", service: "Ledger" });
    emit({ event: "message", level: "error", text: "one\ntwo \uD83D" });
    expect(made).toEqual([join(programData(), "wsb-addin"), addinFolder(CLSID)]);
    const header = {
      schemaVersion: 1,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u),
      pid: process.pid,
      role: "guardian",
    };
    expect(lines()).toEqual([
      { ...header, event: "serviceStarting", service: "Ledger" },
      { ...header, event: "message", level: "error", text: "one\ntwo \uD83D" },
    ]);
  });

  it("adds the session that is open at the time of the event", () => {
    let sessionId: string | undefined;
    const emit = open({ sessionId: () => sessionId });
    emit({ event: "serverStarted" });
    sessionId = "first";
    emit({ event: "sessionOpened", services: ["Ledger"] });
    expect(lines()).toEqual([
      expect.not.objectContaining({ sessionId: expect.anything() }),
      expect.objectContaining({ event: "sessionOpened", sessionId: "first" }),
    ]);
  });

  it("writes the event when the open session is unknown", () => {
    open({ sessionId: refuse })({ event: "serverStopped" });
    expect(lines()).toMatchObject([{ event: "serverStopped" }]);
  });

  it("writes HRESULTs as Windows prints them", () => {
    open()({
      event: "callAnswered",
      id: 7,
      method: "preRestore",
      durationMs: 12,
      hresult: 0x807a0002,
      description: "Books are open.",
    });
    expect(lines()).toMatchObject([{ hresult: "0x807A0002", description: "Books are open." }]);
  });

  it("cuts a long text without splitting a surrogate pair", () => {
    const text = `${"a".repeat(4095)}\u{1F4D2}${"b".repeat(10_000_000)}`;
    open()({ event: "message", level: "info", text });
    expect(lines()).toMatchObject([{ text: `${"a".repeat(4095)}… (10004097 characters)` }]);
  });

  it("cuts a long list and its texts", () => {
    const services = Array.from({ length: 5000 }, () => "s".repeat(5000));
    open()({ event: "sessionOpened", services });
    const kept = `${"s".repeat(4096)}… (5000 characters)`;
    expect(lines()).toMatchObject([{ services: Array.from({ length: 100 }, () => kept) }]);
  });

  it("writes nothing into a folder of another account", () => {
    mkdirSync(addinFolder(CLSID), { recursive: true });
    const binding = createFakeBinding({ createProtectedFolder: refuse });
    openEvents(binding, addin, { role: "server" })({ event: "serverStarted" });
    expect(() => readFileSync(eventFile(CLSID))).toThrow("ENOENT");
  });

  it.each<[string, AddinEvent]>([
    ["the file cannot be written", { event: "serverStarted" }],
    [
      "the event cannot be written as JSON",
      {
        event: "message",
        level: "info",
        get text(): string {
          throw new Error("a getter");
        },
      },
    ],
  ])("never throws when %s", (_, event) => {
    const emit = open();
    mkdirSync(eventFile(CLSID), { recursive: true });
    expect(() => emit(event)).not.toThrow();
  });
});

describe("openEvents, in the Windows event log", () => {
  it("reports an administrator's events with their session, under the add-in's source", () => {
    const reportEvent = vi.fn<NativeBinding["reportEvent"]>();
    const emit = open({ sessionId: () => "s1" }, { reportEvent });
    emit({ event: "callReceived", id: 1, method: "preRestore" });
    emit({ event: "serviceStopped", service: "Ledger", durationMs: 12 });
    expect(reportEvent.mock.calls).toEqual([
      ["Contoso Ledger (wsb-addin)", "information", 10, ["Ledger", "12", "s1"]],
    ]);
  });

  it("reports also when the event file cannot be written, and why", () => {
    const reportEvent = vi.fn<NativeBinding["reportEvent"]>();
    const binding = createFakeBinding({ createProtectedFolder: refuse, reportEvent });
    openEvents(binding, addin, { role: "server" })({
      event: "sessionClosed",
      outcome: "abandoned",
      leftStopped: ["Ledger"],
    });
    expect(reportEvent.mock.calls.map(([, type, id]) => [type, id])).toEqual([
      ["error", 30],
      ["warning", 3],
    ]);
  });

  it("never throws when the event log fails, and still writes the event file", () => {
    const emit = open({}, { reportEvent: refuse });
    emit({ event: "serviceStopped", service: "Ledger", durationMs: 12 });
    expect(lines()).toHaveLength(1);
  });

  it("reports at most 20 errors of a loop, but writes them all to the event file", () => {
    const reportEvent = vi.fn<NativeBinding["reportEvent"]>();
    const emit = open({}, { reportEvent });
    for (let number = 0; number < 50; number += 1)
      emit({ event: "message", level: "error", text: `Uncaught ${number}` });
    emit({ event: "sessionClosed", outcome: "completed", leftStopped: [] });
    expect(reportEvent.mock.calls.map(([, , id]) => id)).toEqual([
      ...Array.from({ length: 20 }, () => 30),
      2,
    ]);
    expect(lines()).toHaveLength(51);
  });
});
