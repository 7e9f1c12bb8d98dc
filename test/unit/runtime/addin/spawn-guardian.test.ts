import { EventEmitter } from "node:events";

import { beforeEach, describe, expect, it, vi } from "vitest";

import { createGuardianKeeper } from "../../../../src/runtime/addin/spawn-guardian.ts";
import { CLSID } from "../../../helpers/manifest.ts";
import type { AddinEvent } from "../../../../src/runtime/events/definitions.ts";

/** The guardians in the order of their start. */
const children: EventEmitter[] = [];
const spawn = vi.fn((): EventEmitter => {
  const child = Object.assign(new EventEmitter(), { unref() {} });
  children.push(child);
  return child;
});
vi.mock("../../../../src/base/late-modules.ts", () => ({ lateChildProcess: () => ({ spawn }) }));

let openSessionId: string | undefined;
let events: AddinEvent[];
/** The server's `open` and `close` callbacks in order. */
let calls: string[];
let ensureGuardian: (sessionId: string) => Promise<void>;
let hasGuardian: boolean;

beforeEach(() => {
  children.length = 0;
  spawn.mockClear();
  openSessionId = "one";
  events = [];
  calls = [];
  hasGuardian = true;
  ensureGuardian = createGuardianKeeper({
    clsid: CLSID,
    hasGuardian: () => hasGuardian,
    emit: (event) => events.push(event),
    openSessionId: () => openSessionId,
    onOpen: () => calls.push("open"),
    onClose: () => calls.push("close"),
  });
});

/** Ends the newest guardian. */
function end(code: number): void {
  children.at(-1)?.emit("exit", code);
}

describe("the keeper of guardians", () => {
  it("starts one guardian for a session, even after several requests", () => {
    void ensureGuardian("one");
    void ensureGuardian("one");
    expect([spawn.mock.calls.length, calls]).toEqual([1, ["open"]]);
    expect(spawn).toHaveBeenCalledWith(
      process.execPath,
      expect.arrayContaining(["--guardian", CLSID]),
      expect.objectContaining({ detached: true, stdio: "ignore" }),
    );
  });

  it("holds the server until the session and its guardian have ended", () => {
    void ensureGuardian("one");
    openSessionId = undefined;
    end(0);
    expect([calls, events]).toEqual([["open", "close"], []]);
    void ensureGuardian("two");
    expect([spawn.mock.calls.length, calls]).toEqual([2, ["open", "close", "open"]]);
  });

  it("starts another guardian when one ends during an open session", () => {
    void ensureGuardian("one");
    end(1);
    expect([children.length, calls, events]).toEqual([2, ["open"], []]);
  });

  it("emits an error when guardians keep failing, and starts one for the next session", () => {
    void ensureGuardian("one");
    for (let ended = 0; ended < 5; ended += 1) end(7);
    const text = expect.stringContaining("it ended with code 7, 5 times");
    expect(events).toEqual([{ event: "message", level: "error", text }]);
    expect([children.length, calls]).toEqual([5, ["open", "close"]]);
    void ensureGuardian("two");
    expect(children).toHaveLength(6);
  });

  it("restarts the count for a session that began meanwhile", () => {
    void ensureGuardian("one");
    for (let ended = 0; ended < 4; ended += 1) end(1);
    openSessionId = "two";
    for (let ended = 0; ended < 5; ended += 1) end(1);
    expect(children).toHaveLength(10);
    expect(events).toEqual([]);
  });

  it("emits an error when a guardian cannot be started", () => {
    void ensureGuardian("one");
    children.at(-1)?.emit("error", new Error("ENOENT"));
    expect(events).toMatchObject([{ level: "error", text: expect.stringContaining("ENOENT") }]);
    expect(calls).toEqual(["open", "close"]);
  });

  it("emits an error when the system refuses at once", () => {
    spawn.mockImplementationOnce(() => {
      throw new Error("EAGAIN");
    });
    void ensureGuardian("one");
    expect(events).toMatchObject([{ level: "error", text: expect.stringContaining("EAGAIN") }]);
    expect(calls).toEqual(["open", "close"]);
  });
});
