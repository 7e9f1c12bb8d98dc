import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { beforeEach, describe, expect, it } from "vitest";

import type { Distrust } from "../../../../../src/runtime/native/binding.ts";
import {
  oldJournalsOn,
  parseOldJournal,
} from "../../../../../src/runtime/restore/journal/version-1.ts";
import { OWNED_BY_MALLORY, fakeProtection } from "../../../../helpers/fakes/fake-protection.ts";
import { NativeError } from "../../../../helpers/fakes/native-error.ts";
import { settingsWith } from "../../../../helpers/fakes/session-bed.ts";
import { read010 } from "../../../../helpers/files-of-0-1-0.ts";
import { CLSID } from "../../../../helpers/manifest.ts";
import { useProgramData } from "../../../../helpers/program-data.ts";

const programData = useProgramData();
let folder: string;
let file: string;
let foreign: Map<string, Distrust>;

beforeEach(() => {
  folder = programData();
  mkdirSync(join(folder, "wsb-addin", CLSID), { recursive: true });
  file = join(folder, "wsb-addin", CLSID, "session.json");
  foreign = new Map();
});

describe("the file of a journal of release 0.1.0", () => {
  it("is read, listed by its add-in, and removed", () => {
    const old = oldJournalsOn(fakeProtection(foreign));
    expect(old.read(CLSID)).toBeUndefined();
    old.remove(CLSID);
    writeFileSync(file, "{}");
    expect([old.path(CLSID), old.read(CLSID)]).toEqual([file, "{}"]);
    mkdirSync(join(folder, "wsb-addin", "other"));
    expect(old.list()).toEqual([CLSID]);
    old.remove(CLSID);
    expect(existsSync(file)).toBe(false);
  });

  it("is nobody's where somebody else could have written it, or where there is no folder", () => {
    writeFileSync(file, "{}");
    foreign.set(file, OWNED_BY_MALLORY);
    const old = oldJournalsOn(fakeProtection(foreign));
    expect(old.read(CLSID)).toBeUndefined();
    foreign.set(join(folder, "wsb-addin"), OWNED_BY_MALLORY);
    expect(old.list()).toEqual([]);
    rmSync(join(folder, "wsb-addin"), { recursive: true });
    expect(old.list()).toEqual([]);
  });

  it.each([
    ["is damaged when it is too large", 0x800700df, ""],
    ["fails when Windows does not let it be read", 0x80070005, undefined],
  ])("%s", (_, hresult, text) => {
    const old = oldJournalsOn({
      ...fakeProtection(foreign),
      readProtectedFile() {
        throw new NativeError(hresult, "ReadFile");
      },
    });
    if (text === undefined) {
      expect(() => old.read(CLSID)).toThrow(expect.objectContaining({ code: "ERR_WSB_JOURNAL" }));
    } else {
      expect(old.read(CLSID)).toBe(text);
    }
  });
});

function damageOf(value: unknown): string | undefined {
  const settings = settingsWith();
  return parseOldJournal(JSON.stringify(value), { clsid: CLSID, settings }).session.damage;
}

describe("the text of a journal of release 0.1.0", () => {
  const open: Readonly<Record<string, unknown>> = JSON.parse(read010("journal", "open.json"));

  it("is whole as it was written, and is finished with what 0.1.0 did", () => {
    expect(damageOf(open)).toBeUndefined();
    const settings = settingsWith({ onAbandonedRestore: "startServices" });
    const { session } = parseOldJournal(JSON.stringify(open), { clsid: CLSID, settings });
    expect(session.settings).toEqual({ ...settings, onAbandonedRestore: "keepStopped" });
  });

  it.each([
    ["null", null],
    ["a number", 1],
    ["a list", []],
    ["of another version", { ...open, schemaVersion: 2 }],
    ["of another add-in", { ...open, clsid: "{11111111-1111-1111-1111-111111111111}" }],
    ["without components", { ...open, components: undefined }],
    ["with a component that is null", { ...open, components: [null] }],
    ["with a component that is a list", { ...open, components: [[]] }],
    ["with a component that is a text", { ...open, components: ["Accounts"] }],
  ])("is damaged if it is %s", (_, value) => {
    expect(damageOf(value)).toContain("0.1.0");
  });
});
