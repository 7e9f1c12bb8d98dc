import { describe, expect, it } from "vitest";

import { holdersOn } from "../../../../src/runtime/restore/holders.ts";
import { Marks } from "../../../../src/runtime/restore/journal/mark.ts";
import type { OldJournals } from "../../../../src/runtime/restore/journal/version-1.ts";
import { createFakeBinding } from "../../../helpers/fakes/fake-binding.ts";
import { FakeRegistry } from "../../../helpers/fakes/fake-registry.ts";
import { settingsWith } from "../../../helpers/fakes/session-bed.ts";
import { read010 } from "../../../helpers/files-of-0-1-0.ts";
import { CLSID } from "../../../helpers/manifest.ts";

const OTHER = "{11111111-1111-1111-1111-111111111111}";
const THIRD = "{22222222-2222-2222-2222-222222222222}";
const service = { name: "Ledger", startTypeBefore: "manual", delayedStartBefore: false } as const;

/** The journals of release 0.1.0, by class id. */
function oldJournals(texts: Readonly<Record<string, string | Error>>): OldJournals {
  return {
    path: (clsid) => clsid,
    read(clsid) {
      const text = texts[clsid];
      if (text instanceof Error) throw text;
      return text;
    },
    remove() {},
    list: () => Object.keys(texts),
  };
}

function holders(clsid: string, registry: FakeRegistry, old: OldJournals) {
  const marks = new Marks(createFakeBinding({ registry }));
  return holdersOn({ clsid, marks, old, settings: settingsWith() })();
}

describe("the add-ins that need services stopped", () => {
  it("are the others that have a mark, with what it says", () => {
    const registry = new FakeRegistry();
    const marks = new Marks(createFakeBinding({ registry }));
    for (const clsid of [CLSID, OTHER])
      marks.write(clsid, { sessionId: "one", services: [service] });
    registry.createRegistryKey(`SOFTWARE\\wsb-addin\\Sessions\\${THIRD}`);
    expect(holders(CLSID, registry, oldJournals({}))).toEqual([
      { clsid: OTHER, services: [service] },
    ]);
  });

  it("may need every service when their mark cannot be read", () => {
    const registry = new FakeRegistry();
    const key = `SOFTWARE\\wsb-addin\\Sessions\\${OTHER}`;
    registry.createRegistryKey(key);
    registry.writeRegistryValue(key, "session", 7, Buffer.from("9\0\0", "utf16le"));
    expect(holders(CLSID, registry, oldJournals({}))).toEqual([
      { clsid: OTHER, services: undefined },
    ]);
  });

  it("are also those that release 0.1.0 left open, unless they have a mark by now", () => {
    const registry = new FakeRegistry();
    const open = read010("journal", "open.json");
    const old = oldJournals({ [CLSID.toLowerCase()]: open, [OTHER]: "", [THIRD]: new Error("x") });
    expect(holders(CLSID, registry, old)).toEqual([
      { clsid: OTHER, services: undefined },
      { clsid: THIRD, services: undefined },
    ]);
    new Marks(createFakeBinding({ registry })).write(OTHER, { sessionId: "one", services: [] });
    expect(holders(CLSID, registry, old)).toEqual([
      { clsid: OTHER, services: [] },
      { clsid: THIRD, services: undefined },
    ]);
  });

  it("need what release 0.1.0 still owed, and nothing without a journal", () => {
    const old: OldJournals = {
      ...oldJournals({ [CLSID]: read010("journal", "starting.json") }),
      list: () => [CLSID, THIRD],
    };
    const [holder, ...more] = holders(OTHER, new FakeRegistry(), old);
    expect([holder?.clsid, holder?.services?.map(({ name }) => name)]).toEqual([CLSID, ["Ledger"]]);
    expect(more).toEqual([]);
  });
});
