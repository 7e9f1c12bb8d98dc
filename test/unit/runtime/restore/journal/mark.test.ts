import { beforeEach, describe, expect, it } from "vitest";

import {
  Marks,
  sessionMarks,
  type MarkedService,
} from "../../../../../src/runtime/restore/journal/mark.ts";
import { FakeRegistry } from "../../../../helpers/fakes/fake-registry.ts";
import { CLSID } from "../../../../helpers/manifest.ts";

const OTHER = "{11111111-1111-1111-1111-111111111111}";
const SESSIONS = "SOFTWARE\\wsb-addin\\Sessions";
const KEY = `${SESSIONS}\\${CLSID}`;
const REG_SZ = 1;
const REG_MULTI_SZ = 7;

let registry: FakeRegistry;
/** The changes, in order. */
let changes: string[];

beforeEach(() => {
  registry = new FakeRegistry();
  changes = [];
});

function marks(): Marks {
  return new Marks({
    readRegistryKey: (path) => registry.readRegistryKey(path),
    readRegistryValue: (path, name) => registry.readRegistryValue(path, name),
    createRegistryKey: (path) => {
      changes.push(`create ${path}`);
      return registry.createRegistryKey(path);
    },
    writeRegistryValue: (path, name, type, data) => {
      changes.push(`write ${path}`);
      registry.writeRegistryValue(path, name, type, data);
    },
    flushRegistryKey: (path) => void changes.push(`flush ${path}`),
    deleteRegistryKey: (path) => registry.deleteRegistryKey(path),
  });
}

function store(texts: readonly string[], type = REG_MULTI_SZ): void {
  registry.createRegistryKey(KEY);
  const data = Buffer.from(`${texts.join("\0")}\0\0`, "utf16le");
  registry.writeRegistryValue(KEY, "session", type, data);
}

const ledger: MarkedService = {
  name: "Ledger",
  startTypeBefore: "automatic",
  delayedStartBefore: true,
};

describe("the mark of a session", () => {
  it.each([
    [[]],
    [[ledger]],
    [[ledger, { ...ledger, name: "Büro 😀", delayedStartBefore: false }]],
    [[{ ...ledger, staysStopped: true as const }]],
    [[{ ...ledger, delayedStartBefore: false, staysStopped: true as const }]],
    [
      (["boot", "system", "automatic", "manual", "disabled"] as const).map((startTypeBefore) => ({
        name: startTypeBefore,
        startTypeBefore,
        delayedStartBefore: false,
      })),
    ],
  ])("is read as it was written: %j", (services) => {
    const mark = { sessionId: "one", services };
    marks().write(CLSID, mark);
    expect(marks().read(CLSID)).toEqual(mark);
  });

  it("is on the disk when it is written, as one value", () => {
    marks().write(CLSID, { sessionId: "one", services: [ledger] });
    expect(changes).toEqual([`create ${KEY}`, `write ${KEY}`, `flush ${KEY}`]);
  });

  it("does not stand before its value is written", () => {
    expect(marks().read(CLSID)).toBeUndefined();
    registry.createRegistryKey(KEY);
    expect(marks().read(CLSID)).toBeUndefined();
  });

  it.each([
    ["of another version", ["3", "one"]],
    ["without a version", []],
    ["without a session", ["2"]],
    ["with an empty session", ["2", "", "Ledger\\manual"]],
    ["with a service without a name", ["2", "one", "\\manual"]],
    ["with a service without a start type", ["2", "one", "Ledger"]],
    ["with a start type that nobody knows", ["2", "one", "Ledger\\often"]],
    ["with a delay that nobody knows", ["2", "one", "Ledger\\manual\\later"]],
    ["with more that nobody knows", ["2", "one", "Ledger\\manual\\stays stopped\\later"]],
    ["with an empty delay", ["2", "one", "Ledger\\manual\\"]],
    ["with more than a service has", ["2", "one", "Ledger\\manual\\delayed\\more"]],
    ["with one sound service and one that is not", ["2", "one", "Own\\manual", "Ledger"]],
  ])("is unreadable %s, and never the end of a session", (_, texts) => {
    store(texts);
    expect(marks().read(CLSID)).toBe("unreadable");
  });

  it("is unreadable as a value of another type", () => {
    store(["2", "one"], REG_SZ);
    expect(marks().read(CLSID)).toBe("unreadable");
    store(["2", "one"]);
    expect(marks().read(CLSID)).toEqual({ sessionId: "one", services: [] });
  });

  it("leaves no key behind that is empty", () => {
    marks().write(CLSID, { sessionId: "one", services: [] });
    marks().write(OTHER, { sessionId: "two", services: [] });
    marks().remove(CLSID);
    expect([registry.hasRegistryKey(KEY), registry.hasRegistryKey(SESSIONS)]).toEqual([
      false,
      true,
    ]);
    marks().remove(OTHER);
    expect([
      registry.hasRegistryKey(SESSIONS),
      registry.hasRegistryKey("SOFTWARE\\wsb-addin"),
    ]).toEqual([false, false]);
    marks().remove(OTHER);
  });

  it.each([SESSIONS, "SOFTWARE\\wsb-addin"])("keeps a key that has a value: %s", (key) => {
    marks().write(CLSID, { sessionId: "one", services: [] });
    registry.writeRegistryValue(key, "note", REG_SZ, Buffer.from("x\0", "utf16le"));
    marks().remove(CLSID);
    expect([registry.hasRegistryKey(KEY), registry.hasRegistryKey(key)]).toEqual([false, true]);
  });

  it("of other add-ins is found, whatever the case of the own class id", () => {
    expect(marks().others(CLSID)).toEqual([]);
    marks().write(CLSID, { sessionId: "one", services: [] });
    marks().write(OTHER, { sessionId: "two", services: [ledger] });
    expect(marks().others(CLSID.toLowerCase())).toEqual([
      { clsid: OTHER, mark: { sessionId: "two", services: [ledger] } },
    ]);
  });

  it("is found with those of all add-ins, and no key without one", () => {
    expect(sessionMarks(registry)).toEqual([]);
    marks().write(CLSID, { sessionId: "one", services: [] });
    store(["of another version"]);
    registry.createRegistryKey(`${SESSIONS}\\${OTHER}`);
    expect(sessionMarks(registry)).toEqual([CLSID]);
    marks().write(OTHER, { sessionId: "two", services: [] });
    expect(sessionMarks(registry).toSorted()).toEqual([CLSID, OTHER].toSorted());
  });

  it.each([
    ["read", "readRegistryValue", () => marks().read(CLSID)],
    ["write", "createRegistryKey", () => marks().write(CLSID, { sessionId: "x", services: [] })],
    ["remove", "deleteRegistryKey", () => marks().remove(CLSID)],
  ] as const)("that cannot be %s is an error with the key", (what, api, work) => {
    registry.fault = (call) => (call.api === api ? 0x80070005 : undefined);
    expect(work).toThrow(
      expect.objectContaining({
        code: "ERR_WSB_ACCESS_DENIED",
        message: expect.stringContaining(`Cannot ${what} the mark`),
      }),
    );
  });
});
