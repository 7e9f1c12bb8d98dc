import { beforeEach, describe, expect, it } from "vitest";

import { APPLICATION_SUPPORT } from "../../../src/registration/keys.ts";
import { applyRegistration, removeRegistration } from "../../../src/registration/register.ts";
import { encodeString } from "../../../src/registration/registry-value.ts";
import { FakeRegistry } from "../../helpers/fake-registry.ts";
import { APP_ID, CLSID, WRITER_ID } from "../../helpers/manifest.ts";
import { planOf } from "../../helpers/registration.ts";

const classKey = `SOFTWARE\\Classes\\CLSID\\${CLSID}`;
const writerKey = `SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\WindowsServerBackup\\Application Support\\${WRITER_ID}`;
const recordKey = `SOFTWARE\\wsb-addin\\Registrations\\${WRITER_ID}`;
const OTHER_WRITER = "{00000000-0000-0000-0000-000000000001}";
const ACCESS_DENIED = 0x80070005;

let registry: FakeRegistry;

beforeEach(() => {
  registry = new FakeRegistry();
});

function write(key: string, name: string, text: string): void {
  registry.createRegistryKey(key);
  const { type, data } = encodeString(text);
  registry.writeRegistryValue(key, name, type, data);
}

describe("a registration", () => {
  it("is written entry by entry in the plan's order, the record before any of them", () => {
    expect(applyRegistration(registry, WRITER_ID, planOf())).toEqual({ changed: true, kept: [] });
    const written = registry.writes
      .filter(({ api }) => api === "writeRegistryValue")
      .map(({ path, name }) => [path, name]);
    expect(written).toEqual([
      [recordKey, "Record"],
      ...planOf().map(({ key, name }) => [key, name]),
    ]);
  });

  it.each([
    ["an add-in", planOf()],
    ["an application without an add-in", planOf({ addin: undefined })],
  ])("of %s leaves nothing behind when it is removed", (_, plan) => {
    const before = registry.snapshot();
    applyRegistration(registry, WRITER_ID, plan);
    expect(registry.snapshot()).not.toEqual(before);
    expect(removeRegistration(registry, WRITER_ID)).toEqual({ changed: true, kept: [] });
    expect(registry.snapshot()).toEqual(before);
  });

  it("is removed in the opposite order: Windows Server Backup never sees a class that is gone", () => {
    applyRegistration(registry, WRITER_ID, planOf());
    removeRegistration(registry, WRITER_ID);
    const removed = registry.writes
      .filter(({ api }) => api === "deleteRegistryValue")
      .map(({ path, name }) => [path, name]);
    expect(removed).toEqual(
      planOf()
        .map(({ key, name }) => [key, name])
        .toReversed(),
    );
  });

  it("leaves keys that were there before as they were", () => {
    write(APPLICATION_SUPPORT, "Foreign", "stays");
    write(`SOFTWARE\\Classes\\AppID\\${APP_ID}`, "LocalService", "stays");
    const before = registry.snapshot();
    applyRegistration(registry, WRITER_ID, planOf());
    removeRegistration(registry, WRITER_ID);
    expect(registry.snapshot()).toEqual(before);
  });

  it("keeps values that others add to its keys, and the keys for them", () => {
    applyRegistration(registry, WRITER_ID, planOf());
    write(classKey, "Foreign", "stays");
    write(`${writerKey}\\Child`, "", "stays");
    removeRegistration(registry, WRITER_ID);
    expect(registry.readRegistryKey(classKey)).toEqual({ values: ["Foreign"], subkeys: [] });
    expect(registry.readRegistryKey(writerKey)).toEqual({ values: [], subkeys: ["Child"] });
  });

  it("changes nothing when it is written again", () => {
    applyRegistration(registry, WRITER_ID, planOf());
    const writes = registry.writes.length;
    expect(applyRegistration(registry, WRITER_ID, planOf())).toEqual({ changed: false, kept: [] });
    expect(registry.writes).toHaveLength(writes);
  });

  it("changes nothing when it is removed again", () => {
    applyRegistration(registry, WRITER_ID, planOf());
    removeRegistration(registry, WRITER_ID);
    const writes = registry.writes.length;
    expect(removeRegistration(registry, WRITER_ID)).toEqual({ changed: false, kept: [] });
    expect(registry.writes).toHaveLength(writes);
  });

  it("stands beside another writer's, and goes without it", () => {
    applyRegistration(registry, OTHER_WRITER, planOf({ writerId: OTHER_WRITER, addin: undefined }));
    const before = registry.snapshot();
    applyRegistration(registry, WRITER_ID, planOf());
    removeRegistration(registry, WRITER_ID);
    expect(registry.snapshot()).toEqual(before);
  });

  it("replaces values that it wrote itself", () => {
    const before = registry.snapshot();
    applyRegistration(registry, WRITER_ID, planOf({ name: "Old" }));
    expect(applyRegistration(registry, WRITER_ID, planOf())).toEqual({ changed: true, kept: [] });
    expect(registry.readRegistryValue(classKey, "")).toEqual(encodeString("Contoso Ledger"));
    removeRegistration(registry, WRITER_ID);
    expect(registry.snapshot()).toEqual(before);
  });

  it("mends what has changed since", () => {
    applyRegistration(registry, WRITER_ID, planOf());
    const before = registry.snapshot();
    write(`${classKey}\\LocalServer32`, "", "C:\\elsewhere.exe");
    registry.deleteRegistryValue(writerKey, "CLSID");
    expect(applyRegistration(registry, WRITER_ID, planOf())).toEqual({ changed: true, kept: [] });
    expect(registry.snapshot()).toEqual(before);
  });

  it("writes keys again that are gone, and still leaves nothing behind", () => {
    const before = registry.snapshot();
    applyRegistration(registry, WRITER_ID, planOf());
    registry.deleteRegistryKey(`${classKey}\\LocalServer32`);
    registry.deleteRegistryKey(classKey);
    applyRegistration(registry, WRITER_ID, planOf());
    removeRegistration(registry, WRITER_ID);
    expect(registry.snapshot()).toEqual(before);
  });

  it("removes the class of an add-in that the application has no longer", () => {
    const alone = new FakeRegistry();
    applyRegistration(alone, WRITER_ID, planOf({ addin: undefined }));
    const before = registry.snapshot();
    applyRegistration(registry, WRITER_ID, planOf());
    applyRegistration(registry, WRITER_ID, planOf({ addin: undefined }));
    const [left, expected] = [registry, alone].map((one) =>
      one.snapshot().filter((line) => !line.includes("wsb-addin")),
    );
    expect(left).toEqual(expected);
    removeRegistration(registry, WRITER_ID);
    expect(registry.snapshot()).toEqual(before);
  });

  it("removes the old class of an add-in with a new CLSID", () => {
    const before = registry.snapshot();
    applyRegistration(registry, WRITER_ID, planOf());
    applyRegistration(
      registry,
      WRITER_ID,
      planOf({ addin: { clsid: OTHER_WRITER, appId: APP_ID } }),
    );
    expect(registry.readRegistryKey(classKey)).toBeNull();
    removeRegistration(registry, WRITER_ID);
    expect(registry.snapshot()).toEqual(before);
  });
});

describe("a conflict", () => {
  it.each(planOf().map(({ key, name }) => ({ key, name })))(
    "over $key, value '$name', changes nothing",
    ({ key, name }) => {
      write(key, name, "somebody else's");
      const before = registry.snapshot();
      expect(() => applyRegistration(registry, WRITER_ID, planOf())).toThrow(
        expect.objectContaining({ code: "ERR_WSB_CONFLICT" }),
      );
      expect(registry.snapshot()).toEqual(before);
    },
  );

  it("is a value of the same bytes and another type too", () => {
    registry.createRegistryKey(writerKey);
    registry.writeRegistryValue(writerKey, "CLSID", 2, encodeString(CLSID).data);
    expect(() => applyRegistration(registry, WRITER_ID, planOf())).toThrow(
      expect.objectContaining({ code: "ERR_WSB_CONFLICT" }),
    );
  });

  it("is a writer to remove that somebody else registered", () => {
    write(writerKey, "Application Identifier", "Exchange");
    const before = registry.snapshot();
    expect(() => removeRegistration(registry, WRITER_ID)).toThrow(
      expect.objectContaining({ code: "ERR_WSB_CONFLICT" }),
    );
    expect(registry.snapshot()).toEqual(before);
  });
});

describe("a denied access", () => {
  const denied = expect.objectContaining({ code: "ERR_WSB_ACCESS_DENIED", hresult: ACCESS_DENIED });

  it("to the record changes nothing", () => {
    const before = registry.snapshot();
    registry.fault = ({ api }) => (api === "createRegistryKey" ? ACCESS_DENIED : undefined);
    expect(() => applyRegistration(registry, WRITER_ID, planOf())).toThrow(denied);
    expect(registry.snapshot()).toEqual(before);
  });

  it.each(planOf().map(({ key, name }) => ({ key, name })))(
    "to $key, value '$name', is reported, and what was written can be removed",
    (slot) => {
      const before = registry.snapshot();
      registry.fault = ({ api, path, name }) =>
        api === "writeRegistryValue" && path === slot.key && name === slot.name
          ? ACCESS_DENIED
          : undefined;
      expect(() => applyRegistration(registry, WRITER_ID, planOf())).toThrow(denied);
      registry.fault = () => undefined;
      removeRegistration(registry, WRITER_ID);
      expect(registry.snapshot()).toEqual(before);
    },
  );

  // Seven values, six keys of the registration, and its record.
  it.each(Array.from({ length: 14 }, (_, index) => index + 1))(
    "to what is removed as number %i is reported, and removing again ends the work",
    (position) => {
      const before = registry.snapshot();
      applyRegistration(registry, WRITER_ID, planOf());
      let deletions = 0;
      registry.fault = ({ api }) => {
        if (api.startsWith("delete")) deletions += 1;
        return deletions === position ? ACCESS_DENIED : undefined;
      };
      expect(() => removeRegistration(registry, WRITER_ID)).toThrow(denied);
      registry.fault = () => undefined;
      expect(removeRegistration(registry, WRITER_ID)).toEqual({ changed: true, kept: [] });
      expect(registry.snapshot()).toEqual(before);
    },
  );

  it("to the record of what is left after entries were dropped is reported", () => {
    const before = registry.snapshot();
    applyRegistration(registry, WRITER_ID, planOf());
    let records = 0;
    registry.fault = ({ api, name }) => {
      if (api === "writeRegistryValue" && name === "Record") records += 1;
      return records === 2 ? ACCESS_DENIED : undefined;
    };
    const application = planOf({ addin: undefined });
    expect(() => applyRegistration(registry, WRITER_ID, application)).toThrow(denied);
    registry.fault = () => undefined;
    removeRegistration(registry, WRITER_ID);
    expect(registry.snapshot()).toEqual(before);
  });

  it("is told from other failures of Windows", () => {
    registry.fault = ({ api }) => (api === "writeRegistryValue" ? 0x800703fa : undefined);
    expect(() => applyRegistration(registry, WRITER_ID, planOf())).toThrow(
      expect.objectContaining({ code: "ERR_WSB_WINDOWS_API", hresult: 0x800703fa }),
    );
  });
});
