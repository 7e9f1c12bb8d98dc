import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { loadManifest } from "../../../src/runtime/manifest/load.ts";
import { localServerKey, writerKey } from "../../../src/tools/registration/keys.ts";
import {
  parseRegistrationRecord,
  type Owned,
} from "../../../src/tools/registration/registration-record.ts";
import {
  inspectRegistration,
  recoverRegistration,
  removeRegistration,
} from "../../../src/tools/registration/register.ts";
import { decodeString } from "../../../src/tools/registration/registry-value.ts";
import { FakeRegistry } from "../../helpers/fakes/fake-registry.ts";
import { names010, pathOf010, read010 } from "../../helpers/files-of-0-1-0.ts";
import { APP_ID, CLSID, WRITER_ID } from "../../helpers/manifest.ts";
import { parseReg } from "../../helpers/parse-reg.ts";
import { fakeMachine, type FakeMachine } from "../../helpers/fakes/registration.ts";

const WRITER = writerKey(WRITER_ID);
const BACKUP = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\WindowsServerBackup";
const SUPPORT = `${BACKUP}\\Application Support`;

/** A machine with the registry and the record of 0.1.0. */
function machineOf(name: string): FakeMachine {
  const machine = fakeMachine();
  const { keys, values } = parseReg(readFileSync(pathOf010("registration", `${name}.reg`)));
  for (const key of keys) machine.api.createRegistryKey(key);
  for (const { key, name: value, type, hex } of values) {
    machine.api.writeRegistryValue(key, value, type, Buffer.from(hex, "hex"));
  }
  machine.records.texts.set(WRITER_ID, read010("registration", `${name}.json`));
  return machine;
}

/** Returns the values that a machine without any registration does not have. */
function additions({ api }: FakeMachine): readonly string[] {
  const initial = new FakeRegistry().snapshot();
  return api.snapshot().filter((line) => !initial.includes(line));
}

function recordOf(name: string) {
  const record = parseRegistrationRecord(
    JSON.parse(read010("registration", `${name}.json`)),
    WRITER_ID,
  );
  if (record === undefined) throw new Error(`${name}.json is not a record`);
  return record;
}

function ownedOf(name: string): Owned {
  const record = recordOf(name);
  if (record.state === "registering") throw new Error(`${name}.json owns nothing yet`);
  return record.owned;
}

const oldIdentifier = Buffer.from("Old Ledger\0", "utf16le").toString("hex");

describe("a registration record of 0.1.0", () => {
  it("has a test below for each fixture", () => {
    expect(names010("registration", ".reg")).toEqual([
      "registered",
      "registered-after-import",
      "registered-application",
      "registered-over-another",
      "registering-again",
      "registering-first",
      "unregistering",
    ]);
  });

  it.each([
    // Values that existed before the kit's registration stay after its removal.
    ["registered", 11, 7, []],
    ["registered-after-import", 11, 5, [BACKUP, SUPPORT]],
    ["registered-application", 1, 1, [BACKUP, SUPPORT]],
    [
      "registered-over-another",
      11,
      4,
      [BACKUP, SUPPORT, WRITER, `${WRITER}\\\\Application Identifier=1:${oldIdentifier}`],
    ],
  ])("is intact and can be removed: %s", async (name, values, createdKeys, rest) => {
    const owned = ownedOf(name);
    expect([owned.values.length, owned.createdKeys.length]).toEqual([values, createdKeys]);
    const machine = machineOf(name);
    expect(inspectRegistration(machine, WRITER_ID)).toEqual({ state: "registered", drift: [] });
    expect(await removeRegistration(machine, WRITER_ID)).toEqual({ changed: true, kept: [] });
    expect(additions(machine)).toEqual(rest);
    expect(machine.records.texts.size).toBe(0);
  });

  it("contains the command that COM starts, in Windows' form", () => {
    const { values } = ownedOf("registered");
    const command = values.find(({ key, name }) => key === localServerKey(CLSID) && name === "");
    expect(decodeString(command?.value ?? null)).toBe(
      '"C:\\Program Files\\nodejs\\node.exe" "C:\\Program Files\\Contoso Ledger\\server.js"',
    );
    expect(command?.replaced).toBeNull();
    expect(values.map(({ value }) => value.type)).toEqual([1, 4, 1, 3, 3, 1, 1, 1, 1, 1, 1]);
  });

  it("contains the replaced values", () => {
    const replaced = ownedOf("registered-over-another").values.flatMap((one) =>
      one.replaced === null ? [] : [[one.key, one.name, decodeString(one.replaced)]],
    );
    expect(replaced).toEqual([[WRITER, "Application Identifier", "Old Ledger"]]);
  });

  it("of an interrupted first registration is undone", async () => {
    expect(recordOf("registering-first")).toMatchObject({ state: "registering", previous: null });
    const machine = machineOf("registering-first");
    expect(additions(machine)).toHaveLength(10);
    expect(await recoverRegistration(machine, WRITER_ID)).toBe("registration undone");
    expect(additions(machine)).toEqual([]);
    expect(machine.records.texts.size).toBe(0);
  });

  it("of an interrupted move is undone to the previous registration", async () => {
    const previous = ownedOf("registered");
    expect(recordOf("registering-again")).toMatchObject({ state: "registering", previous });
    const machine = machineOf("registering-again");
    const registered = machineOf("registered");
    expect(additions(machine)).not.toEqual(additions(registered));
    expect(await recoverRegistration(machine, WRITER_ID)).toBe("registration undone");
    expect(additions(machine)).toEqual(additions(registered));
    expect(inspectRegistration(machine, WRITER_ID)).toEqual({ state: "registered", drift: [] });
  });

  it("of an interrupted removal is continued", async () => {
    expect(recordOf("unregistering").state).toBe("unregistering");
    expect(ownedOf("unregistering")).toEqual(ownedOf("registered"));
    const machine = machineOf("unregistering");
    expect(additions(machine).length).toBeLessThan(additions(machineOf("registered")).length);
    expect(await recoverRegistration(machine, WRITER_ID)).toBe("removal completed");
    expect(additions(machine)).toEqual([]);
    expect(machine.records.texts.size).toBe(0);
  });

  it("belongs to a manifest that is still valid", () => {
    expect(loadManifest(pathOf010("registration", "wsb-addin.json"))).toMatchObject({
      writerId: WRITER_ID,
      addin: { clsid: CLSID, appId: APP_ID },
      services: ["LedgerStore"],
      serviceTimeoutMs: 10_000,
    });
  });
});
