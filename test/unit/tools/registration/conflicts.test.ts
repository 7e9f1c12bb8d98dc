import { beforeEach, describe, expect, it } from "vitest";

import type { Manifest } from "../../../../src/runtime/manifest/manifest.ts";
import {
  assertNoConflict,
  findConflicts,
  type Conflict,
} from "../../../../src/tools/registration/conflicts.ts";
import {
  APPLICATION_SUPPORT,
  appIdKey,
  classKey,
  eventSourceKey,
  localServerKey,
  writerKey,
} from "../../../../src/tools/registration/keys.ts";
import { planService } from "../../../../src/tools/registration/writer-service.ts";
import { planRegistration } from "../../../../src/tools/registration/plan.ts";
import { applyRegistration, ownedBy } from "../../../../src/tools/registration/register.ts";
import { encodeString } from "../../../../src/tools/registration/registry-value.ts";
import { APP_ID, CLSID, WRITER_ID, manifestWith } from "../../../helpers/manifest.ts";
import {
  INSTALLATION,
  fakeMachine,
  planOf,
  type FakeMachine,
} from "../../../helpers/fakes/registration.ts";

const HYPER_V = "{66841CD4-6DED-4F4B-8F17-FD23F8DDC3DE}";
const EXCHANGE = "{76FE1AC4-15F7-4BCD-987E-8E1ACB462FB7}";
const EXCHANGE_CLSID = "{D8A2E312-3B17-4293-B71E-CD72A7C04BF3}";

const source = eventSourceKey("Contoso Ledger (wsb-addin)");

let machine: FakeMachine;

function write(key: string, name: string, text: string): void {
  machine.api.createRegistryKey(key);
  const { type, data } = encodeString(text);
  machine.api.writeRegistryValue(key, name, type, data);
}

function find(fields: Partial<Manifest> = {}, installation = INSTALLATION): readonly Conflict[] {
  const manifest = manifestWith(fields);
  return findConflicts({
    ...machine,
    manifest,
    plan: planRegistration(manifest, installation),
    service: planService(manifest, installation),
    owned: ownedBy(machine, manifest.writerId),
  });
}

// The registry of servers with these applications.
beforeEach(() => {
  machine = fakeMachine();
  write(`${APPLICATION_SUPPORT}\\${HYPER_V}`, "Application Identifier", "Hyper-V");
  write(`${APPLICATION_SUPPORT}\\${EXCHANGE}`, "Application Identifier", "Exchange");
  write(`${APPLICATION_SUPPORT}\\${EXCHANGE}`, "CLSID", EXCHANGE_CLSID);
});

describe("beside Hyper-V and Exchange", () => {
  it("another application has no conflict", () => {
    expect(find()).toEqual([]);
  });

  it.each(["Hyper-V", "HYPER-V", "exchange"])("the identifier %s cannot be used", (text) => {
    const [conflict, ...others] = find({ applicationIdentifier: text });
    expect(others).toEqual([]);
    expect(conflict).toMatchObject({ kind: "identifier", override: undefined });
    expect(conflict?.text.toUpperCase()).toContain(text.toUpperCase());
  });

  it("the writer of one of them is a conflict, and --force replaces it", () => {
    const conflicts = find({ writerId: HYPER_V });
    expect(conflicts).toMatchObject([{ kind: "writer", override: "--force" }]);
    expect(conflicts[0]?.text).toContain("Hyper-V");
  });

  it("the class of one of them cannot be used", () => {
    const conflicts = find({ addin: { clsid: EXCHANGE_CLSID, appId: APP_ID } });
    expect(conflicts).toMatchObject([{ kind: "class", override: undefined }]);
    expect(conflicts[0]?.text).toContain("Exchange");
  });

  it("an application without an add-in does not conflict with Exchange's CLSID", () => {
    const conflicts = find({
      writerId: EXCHANGE,
      applicationIdentifier: "Exchange",
      addin: undefined,
    });
    expect(conflicts).toMatchObject([{ kind: "writer", override: undefined }]);
  });
});

describe("values of another type for text", () => {
  const key = `${APPLICATION_SUPPORT}\\${HYPER_V}`;

  function writeType(name: string, type: number, text: string): void {
    const data = Buffer.from(`${text}\0\0`, "utf16le");
    machine.api.writeRegistryValue(key, name, type, new Uint8Array(data));
  }

  it.each([
    ["REG_EXPAND_SZ", 2, "Contoso Ledger"],
    ["REG_MULTI_SZ", 7, "contoso ledger"],
    ["the second text of a REG_MULTI_SZ", 7, "Other\0Contoso Ledger"],
  ])("hold an identifier that cannot be used: %s", (_, type, text) => {
    writeType("Application Identifier", type, text);
    expect(find()).toMatchObject([{ kind: "identifier", override: undefined }]);
  });

  it("hold a class that cannot be used", () => {
    writeType("CLSID", 2, CLSID);
    expect(find()).toMatchObject([{ kind: "class", override: undefined }]);
  });

  it("hold nothing as binary data", () => {
    writeType("Application Identifier", 3, "Contoso Ledger");
    expect(find()).toEqual([]);
  });
});

describe("GUIDs of another spelling", () => {
  it("identify the same writer", () => {
    write(
      `${APPLICATION_SUPPORT}\\${WRITER_ID.slice(1, -1).toLowerCase()}`,
      "Application Identifier",
      "Old",
    );
    expect(find()).toMatchObject([{ kind: "writer", override: undefined }]);
  });

  it("identify the same class", () => {
    write(`${APPLICATION_SUPPORT}\\${HYPER_V}`, "CLSID", CLSID.slice(1, -1).toLowerCase());
    expect(find()).toMatchObject([{ kind: "class", override: undefined }]);
  });

  it("in our own key are not a conflict", () => {
    const lower = writerKey(WRITER_ID.toLowerCase());
    write(lower, "Application Identifier", "Contoso Ledger");
    expect(find()).toEqual([]);
  });
});

describe("keys of another program", () => {
  it.each([
    ["the class", classKey(CLSID)],
    ["the AppID", appIdKey(APP_ID)],
  ])("%s is a conflict, and --force takes it over", (_, key) => {
    write(key, "", "Fabrikam");
    const conflicts = find();
    expect(conflicts).toMatchObject([{ kind: "class", override: "--force" }]);
    expect(conflicts[0]?.text).toContain("Fabrikam");
  });

  it("the event source is a conflict, and --force takes it over", () => {
    write(source, "EventMessageFile", "C:\\Fabrikam\\events.dll");
    const conflicts = find();
    expect(conflicts).toMatchObject([{ kind: "source", override: "--force" }]);
    expect(conflicts[0]?.text).toContain("Fabrikam");
    expect(find({ addin: undefined })).toEqual([]);
  });

  it("that already equal the plan, from an imported export, are not a conflict", () => {
    for (const { key, name, value } of planOf()) {
      machine.api.createRegistryKey(key);
      machine.api.writeRegistryValue(key, name, value.type, value.data);
    }
    expect(find()).toEqual([]);
  });
});

describe("a class of another program", () => {
  it.each([
    ["its name", {}, "(Fabrikam)"],
    ["its program too", { server: "C:\\Fabrikam.exe" }, "(Fabrikam, C:\\Fabrikam.exe)"],
  ])("is told by %s", (_, { server }: { readonly server?: string }, what) => {
    write(classKey(CLSID), "", "Fabrikam");
    if (server !== undefined) write(localServerKey(CLSID), "", server);
    expect(find()).toMatchObject([{ kind: "class", text: expect.stringContaining(what) }]);
  });

  it("is a conflict also for an application that is ours and gets an add-in", async () => {
    await applyRegistration(machine, WRITER_ID, planOf({ addin: undefined }));
    write(classKey(CLSID), "", "Fabrikam");
    expect(find()).toMatchObject([{ kind: "class", override: "--force" }]);
  });
});

describe("our own registration", () => {
  beforeEach(async () => {
    await applyRegistration(machine, WRITER_ID, planOf());
  });

  it("does not conflict with itself", () => {
    expect(find()).toEqual([]);
  });

  it.each([
    ["another folder", {}, { ...INSTALLATION, serverScript: "D:\\elsewhere\\server.js" }],
    ["another class", { addin: { clsid: EXCHANGE, appId: APP_ID } }, INSTALLATION],
    ["another identifier", { applicationIdentifier: "Contoso Books" }, INSTALLATION],
  ])("moves to %s only with --update", (_, fields, installation) => {
    expect(find(fields, installation)).toMatchObject([{ kind: "update", override: "--update" }]);
  });

  it("drops its add-in without an option", () => {
    expect(find({ addin: undefined })).toEqual([]);
  });

  it("is repaired without an option when it was changed", () => {
    write(`${classKey(CLSID)}\\LocalServer32`, "", "C:\\elsewhere.exe");
    expect(find()).toEqual([]);
  });
});

describe("assertNoConflict", () => {
  it.each([
    ["nothing", undefined, false, false, true],
    ["nothing, with any option", undefined, true, true, true],
    ["--force", "--force", true, false, false],
    ["--force, and --update is said", "--force", false, true, true],
    ["--update", "--update", false, true, false],
    ["--update, and --force is said", "--update", true, false, true],
  ] as const)("lets pass what is overridden by %s", (_, override, force, update, throws) => {
    const conflict: Conflict = { kind: "writer", text: "taken", override };
    const check = () => assertNoConflict([conflict], { force, update });
    if (throws) expect(check).toThrow(expect.objectContaining({ code: "ERR_WSB_CONFLICT" }));
    else expect(check).not.toThrow();
  });
});
