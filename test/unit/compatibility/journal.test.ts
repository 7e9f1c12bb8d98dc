import { describe, expect, it } from "vitest";

import { parseJournal, type Journal } from "../../../src/runtime/restore/journal.ts";
import { owedServices } from "../../../src/runtime/restore/transitions.ts";
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

function read(name: string): Journal {
  const journal = parseJournal(read010("journal", `${name}.json`));
  if (journal === undefined) throw new Error(`${name}.json is not a journal`);
  return journal;
}

function componentNames(name: string) {
  return read(name).components.map(({ componentName, logicalPath }) => [
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
        components: journal.components.map(({ phase, outcome }) =>
          outcome === undefined ? phase : `${phase} ${outcome}`,
        ),
        owed: owedServices(journal),
      }).toEqual(expected);
      expect(journal.clsid).toBe(CLSID);
      expect(journal.sessionId).toMatch(/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/u);
      expect(Date.parse(journal.openedAt)).toBeLessThanOrEqual(Date.parse(journal.updatedAt));
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
    const [first, second, third] = components.map(({ client }) => client);
    expect([server, first, third]).toEqual([node, node, node]);
    expect(second).toEqual(first);
    expect(third?.pid).not.toBe(first?.pid);
    const unknown = read("unknown-client");
    expect(unknown.server).toEqual(node);
    expect(unknown.components.map(({ client }) => client)).toEqual([null, null, null, null]);
  });
});
