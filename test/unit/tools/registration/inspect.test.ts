import { beforeEach, describe, expect, it } from "vitest";

import {
  applyRegistration,
  inspectRegistration,
  removeRegistration,
} from "../../../../src/tools/registration/register.ts";
import { encodeString } from "../../../../src/tools/registration/registry-value.ts";
import type { FakeRegistry } from "../../../helpers/fakes/fake-registry.ts";
import { CLSID, WRITER_ID } from "../../../helpers/manifest.ts";
import { fakeMachine, planOf, type FakeMachine } from "../../../helpers/fakes/registration.ts";

const serverKey = `SOFTWARE\\Classes\\CLSID\\${CLSID}\\LocalServer32`;
const writerKey = `SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\WindowsServerBackup\\Application Support\\${WRITER_ID}`;

let machine: FakeMachine;
let registry: FakeRegistry;

beforeEach(() => {
  machine = fakeMachine();
  registry = machine.api;
});

function write(key: string, name: string, text: string, type = 1): void {
  registry.createRegistryKey(key);
  registry.writeRegistryValue(key, name, type, encodeString(text).data);
}

describe("inspectRegistration", async () => {
  it("writes nothing", async () => {
    await applyRegistration(machine, WRITER_ID, planOf());
    const writes = registry.writes.length;
    inspectRegistration(machine, WRITER_ID);
    expect(registry.writes).toHaveLength(writes);
  });

  it("follows a registration from absent to registered and back", async () => {
    const states = [inspectRegistration(machine, WRITER_ID)];
    await applyRegistration(machine, WRITER_ID, planOf());
    states.push(inspectRegistration(machine, WRITER_ID));
    await removeRegistration(machine, WRITER_ID);
    states.push(inspectRegistration(machine, WRITER_ID));
    expect(states).toEqual([
      { state: "absent", drift: [] },
      { state: "registered", drift: [] },
      { state: "absent", drift: [] },
    ]);
  });

  it("reports a writer that another program registered", async () => {
    write(writerKey, "Application Identifier", "Exchange");
    expect(inspectRegistration(machine, WRITER_ID).state).toBe("foreign");
  });

  it("lists exactly the missing and changed values", async () => {
    await applyRegistration(machine, WRITER_ID, planOf());
    write(serverKey, "", "C:\\elsewhere.exe");
    registry.deleteRegistryValue(writerKey, "CLSID");
    const { state, drift } = inspectRegistration(machine, WRITER_ID);
    expect(state).toBe("drifted");
    expect(drift.map(({ key, name }) => [key, name])).toEqual([
      [`HKLM\\${serverKey}`, ""],
      [`HKLM\\${writerKey}`, "CLSID"],
    ]);
  });
});

describe("a registration without a record", async () => {
  it("counts as intact when it equals the plan", async () => {
    for (const { key, name, value } of planOf()) {
      registry.createRegistryKey(key);
      registry.writeRegistryValue(key, name, value.type, value.data);
    }
    expect(inspectRegistration(machine, WRITER_ID, planOf()).state).toBe("registered");
    expect(inspectRegistration(machine, WRITER_ID).state).toBe("foreign");
  });
});

/** The text of a record of a registration. */
const holding = (values: string, keys = ""): string =>
  `{"version":2,"state":"registered","owned":{"values":[${values}],"createdKeys":[${keys}]}}`;

/** The text of a record of a registration with a part. */
const owning = (part: string): string =>
  `{"version":3,"state":"registered","owned":{"values":[],"createdKeys":[],${part}}}`;

/** The text of a record of a change. */
const changing = (fields: {
  values?: string;
  keys?: string;
  tasks?: string;
  parts?: string;
  previous?: string;
}): string => {
  const before = `{"values":[${fields.values ?? ""}],"keys":[${fields.keys ?? ""}]}`;
  const tasks = `[${fields.tasks ?? ""}]`;
  const parts = fields.parts === undefined ? "" : `,${fields.parts}`;
  const previous = fields.previous ?? "null";
  return `{"version":3,"state":"registering","before":${before},"tasks":${tasks},"previous":${previous}${parts}}`;
};

describe("a readable record", () => {
  it.each([
    holding(""),
    changing({}),
    changing({ tasks: `{"clsid":"${CLSID}","xml":null}` }),
    changing({ parts: `"writer":{"before":null,"written":null}` }),
    changing({ previous: `{"values":[],"createdKeys":[]}` }),
  ])("has none of the faults below: %s", (text) => {
    machine.records.texts.set(WRITER_ID, text);
    expect(machine.records.read(WRITER_ID)).toBeDefined();
  });
});

describe("an unreadable record", async () => {
  const owned = `"owned":{"values":[],"createdKeys":[]}`;
  const key = JSON.stringify(writerKey);
  const raw = `{"type":1,"data":"QQ=="}`;
  it.each([
    [
      "owns what no registration writes",
      holding(`{"key":"SOFTWARE\\\\Evil","name":"","value":${raw},"replaced":null}`),
    ],
    ["owns a key that no registration creates", holding("", `"SOFTWARE\\\\Evil"`)],
    [
      "owns a value without a type",
      holding(`{"key":${key},"name":"CLSID","value":{"data":""},"replaced":null}`),
    ],
    [
      "owns a value without data",
      holding(`{"key":${key},"name":"CLSID","value":{"type":1},"replaced":null}`),
    ],
    [
      "owns nothing as a value",
      holding(`{"key":${key},"name":"CLSID","value":null,"replaced":null}`),
    ],
    ["has a value without an old one", holding(`{"key":${key},"name":"CLSID","value":${raw}}`)],
    ["has a number for a name", holding(`{"key":${key},"name":5,"value":${raw},"replaced":null}`)],
    ["has a number for a key", holding(`{"key":5,"name":"","value":${raw},"replaced":null}`)],
    [
      "wrote no value",
      changing({ values: `{"key":${key},"name":"CLSID","value":null,"written":5}` }),
    ],
    ["has a number for a change", changing({ values: "5" })],
    ["has null for a change", changing({ values: "null" })],
    ["has a change of no key", changing({ values: `{"name":"","value":null,"written":null}` })],
    ["has null for a key", changing({ keys: "null" })],
    ["does not say whether a key existed", changing({ keys: `{"key":${key}}` })],
    ["has null for a task", changing({ tasks: "null" })],
    ["has a task of no class", changing({ tasks: `{"clsid":"x","xml":null}` })],
    ["has a task without a class", changing({ tasks: `{"clsid":5,"xml":null}` })],
    ["has a number for a task", changing({ tasks: `{"clsid":"${CLSID}","xml":5}` })],
    ["has null for a writer", changing({ parts: `"writer":null` })],
    ["has a writer without an old document", changing({ parts: `"writer":{"written":null}` })],
    ["has a writer without a new document", changing({ parts: `"writer":{"before":null}` })],
    ["has a number for a document", changing({ parts: `"service":{"before":5,"written":null}` })],
    ["has a number for a service", changing({ parts: `"service":5` })],
    [
      "has an old document of nobody",
      changing({ parts: `"writer":{"before":"x","written":null}` }),
    ],
    [
      "owned a document of nobody",
      changing({ previous: `{"values":[],"createdKeys":[],"document":"x"}` }),
    ],
    [
      "owned a key that no registration creates",
      changing({ previous: `{"values":[],"createdKeys":["SOFTWARE\\\\Evil"]}` }),
    ],
    ["owns a number as a document", owning(`"document":5`)],
    ["owns a number as a service", owning(`"service":5`)],
    ["owns null for a value", holding("null")],
    ["no JSON", "{"],
    ["no object", "5"],
    ["nothing", "null"],
    ["an array", "[]"],
    ["of another version", `{"version":4,"state":"registered",${owned}}`],
    ["of another state", `{"version":1,"state":"dreaming",${owned}}`],
    ["of a change in another state", changing({}).replace("registering", "dreaming")],
    ["without what is owned", `{"version":1,"state":"registered"}`],
    ["without keys", `{"version":1,"state":"registered","owned":{"values":[]}}`],
    [
      "with a value that is none",
      `{"version":1,"state":"registered","owned":{"values":[5],"createdKeys":[]}}`,
    ],
    [
      "with a key that is none",
      `{"version":1,"state":"unregistering","owned":{"values":[],"createdKeys":[5]}}`,
    ],
    ["without what was before", `{"version":1,"state":"registering","previous":null}`],
    [
      "without what was registered before",
      `{"version":1,"state":"registering","before":{"values":[],"keys":[]}}`,
    ],
  ])("stops every command, and nothing is changed: %s", async (_, text) => {
    machine.records.texts.set(WRITER_ID, text);
    const before = registry.snapshot();
    const unreadable = expect.objectContaining({ code: "ERR_WSB_CONFLICT" });
    expect(() => inspectRegistration(machine, WRITER_ID)).toThrow(unreadable);
    await expect(removeRegistration(machine, WRITER_ID)).rejects.toThrow(unreadable);
    await expect(applyRegistration(machine, WRITER_ID, planOf())).rejects.toThrow(unreadable);
    expect(registry.snapshot()).toEqual(before);
  });
});
