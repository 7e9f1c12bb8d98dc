import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { beforeEach, describe, expect, it } from "vitest";

import { kitFolder } from "../../../../src/base/program-data.ts";

import { findApplications } from "../../../../src/tools/registration/find-applications.ts";
import { eventSourceKey, writerKey } from "../../../../src/tools/registration/keys.ts";
import { planRegistration } from "../../../../src/tools/registration/plan.ts";
import { FakeRegistry } from "../../../helpers/fakes/fake-registry.ts";
import { INSTALLATION } from "../../../helpers/fakes/registration.ts";
import { WRITER_ID, manifestWith } from "../../../helpers/manifest.ts";
import { useProgramData } from "../../../helpers/program-data.ts";

const EXCHANGE = "{76FE1AC4-15F7-4BCD-987E-8E1ACB462FB7}";

let registry: FakeRegistry;

function write(key: string, name: string, type: number, data: Uint8Array): void {
  registry.createRegistryKey(key);
  registry.writeRegistryValue(key, name, type, data);
}

function writeText(key: string, name: string, text: string): void {
  write(key, name, 1, Buffer.from(`${text}\0`, "utf16le"));
}

// Exchange's add-in is of its own.
beforeEach(() => {
  registry = new FakeRegistry();
  writeText(writerKey(EXCHANGE), "Application Identifier", "Exchange");
  writeText(writerKey(EXCHANGE), "CLSID", "{D8A2E312-3B17-4293-B71E-CD72A7C04BF3}");
});

describe("the applications of the kit", () => {
  const found = [{ writerId: WRITER_ID, name: "Contoso Ledger" }];

  it("are those whose event source names the kit, as packages write it too", () => {
    for (const { key, name, value } of planRegistration(manifestWith(), INSTALLATION)) {
      write(key, name, value.type, value.data);
    }
    expect(findApplications(registry, () => [])).toEqual(found);
  });

  it("are not those of other programs, whatever event source they have", () => {
    registry.createRegistryKey(eventSourceKey("Exchange"));
    expect(findApplications(registry, () => [])).toEqual([]);
  });

  it("are those that have a name and a GUID", () => {
    registry.createRegistryKey(writerKey(WRITER_ID));
    registry.createRegistryKey(eventSourceKey("Ledger (wsb-addin)"));
    writeText(writerKey("Ledger"), "Application Identifier", "Ledger");
    expect(findApplications(registry, () => [])).toEqual([]);
  });

  it("are those with a record, also without an add-in", () => {
    writeText(writerKey(WRITER_ID), "Application Identifier", "Contoso Ledger");
    expect(findApplications(registry, () => [`${WRITER_ID}.log`])).toEqual(found);
  });

  it("are those with a record whose keys are gone", () => {
    const [gone] = findApplications(registry, () => [`${WRITER_ID}.log`]);
    expect(gone).toEqual({ writerId: WRITER_ID, name: WRITER_ID });
  });

  it("are each found once, sorted by name", () => {
    for (const { key, name, value } of planRegistration(manifestWith(), INSTALLATION)) {
      write(key, name, value.type, value.data);
    }
    const all = findApplications(registry, () => [`${WRITER_ID}.log`, `${EXCHANGE}.json`]);
    expect(all.map(({ name }) => name)).toEqual(["Contoso Ledger", "Exchange"]);
  });
});

describe("the registration records of a machine", () => {
  useProgramData();

  it("name applications, whatever else is beside them", () => {
    expect(findApplications(registry)).toEqual([]);
    const folder = join(kitFolder(), "registrations");
    mkdirSync(folder, { recursive: true });
    for (const name of [`${WRITER_ID}.log`, `${EXCHANGE}.txt`, "notes.log"]) {
      writeFileSync(join(folder, name), "");
    }
    expect(findApplications(registry)).toEqual([{ writerId: WRITER_ID, name: WRITER_ID }]);
  });

  it.each(["EPERM", "EACCES"])("are none to an account that may not list them: %s", (code) => {
    const denied = (): never => {
      throw Object.assign(new Error("no"), { code });
    };
    expect(findApplications(registry, denied)).toEqual([]);
  });

  it("cannot be read where a file stands in their folder's place, and that is an error", () => {
    mkdirSync(kitFolder());
    writeFileSync(join(kitFolder(), "registrations"), "");
    expect(() => findApplications(registry)).toThrow("ENOTDIR");
  });
});
