import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";

import { beforeEach, describe, expect, it } from "vitest";

import { machineDisk, type Disk } from "../../../../../src/base/disk.ts";
import { openLog } from "../../../../../src/base/durable-log/open-log.ts";
import { addinFolder } from "../../../../../src/base/program-data.ts";
import type { AddinEvent } from "../../../../../src/runtime/events/definitions.ts";
import {
  MachineJournal,
  type MachineJournalOptions,
} from "../../../../../src/runtime/restore/journal/machine-store.ts";
import { Marks } from "../../../../../src/runtime/restore/journal/mark.ts";
import type { Change } from "../../../../../src/runtime/restore/journal/step.ts";
import { oldJournalsOn } from "../../../../../src/runtime/restore/journal/version-1.ts";
import { fakeProtection } from "../../../../helpers/fakes/fake-protection.ts";
import { FakeRegistry } from "../../../../helpers/fakes/fake-registry.ts";
import { createFakeBinding } from "../../../../helpers/fakes/fake-binding.ts";
import { settingsWith } from "../../../../helpers/fakes/session-bed.ts";
import { journalService as service, opened, server } from "../../../../helpers/journal-parts.ts";
import { CLSID } from "../../../../helpers/manifest.ts";
import { useProgramData } from "../../../../helpers/program-data.ts";

const open: Change = { type: "phase", phase: "open" };

useProgramData();

let registry: FakeRegistry;
let marks: Marks;
let events: AddinEvent[];
/** Files that are open, and those that were opened or protected so far. */
let openFiles: number;
let steps: string[];
/** Called before a file is written or replaced. */
let onWrite: () => void;

beforeEach(() => {
  registry = new FakeRegistry();
  marks = new Marks(createFakeBinding({ registry }));
  events = [];
  openFiles = 0;
  steps = [];
  onWrite = () => {};
});

const disk: Disk = {
  open(file, mode) {
    steps.push(mode);
    const handle = machineDisk.open(file, mode);
    openFiles += 1;
    return {
      read: (bytes, position) => handle.read(bytes, position),
      write(bytes, position) {
        onWrite();
        return handle.write(bytes, position);
      },
      sync: () => handle.sync(),
      truncate: (sizeBytes) => handle.truncate(sizeBytes),
      sizeBytes: () => handle.sizeBytes(),
      identity: () => handle.identity(),
      close() {
        openFiles -= 1;
        handle.close();
      },
    };
  },
  replace(from, to) {
    onWrite();
    machineDisk.replace(from, to);
  },
  remove: (file) => machineDisk.remove(file),
  identity: (file) => machineDisk.identity(file),
  pause: (durationMs) => machineDisk.pause(durationMs),
};

function store(options: Partial<MachineJournalOptions> = {}): MachineJournal {
  return new MachineJournal({
    makeFolder() {
      steps.push("protect");
      mkdirSync(addinFolder(CLSID), { recursive: true });
    },
    clsid: CLSID,
    marks,
    disk,
    old: oldJournalsOn(fakeProtection()),
    emit: (event) => events.push(event),
    settings: settingsWith(),
    ...options,
  });
}

function markedNames(): readonly string[] {
  const mark = marks.read(CLSID);
  return typeof mark === "object" ? mark.services.map(({ name }) => name) : [String(mark)];
}

function fullDisk(): void {
  onWrite = () => {
    throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
  };
}

describe("a session's journal", () => {
  it("is made in a folder that was protected before", () => {
    store().begin(opened(), []);
    expect(steps.slice(0, 2)).toEqual(["protect", "create"]);
  });

  it("is marked with what is owed, in the order in which it stops", () => {
    const journal = store().begin(opened(), [
      service("Ledger", { phase: "stopping" }),
      service("Own", { phase: "listed" }),
      service("Web", { phase: "stopping" }),
    ]);
    expect(markedNames()).toEqual(["Ledger", "Web"]);
    journal.mark([service("Web"), service("Own"), service("Ledger")]);
    expect(markedNames()).toEqual(["Ledger", "Own", "Web"]);
  });

  it("marks what is owed and what is about to stop, each once", () => {
    const journal = store().begin(opened(), [
      service("Ledger"),
      service("Own", { phase: "started" }),
    ]);
    journal.mark([service("LEDGER"), service("More")]);
    expect(markedNames()).toEqual(["LEDGER", "More"]);
  });

  it("does not exist, and is not open, when its mark cannot be written", () => {
    registry.fault = ({ api }) => (api === "writeRegistryValue" ? 0x80070005 : undefined);
    const journals = store({ server });
    expect(() => journals.begin(opened(), [])).toThrow(
      expect.objectContaining({ code: "ERR_WSB_ACCESS_DENIED" }),
    );
    expect([openFiles, readdirSync(addinFolder(CLSID)), journals.sessionId]).toEqual([
      0,
      [],
      undefined,
    ]);
  });

  it("has room for the steps of each service and for its end", () => {
    const few = store();
    few.begin(opened(), [service("Ledger")]);
    expect(statSync(few.file).size).toBeLessThan(64 * 1024);
    const names = Array.from({ length: 100 }, (_, index) => service(`Service ${index}`));
    const many = store();
    many.begin({ ...opened(), sessionId: "two" }, names);
    expect(statSync(many.file).size).toBeGreaterThan(100 * 2048 + 16_384);
  });

  it("reserves room for the components that may still end", () => {
    const journals = store({ server });
    const journal = journals.begin(opened(), []);
    journal.reserve();
    const size = statSync(journals.file).size;
    journal.reserve();
    expect(statSync(journals.file).size).toBe(size);
    const components = Array.from({ length: 100 }, (_, index): Change => ({
      type: "component",
      componentName: `Component ${index}`,
      logicalPath: null,
      client: server,
      phase: "preparing",
    }));
    journal.write(components);
    journal.reserve();
    expect(statSync(journals.file).size - size).toBeGreaterThan(100 * 4096);
  });

  it("stays open in a server, which writes often, and in no other process", () => {
    const serving = store({ server }).begin(opened(), []);
    serving.write([open]);
    expect(openFiles).toBe(1);
    serving.end("completed");
    expect(openFiles).toBe(0);
    const other = store().begin({ ...opened(), sessionId: "two" }, []);
    other.write([open]);
    expect(openFiles).toBe(0);
  });

  it("takes no step for no change", () => {
    const journal = store().begin(opened(), []);
    journal.write([]);
    journal.writeIfPossible([]);
    expect(journal.session.steps).toBe(1);
  });

  it.each([
    ["another process", { ...server, pid: 2 }],
    ["a later process with the same id", { ...server, startedAt: "134" }],
  ])("says once that %s serves the add-in now", (_, next) => {
    store({ server }).begin(opened(), []);
    const journal = store({ server: next }).open();
    journal?.write([open]);
    journal?.write([open]);
    expect(journal?.session.server).toEqual(next);
    const text = readFileSync(store().file, "utf8");
    expect(text.split('"type":"server"')).toHaveLength(2);
    expect(store().peek()?.server).toEqual(next);
  });

  it("names the same server while it serves, and no process that serves nothing", () => {
    const journal = store({ server }).begin(opened(), []);
    journal.write([open]);
    store().open()?.write([open]);
    expect(readFileSync(store().file, "utf8")).not.toContain('"type":"server"');
  });

  it("goes on in memory, with an event, when the disk is full and a start is due", () => {
    const journal = store().begin(opened(), [service("Ledger")]);
    fullDisk();
    expect(() => journal.write([open])).toThrow(
      expect.objectContaining({ code: "ERR_WSB_JOURNAL" }),
    );
    expect([journal.session.phase, events]).toEqual(["opened", []]);
    journal.writeIfPossible([{ type: "phase", phase: "starting" }]);
    expect(journal.session.phase).toBe("starting");
    expect(events).toMatchObject([{ event: "message", level: "error" }]);
    journal.end("completed");
    expect([openFiles, markedNames()]).toEqual([0, ["undefined"]]);
  });

  it("goes on when its mark cannot be written and a start is due", () => {
    const journal = store().begin(opened(), []);
    registry.fault = ({ api }) => (api === "writeRegistryValue" ? 0x80070005 : undefined);
    expect(() => journal.mark([])).toThrow();
    expect(events).toEqual([]);
    journal.markIfPossible([]);
    expect(events).toMatchObject([{ event: "message", level: "error" }]);
  });
});

describe("a process that opens journals", () => {
  it("knows the session that it opened last", () => {
    const journals = store();
    expect([journals.sessionId, journals.open()]).toEqual([undefined, undefined]);
    const journal = store().begin(opened(), []);
    expect(journals.open()?.session.sessionId).toBe("one");
    expect(journals.sessionId).toBe("one");
    journal.end("completed");
    expect([journals.open(), journals.sessionId]).toEqual([undefined, undefined]);
  });

  it("reads on where it was, and closes what is no longer the session", () => {
    const journals = store({ server });
    const first = journals.begin(opened(), []);
    first.write([open]);
    expect(journals.open()).toBe(first);
    marks.write(CLSID, { sessionId: "two", services: [] });
    expect(journals.open()).not.toBe(first);
    expect(journals.open()?.session.damage).toContain("another session");
    expect(openFiles).toBe(0);
  });

  it("finds a record of another version that somebody has written since", () => {
    const journals = store({ server });
    journals.begin(opened(), []);
    openLog(journals.file, disk)?.log.append({ at: "now" });
    expect(journals.open()?.session.damage).toBe("the journal is damaged");
  });

  it("finds the end that somebody has written since, though the mark is left", () => {
    const journals = store({ server });
    journals.begin(opened(), []);
    registry.fault = ({ api }) => (api === "deleteRegistryKey" ? 0x80070005 : undefined);
    store().open()?.end("recovered");
    registry.fault = () => undefined;
    expect(markedNames()).toEqual([]);
    expect([journals.open(), markedNames()]).toEqual([undefined, ["undefined"]]);
  });

  it("looks again at a journal that was damaged", () => {
    const journals = store();
    journals.begin(opened(), []);
    const whole = readFileSync(journals.file);
    writeFileSync(journals.file, "no log");
    expect(journals.open()?.session.damage).toBe("the journal is damaged");
    writeFileSync(journals.file, whole);
    expect(journals.open()?.session.damage).toBeUndefined();
  });

  it("fails, and never finds no session, when the journal cannot be read", () => {
    const journals = store({
      disk: {
        ...disk,
        open() {
          throw Object.assign(new Error("EIO: i/o error"), { code: "EIO" });
        },
      },
    });
    store().begin(opened(), []);
    const failure = expect.objectContaining({ code: "ERR_WSB_JOURNAL" });
    expect(() => journals.open()).toThrow(failure);
    expect(() => journals.peek()).toThrow(failure);
  });

  it("reports a record that was not written to its end, and obeys the others", () => {
    const journals = store();
    journals.begin(opened(), [service("Ledger")]).write([open]);
    const bytes = readFileSync(journals.file);
    const logId = /log 1 ([\da-f]{8})/u.exec(bytes.toString("latin1", 0, 30))?.[1] ?? "";
    // After the checksum of the last record, and its end.
    bytes.write(`3 ${logId} {"at":"20`, bytes.lastIndexOf("}") + 11, "latin1");
    writeFileSync(journals.file, bytes);
    expect(events).toEqual([]);
    expect(store().open()?.session).toMatchObject({ phase: "open", damage: undefined });
    expect(events).toMatchObject([{ event: "message", level: "warn" }]);
    expect(store().peek()?.phase).toBe("open");
  });

  it("says nothing of a journal that is whole", () => {
    store().begin(opened(), []).write([open]);
    store().open();
    expect(events).toEqual([]);
  });

  it("removes the mark and the trace of a session that had not begun", () => {
    const journal = store().begin(opened(), []);
    marks.remove(CLSID);
    expect([store().open(), journal.session.phase]).toEqual([undefined, "opened"]);
    expect(events).toEqual([]);
  });

  it("sets aside what is damaged, under another name, once somebody has decided", () => {
    const journals = store();
    journals.begin(opened(), [service("Ledger")]);
    writeFileSync(journals.file, "no log");
    const journal = journals.open();
    expect(journal?.session.damage).toBe("the journal is damaged");
    // Nothing can be written to it.
    journal?.write([open]);
    journal?.reserve();
    journal?.end("recovered");
    expect(readdirSync(addinFolder(CLSID))).toEqual([
      expect.stringMatching(/^session\.log\.damaged-[\dTZ-]+$/u),
    ]);
    expect(events).toEqual([]);
    expect(journals.open()).toBeUndefined();
  });

  it("reports what cannot be set aside", () => {
    const journals = store();
    journals.begin(opened(), []);
    writeFileSync(journals.file, "no log");
    const journal = journals.open();
    fullDisk();
    journal?.end("recovered");
    expect(events).toMatchObject([
      { event: "message", level: "error", text: expect.stringContaining("set aside") },
      { event: "message", level: "error", text: expect.stringContaining("set aside") },
    ]);
  });
});
