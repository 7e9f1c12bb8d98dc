import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

import { beforeEach, describe, expect, it, vi } from "vitest";

import { machineDisk, type Disk } from "../../../../../src/base/disk.ts";
import type { AddinEvent } from "../../../../../src/runtime/events/definitions.ts";
import { MachineJournal } from "../../../../../src/runtime/restore/journal/machine-store.ts";
import { Marks } from "../../../../../src/runtime/restore/journal/mark.ts";
import { owedNames, owedServices } from "../../../../../src/runtime/restore/journal/session.ts";
import type { Change } from "../../../../../src/runtime/restore/journal/step.ts";
import type { OpenJournal } from "../../../../../src/runtime/restore/journal/store.ts";
import { oldJournalsOn } from "../../../../../src/runtime/restore/journal/version-1.ts";
import { addinFolder, kitFolder } from "../../../../../src/base/program-data.ts";
import type { Distrust } from "../../../../../src/runtime/native/binding.ts";
import { protectedDisk } from "../../../../../src/runtime/native/protected-disk.ts";
import {
  makeProtectedFolder,
  type ProtectionApi,
} from "../../../../../src/runtime/native/protected-folder.ts";
import {
  MALLORY,
  OWNED_BY_MALLORY,
  fakeProtection,
} from "../../../../helpers/fakes/fake-protection.ts";
import { FakeRegistry } from "../../../../helpers/fakes/fake-registry.ts";
import { settingsWith } from "../../../../helpers/fakes/session-bed.ts";
import { read010 } from "../../../../helpers/files-of-0-1-0.ts";
import { journalService, opened, server } from "../../../../helpers/journal-parts.ts";
import { CLSID } from "../../../../helpers/manifest.ts";
import { useProgramData } from "../../../../helpers/program-data.ts";

const MARK = `SOFTWARE\\wsb-addin\\Sessions\\${CLSID}`;

useProgramData();

let registry: FakeRegistry;
let foreign: Map<string, Distrust>;
let protection: ProtectionApi;
let events: AddinEvent[];
let flush: () => void;

beforeEach(() => {
  registry = new FakeRegistry();
  foreign = new Map();
  protection = fakeProtection(foreign);
  events = [];
  flush = () => {};
});

function store(disk: Partial<Disk> = {}): MachineJournal {
  return new MachineJournal({
    makeFolder: () =>
      makeProtectedFolder(protection, addinFolder(CLSID), (text) =>
        events.push({ event: "message", level: "error", text }),
      ),
    clsid: CLSID,
    marks: new Marks({
      readRegistryKey: (path) => registry.readRegistryKey(path),
      readRegistryValue: (path, name) => registry.readRegistryValue(path, name),
      createRegistryKey: (path) => registry.createRegistryKey(path),
      writeRegistryValue: (path, name, type, data) =>
        registry.writeRegistryValue(path, name, type, data),
      flushRegistryKey: () => flush(),
      deleteRegistryKey: (path) => registry.deleteRegistryKey(path),
    }),
    disk: { ...protectedDisk(protection, machineDisk), ...disk },
    old: oldJournalsOn(protection),
    emit: (event) => events.push(event),
    settings: settingsWith(),
    server,
  });
}

const service = journalService("Ledger", { phase: "listed" });

const stopped: readonly Change[] = [
  { type: "services", services: [{ ...service, phase: "stopping" }] },
  { type: "phase", phase: "open" },
];

const prepared: Change = {
  type: "component",
  componentName: "Accounts",
  logicalPath: "Ledger",
  client: server,
  phase: "prepared",
  outcome: "ok",
};

function openSession(): OpenJournal {
  const journal = store().begin(opened(), [service]);
  journal.write([...stopped, prepared]);
  journal.mark(owedServices(journal.session));
  return journal;
}

it("owes again what another add-in has passed to its session, also to a process that has it open", () => {
  const own = store();
  const journal = own.begin(opened(), [service]);
  journal.write(stopped);
  journal.mark(owedServices(journal.session));
  journal.write([{ type: "services", services: [{ ...service, phase: "started" }] }]);
  // The mark still names it: as long as it does, others pass it here.
  const again = own.open();
  expect(again === undefined ? [] : owedNames(again.session)).toEqual(["Ledger"]);
});

it("sets an older copy of its journal aside, so that a process without its memory sees it too", () => {
  const own = store();
  const journal = own.begin(opened(), [service]);
  journal.write(stopped);
  const older = readFileSync(own.file);
  journal.write([prepared]);
  writeFileSync(own.file, older);
  expect(own.open()?.session.damage).toContain("older");
  expect(store().open()?.session.damage).toBe("the journal is missing");
  const names = readdirSync(dirname(own.file));
  expect(names.filter((name) => name.includes(".damaged-"))).toHaveLength(1);
});

it("says that an older copy of its journal cannot be set aside, and does not obey it either", () => {
  const own = store({
    replace: () => {
      throw new Error("EBUSY: resource busy or locked");
    },
  });
  const journal = store().begin(opened(), [service]);
  expect(own.open()?.session.steps).toBe(journal.session.steps);
  journal.write(stopped);
  own.open();
  const older = readFileSync(own.file);
  journal.write([prepared]);
  own.open();
  writeFileSync(own.file, older);
  expect(own.open()?.session.damage).toContain("older");
  expect(events).toContainEqual(expect.objectContaining({ event: "message", level: "error" }));
});

it("opens a journal anew that could not be read for a moment, and takes it for no older one", () => {
  const own = store();
  const journal = own.begin(opened(), [service]);
  journal.write(stopped);
  vi.spyOn(machineDisk, "open").mockImplementationOnce(() => {
    throw Object.assign(new Error("EBUSY: resource busy"), { code: "EBUSY" });
  });
  expect(own.open()?.session).toMatchObject({ damage: undefined, phase: "open" });
  vi.restoreAllMocks();
});

describe("a journal on the disk", () => {
  it("tells another process all that was written, and nothing after its end", () => {
    const journal = openSession();
    const other = store().open();
    expect(other?.session).toMatchObject({ sessionId: "one", phase: "open", damage: undefined });
    expect(other?.session.components.all).toEqual([expect.objectContaining({ phase: "prepared" })]);
    journal.end("completed");
    expect([store().open(), store().peek()]).toEqual([undefined, undefined]);
    expect([registry.hasRegistryKey(MARK), registry.hasRegistryKey("SOFTWARE\\wsb-addin")]).toEqual(
      [false, false],
    );
  });

  it("tells a process that has it open what another one has written", () => {
    const journal = openSession();
    const other = store();
    other.open();
    journal.write([{ type: "phase", phase: "starting" }]);
    expect(other.open()?.session.phase).toBe("starting");
    journal.end("completed");
    expect(other.open()).toBeUndefined();
  });

  it("marks the services that are owed, and no other", () => {
    store().begin(opened(), [service, { ...service, name: "Held", phase: "stopping" }]);
    expect(new Marks(marksApi()).read(CLSID)).toEqual({
      sessionId: "one",
      services: [{ name: "Held", startTypeBefore: "automatic", delayedStartBefore: false }],
    });
  });

  it("leaves no journal behind when its mark cannot be written", () => {
    registry.fault = ({ api }) => (api === "writeRegistryValue" ? 0x80070005 : undefined);
    expect(() => store().begin(opened(), [service])).toThrow(
      expect.objectContaining({ code: "ERR_WSB_ACCESS_DENIED" }),
    );
    registry.fault = () => undefined;
    expect(store().open()).toBeUndefined();
  });

  it("leaves no mark behind that may not be on the disk", () => {
    flush = () => {
      throw new Error("the registry cannot be flushed");
    };
    expect(() => store().begin(opened(), [service])).toThrow("cannot be flushed");
    expect([store().open(), registry.hasRegistryKey(MARK)]).toEqual([undefined, false]);
  });

  it("ends a session whose mark could not be removed when it is opened next", () => {
    const journal = openSession();
    registry.fault = ({ api }) => (api === "deleteRegistryKey" ? 0x80070005 : undefined);
    journal.end("completed");
    expect(events).toContainEqual(expect.objectContaining({ event: "message", level: "error" }));
    registry.fault = () => undefined;
    expect(registry.hasRegistryKey(MARK)).toBe(true);
    expect([store().open(), registry.hasRegistryKey(MARK)]).toEqual([undefined, false]);
  });
});

function marksApi() {
  return {
    readRegistryKey: (path: string) => registry.readRegistryKey(path),
    readRegistryValue: (path: string, name: string) => registry.readRegistryValue(path, name),
    createRegistryKey: () => false,
    writeRegistryValue: () => {},
    flushRegistryKey: () => {},
    deleteRegistryKey: () => false,
  };
}

describe("C: a journal that is damaged while its mark stands", () => {
  const damages: readonly (readonly [string, (file: string) => void])[] = [
    ["truncated", (file) => writeFileSync(file, readFileSync(file).subarray(0, 700))],
    ["cut at the end of its last record", cutAtLastRecord],
    ["zeroed", (file) => writeFileSync(file, Buffer.alloc(readFileSync(file).length))],
    ["replaced", (file) => writeFileSync(file, '{"schemaVersion":1}')],
    ["deleted", (file) => rmSync(file)],
    ["changed in one bit of its last record", flipInLastRecord],
  ];

  it.each(damages)("is not the end of a session: %s", (_, damage) => {
    openSession();
    damage(store().file);
    for (const session of [store().peek(), store().open()?.session]) {
      expect(session?.damage).toEqual(expect.any(String));
      expect(session === undefined ? [] : owedNames(session)).toEqual(["Ledger"]);
    }
  });

  it.each(damages)("is set aside when somebody has decided: %s", (_, damage) => {
    openSession();
    damage(store().file);
    store().open()?.end("recovered");
    expect([store().open(), registry.hasRegistryKey(MARK)]).toEqual([undefined, false]);
  });

  it("is none when another program has replaced the file by a copy of itself", () => {
    openSession();
    const other = store();
    const file = other.file;
    other.open();
    copyFileSync(file, `${file}.copy`);
    renameSync(`${file}.copy`, file);
    expect(other.open()?.session).toMatchObject({ sessionId: "one", damage: undefined });
  });

  it("is found by a process that knows of later steps: an older copy of itself", () => {
    const journals = store();
    const journal = journals.begin(opened(), [service]);
    journal.write(stopped);
    const copy = readFileSync(journals.file);
    journal.write([prepared]);
    rmSync(journals.file);
    writeFileSync(journals.file, copy);
    for (const session of [journals.open()?.session, journals.open()?.session]) {
      expect(session?.damage).toBe("the journal is older than its session");
      expect(session?.components.abandoned).toMatchObject([{ componentName: "Accounts" }]);
    }
  });

  it("names what the journal still says when the mark is damaged too", () => {
    openSession();
    registry.writeRegistryValue(MARK, "session", 7, Buffer.from("3\0x\0\0", "utf16le"));
    const session = store().open()?.session;
    expect(session?.damage).toContain("mark");
    expect(session === undefined ? [] : owedNames(session)).toEqual(["Ledger"]);
  });
});

/** The end of the last record: what follows is room. */
function lastRecordEnd(bytes: Buffer): number {
  return bytes.lastIndexOf("}") + 1;
}

function cutAtLastRecord(file: string): void {
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.subarray(0, lastRecordEnd(bytes) + 1));
}

function flipInLastRecord(file: string): void {
  const bytes = readFileSync(file);
  const at = lastRecordEnd(bytes) - 10;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}

describe("a journal without a mark", () => {
  it("came back from a backup: it is reported, set aside and not obeyed", () => {
    const journal = openSession();
    const copy = readFileSync(store().file);
    journal.end("completed");
    writeFileSync(store().file, copy);
    expect(store().open()).toBeUndefined();
    expect(events).toContainEqual(
      expect.objectContaining({ event: "journalNotObeyed", sessionId: "one" }),
    );
    const files = readdirSync(addinFolder(CLSID));
    expect(files).toEqual([expect.stringMatching(/^session\.log\.unmarked-/u)]);
  });

  it("of a later session is damage of the session that the mark names", () => {
    const first = openSession();
    const copy = readFileSync(store().file);
    first.end("completed");
    store().begin({ ...opened(), sessionId: "two" }, [service]);
    writeFileSync(store().file, copy);
    expect(store().open()?.session).toMatchObject({
      sessionId: "two",
      damage: "the journal belongs to another session",
    });
  });
});

describe("a journal of release 0.1.0", () => {
  it("is taken over, and then ends like any other", () => {
    const old = join(addinFolder(CLSID), "session.json");
    mkdirSync(addinFolder(CLSID), { recursive: true });
    writeFileSync(old, read010("journal", "open.json"));
    expect(store().peek()).toMatchObject({ phase: "open" });
    const journal = store().open();
    expect(journal === undefined ? [] : owedNames(journal.session)).toEqual([
      "LedgerStore",
      "Ledger",
    ]);
    expect([readdirSync(addinFolder(CLSID)), registry.hasRegistryKey(MARK)]).toEqual([
      ["session.log"],
      true,
    ]);
    expect(store().open()?.session.components.all).toHaveLength(6);
    journal?.end("recovered");
    expect(store().open()).toBeUndefined();
  });

  it("is damage when it cannot be read", () => {
    mkdirSync(addinFolder(CLSID), { recursive: true });
    writeFileSync(join(addinFolder(CLSID), "session.json"), "{");
    const journal = store().open();
    expect(journal?.session.damage).toContain("0.1.0");
    journal?.end("recovered");
    expect([store().open(), store().peek()]).toEqual([undefined, undefined]);
  });
});

const foreignPlaces: readonly (readonly [place: string, path: () => string])[] = [
  ["the kit's folder", kitFolder],
  ["the add-in's folder", () => addinFolder(CLSID)],
  ["the file", () => store().file],
];

describe("a journal that somebody else could have written", () => {
  it.each(foreignPlaces)("is not obeyed, and is reported with the owner of %s", (_, path) => {
    openSession();
    registry.deleteRegistryKey(MARK);
    foreign.set(path(), OWNED_BY_MALLORY);
    expect([store().peek(), events]).toEqual([undefined, []]);
    expect(store().open()).toBeUndefined();
    expect(events).toEqual([
      expect.objectContaining({ level: "error", text: expect.stringContaining(MALLORY) }),
    ]);
  });

  it.each(foreignPlaces)("is damage while a mark names a session: %s", (_, path) => {
    openSession();
    foreign.set(path(), OWNED_BY_MALLORY);
    expect(store().peek()?.damage).toBeDefined();
    const session = store().open()?.session;
    expect(session?.damage).toBeDefined();
    expect(session === undefined ? [] : owedNames(session)).toEqual(["Ledger"]);
  });

  it.each(foreignPlaces.slice(0, 2))("gives way to the next session: %s", (_, path) => {
    openSession();
    registry.deleteRegistryKey(MARK);
    foreign.set(path(), OWNED_BY_MALLORY);
    store().begin({ ...opened(), sessionId: "two" }, [service]);
    expect(store().open()?.session).toMatchObject({ sessionId: "two", damage: undefined });
    expect(foreign.has(path())).toBe(false);
  });

  it("of release 0.1.0 is none, and makes no other add-in a holder", () => {
    const old = join(addinFolder(CLSID), "session.json");
    mkdirSync(addinFolder(CLSID), { recursive: true });
    writeFileSync(old, read010("journal", "open.json"));
    for (const path of [kitFolder(), addinFolder(CLSID), old]) {
      foreign.set(path, OWNED_BY_MALLORY);
      expect([store().open(), store().peek()]).toEqual([undefined, undefined]);
      foreign.delete(path);
    }
    expect(oldJournalsOn(protection).list()).toEqual([CLSID]);
    foreign.set(kitFolder(), OWNED_BY_MALLORY);
    expect(oldJournalsOn(protection).list()).toEqual([]);
  });
});
