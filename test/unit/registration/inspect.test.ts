import { beforeEach, describe, expect, it } from "vitest";

import {
  applyRegistration,
  inspectRegistration,
  removeRegistration,
} from "../../../src/registration/register.ts";
import { encodeString } from "../../../src/registration/registry-value.ts";
import { FakeRegistry } from "../../helpers/fake-registry.ts";
import { CLSID, WRITER_ID } from "../../helpers/manifest.ts";
import { planOf } from "../../helpers/registration.ts";

const serverKey = `SOFTWARE\\Classes\\CLSID\\${CLSID}\\LocalServer32`;
const writerKey = `SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\WindowsServerBackup\\Application Support\\${WRITER_ID}`;
const recordKey = `SOFTWARE\\wsb-addin\\Registrations\\${WRITER_ID}`;

let registry: FakeRegistry;

beforeEach(() => {
  registry = new FakeRegistry();
});

function write(key: string, name: string, text: string, type = 1): void {
  registry.createRegistryKey(key);
  registry.writeRegistryValue(key, name, type, encodeString(text).data);
}

describe("inspectRegistration", () => {
  it("writes nothing", () => {
    applyRegistration(registry, WRITER_ID, planOf());
    const writes = registry.writes.length;
    inspectRegistration(registry, WRITER_ID);
    expect(registry.writes).toHaveLength(writes);
  });

  it("follows a registration from absent to registered and back", () => {
    const states = [inspectRegistration(registry, WRITER_ID)];
    applyRegistration(registry, WRITER_ID, planOf());
    states.push(inspectRegistration(registry, WRITER_ID));
    removeRegistration(registry, WRITER_ID);
    states.push(inspectRegistration(registry, WRITER_ID));
    expect(states).toEqual([
      { state: "absent", drift: [] },
      { state: "registered", drift: [] },
      { state: "absent", drift: [] },
    ]);
  });

  it("tells a writer that somebody else registered", () => {
    write(writerKey, "Application Identifier", "Exchange");
    expect(inspectRegistration(registry, WRITER_ID).state).toBe("foreign");
  });

  it("lists each value that is gone or has changed, and no other", () => {
    applyRegistration(registry, WRITER_ID, planOf());
    write(serverKey, "", "C:\\elsewhere.exe");
    registry.deleteRegistryValue(writerKey, "CLSID");
    const { state, drift } = inspectRegistration(registry, WRITER_ID);
    expect(state).toBe("drifted");
    expect(drift.map(({ key, name }) => [key, name])).toEqual([
      [`HKLM\\${serverKey}`, ""],
      [`HKLM\\${writerKey}`, "CLSID"],
    ]);
  });

  it("sees a registration that broke off in the middle as drifted", () => {
    registry.fault = ({ api, path }) =>
      api === "writeRegistryValue" && path === writerKey ? 0x80070005 : undefined;
    expect(() => applyRegistration(registry, WRITER_ID, planOf())).toThrow();
    expect(inspectRegistration(registry, WRITER_ID).drift).toHaveLength(2);
  });
});

describe("a record that cannot be read", () => {
  const records: readonly {
    readonly what: string;
    readonly text: string;
    readonly type?: number;
  }[] = [
    { what: "no JSON", text: "{" },
    { what: "no object", text: "5" },
    { what: "an array", text: "[]" },
    { what: "of another version", text: `{"version":2,"values":[],"createdKeys":[]}` },
    { what: "without values", text: `{"version":1,"createdKeys":[]}` },
    { what: "without keys", text: `{"version":1,"values":[]}` },
    { what: "with a value that is none", text: `{"version":1,"values":[5],"createdKeys":[]}` },
    {
      what: "with a value of no type",
      text: `{"version":1,"values":[{"key":"a","name":"","data":""}],"createdKeys":[]}`,
    },
    { what: "with a key that is none", text: `{"version":1,"values":[],"createdKeys":[5]}` },
    {
      what: "of another registry type",
      text: `{"version":1,"values":[],"createdKeys":[]}`,
      type: 3,
    },
  ];

  it.each(records)(
    "because it is $what stops every command, and nothing is changed",
    ({ text, type }) => {
      write(recordKey, "Record", text, type);
      const before = registry.snapshot();
      const unreadable = expect.objectContaining({ code: "ERR_WSB_CONFLICT" });
      expect(() => inspectRegistration(registry, WRITER_ID)).toThrow(unreadable);
      expect(() => removeRegistration(registry, WRITER_ID)).toThrow(unreadable);
      expect(() => applyRegistration(registry, WRITER_ID, planOf())).toThrow(unreadable);
      expect(registry.snapshot()).toEqual(before);
    },
  );
});
