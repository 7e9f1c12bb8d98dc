import { describe, expect, it } from "vitest";

import { owedNames, type Session } from "../../../src/runtime/restore/journal/session.ts";
import { parseOldJournal } from "../../../src/runtime/restore/journal/version-1.ts";
import { settingsWith } from "../../helpers/fakes/session-bed.ts";
import { names010, read010 } from "../../helpers/files-of-0-1-0.ts";
import { CLSID } from "../../helpers/manifest.ts";

const journals: Readonly<
  Record<
    string,
    {
      readonly phase: string;
      readonly services: readonly string[];
      readonly components: readonly string[];
      /** The services to start, in this order. */
      readonly owed: readonly string[];
    }
  >
> = {
  stopping: {
    phase: "stopping",
    services: ["Ledger stopping", "LedgerStore listed"],
    components: ["preparing"],
    owed: ["Ledger"],
  },
  prepared: {
    phase: "open",
    services: ["Ledger stopping", "LedgerStore stopping"],
    components: ["prepared ok"],
    owed: ["LedgerStore", "Ledger"],
  },
  preparing: {
    phase: "open",
    services: ["Ledger stopping", "LedgerStore stopping"],
    components: ["prepared ok", "preparing"],
    owed: ["LedgerStore", "Ledger"],
  },
  open: {
    phase: "open",
    services: ["Ledger stopping", "LedgerStore stopping"],
    components: [
      "prepared ok",
      "finished ok",
      "finished Cannot read properties of undefined (reading 'close')",
      "finished Cannot lock the ledger:\nit is open in another program (“Büro”). 📒",
      "prepared ok",
      "prepared ok",
    ],
    owed: ["LedgerStore", "Ledger"],
  },
  starting: {
    phase: "starting",
    services: ["Ledger stopping", "LedgerStore started"],
    components: [
      "finished ok",
      "finished ok",
      "finished Cannot read properties of undefined (reading 'close')",
      "finished Cannot lock the ledger:\nit is open in another program (“Büro”). 📒",
      "finished ok",
      "finished ok",
    ],
    owed: ["Ledger"],
  },
  "not-started": {
    phase: "starting",
    services: ["Ledger stopping", "LedgerStore started"],
    components: ["finished ok"],
    owed: ["Ledger"],
  },
  "left-stopped": {
    phase: "starting",
    services: ["Ledger stopping", "LedgerStore started"],
    components: ["abandoned ok", "finished ok"],
    owed: ["Ledger"],
  },
  abandoned: {
    phase: "open",
    services: ["Ledger stopping", "LedgerStore stopping"],
    // The one in the middle was given up before its PreRestore had succeeded.
    components: ["prepared ok", "finished", "prepared ok"],
    owed: ["LedgerStore", "Ledger"],
  },
  left: {
    phase: "stopping",
    services: ["Ledger stopping", "LedgerStore stopping", "LedgerStubborn stopping"],
    components: [
      "left Cannot stop service LedgerStubborn: Invalid service control (ControlService, 0x8007041C). Check that the service accepts a stop and that no other service needs it.",
    ],
    owed: ["LedgerStubborn", "LedgerStore", "Ledger"],
  },
  pending: {
    phase: "open",
    services: ["LedgerWeb listed", "LedgerMail stopping"],
    components: ["prepared ok"],
    owed: ["LedgerMail"],
  },
  "unknown-client": {
    phase: "open",
    services: ["Ledger stopping", "LedgerStore stopping"],
    components: ["prepared ok", "prepared ok", "prepared ok", "preparing"],
    owed: ["LedgerStore", "Ledger"],
  },
};

function read(name: string): Session {
  const text = read010("journal", `${name}.json`);
  return parseOldJournal(text, { clsid: CLSID, settings: settingsWith() }).session;
}

function componentNames(name: string) {
  return read(name).components.all.map(({ componentName, logicalPath }) => [
    componentName,
    logicalPath,
  ]);
}

function servicesBefore(name: string) {
  return read(name).services.map(({ stateBefore, startTypeBefore, isDependent }) => [
    stateBefore,
    startTypeBefore,
    isDependent,
  ]);
}

describe("a journal that 0.1.0 left open", () => {
  it("has a row in the table above", () => {
    expect(names010("journal", ".json")).toEqual(Object.keys(journals).toSorted());
  });

  it.each(Object.entries(journals))(
    "contains the progress of its session: %s",
    (name, expected) => {
      const journal = read(name);
      expect({
        phase: journal.phase,
        services: journal.services.map((service) => `${service.name} ${service.phase}`),
        components: journal.components.all.map(({ phase, outcome }) =>
          outcome === undefined ? phase : `${phase} ${outcome}`,
        ),
        owed: owedNames(journal),
      }).toEqual(expected);
      expect(journal.clsid).toBe(CLSID);
      expect(journal.sessionId).toMatch(/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/u);
      expect(journal.damage).toBeUndefined();
    },
  );

  it("preserves the names of components, including lone surrogates and missing names", () => {
    expect(componentNames("open")).toEqual([
      ["Books", "Contoso Ledger"],
      ["Long", null],
      ["Typo", "Contoso Ledger"],
      ["Locked", "Contoso Ledger"],
      ["\ud83d lone \udc00 📒 Büro", "Ledger\\\ud800"],
      [null, null],
    ]);
    expect(componentNames("unknown-client")).toEqual([
      [null, null],
      ["", ""],
      ["Archive", "Contoso Ledger\\Books"],
      ["Books", null],
    ]);
  });

  it("contains the previous state of its services", () => {
    expect(servicesBefore("prepared")).toEqual([
      ["RUNNING", "manual", true],
      ["RUNNING", "automatic", false],
    ]);
    expect(servicesBefore("pending")).toEqual([
      ["STOP_PENDING", "manual", false],
      ["START_PENDING", "manual", false],
    ]);
  });

  it("names its server and its clients", () => {
    const node = {
      pid: expect.any(Number),
      startedAt: expect.stringMatching(/^\d{18}$/u),
      image: "C:\\Program Files\\nodejs\\node.exe",
    };
    const { server, components } = read("abandoned");
    const [first, second, third] = components.all.map(({ client }) => client);
    expect([server, first, third]).toEqual([node, node, node]);
    expect(second).toEqual(first);
    expect(third?.pid).not.toBe(first?.pid);
    const unknown = read("unknown-client");
    expect(unknown.server).toEqual(node);
    expect(unknown.components.all.map(({ client }) => client)).toEqual([null, null, null, null]);
  });

  it.each([
    ["half of it", (text: string) => text.slice(0, text.length / 2)],
    ["nothing", () => ""],
    ["zeros", (text: string) => "\0".repeat(text.length)],
    ["another add-in's", (text: string) => text.replaceAll(CLSID, CLSID.replace("7", "8"))],
  ])("is damaged, and not a session that has ended, when it is %s", (_, change) => {
    const text = change(read010("journal", "open.json"));
    const { session, steps } = parseOldJournal(text, { clsid: CLSID, settings: settingsWith() });
    expect([steps, session.damage]).toEqual([[], expect.any(String)]);
    expect(owedNames(session)).toEqual(["Ledger"]);
  });
});
