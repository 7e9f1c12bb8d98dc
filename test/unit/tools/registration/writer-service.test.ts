import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { beforeEach, describe, expect, it, vi } from "vitest";

import type { NativeBinding, ServiceChangeEnd } from "../../../../src/runtime/native/binding.ts";
import type { Manifest } from "../../../../src/runtime/manifest/manifest.ts";
import { WRITER_DEFAULTS } from "../../../../src/runtime/manifest/writer-settings.ts";
import type { ServiceWriter } from "../../../../src/runtime/manifest/writer.ts";
import { assertNoConflict, findConflicts } from "../../../../src/tools/registration/conflicts.ts";
import { eventSourceKey, serviceKey } from "../../../../src/tools/registration/keys.ts";
import { planRegistration } from "../../../../src/tools/registration/plan.ts";
import {
  applyRegistration,
  inspectRegistration,
  ownedBy,
  planRemoval,
  recoverRegistration,
  removeRegistration,
  type ApplyOptions,
} from "../../../../src/tools/registration/register.ts";
import { encodeNumber, encodeString } from "../../../../src/tools/registration/registry-value.ts";
import {
  isServiceDocument,
  planService,
  readServiceProgram,
  serviceNameOf,
  writerServicesOn,
  type ServicePlan,
} from "../../../../src/tools/registration/writer-service.ts";
import { planDeclared } from "../../../../src/tools/writer/declared.ts";
import { FakeRegistry } from "../../../helpers/fakes/fake-registry.ts";
import type { ServiceChange } from "../../../helpers/fakes/fake-writer-services.ts";
import { NativeError } from "../../../helpers/fakes/native-error.ts";
import { failAt, killAt } from "../../../helpers/fakes/faulty-store.ts";
import { fakeMachine, planOf, type FakeMachine } from "../../../helpers/fakes/registration.ts";
import { WRITER_ID, manifestWith } from "../../../helpers/manifest.ts";

const component = {
  name: "Ledger",
  selectable: true,
  selectableForRestore: true,
  files: [{ path: "C:\\Ledger", filespec: "*", recursive: true }],
  dependencies: [],
};

const own = { restoreMethod: "restoreIfCanReplace", exclude: [], backupSchema: ["copy"] } as const;

const writer: ServiceWriter = {
  kind: "service",
  components: [{ ...component, databaseFiles: [], logFiles: [] }],
  ...own,
  ...WRITER_DEFAULTS,
};

const manifest = manifestWith({ writer });
const nodeExe = "C:\\Program Files\\nodejs\\node.exe";

function serviceIn(folder: string): ServicePlan {
  const planned = planService(manifest, { nodeExe, writerScript: `${folder}\\writer.js` });
  if (planned === null) throw new Error("no service");
  return planned;
}

const ledger = serviceIn("C:\\Ledger 1");
const moved = serviceIn("C:\\Ledger 2");
const foreign = JSON.stringify({ displayName: "Fabrikam", commandLine: '"C:\\fabrikam.exe"' });
const plan = planOf();
const NAME = serviceNameOf(WRITER_ID);

let machine: FakeMachine;

beforeEach(() => {
  machine = fakeMachine();
});

function apply(
  service: ServicePlan | null,
  options: ApplyOptions = {},
): ReturnType<typeof applyRegistration> {
  return applyRegistration(machine, WRITER_ID, plan, { service, ...options });
}

function stored(): string | null {
  return machine.services.read(WRITER_ID);
}

function runs(): boolean {
  return machine.services.running.has(WRITER_ID);
}

function killedAt(change: ServiceChange, work: () => Promise<unknown>): Promise<void> {
  return killAt({ store: machine.services, records: machine.records, change }, work);
}

describe("register", () => {
  it("installs and starts the service, and does nothing the second time", async () => {
    expect(await apply(ledger)).toEqual({ changed: true, kept: [] });
    expect([stored(), runs()]).toEqual([ledger.document, true]);
    machine.services.fault = (change) => {
      throw new Error(change);
    };
    expect(await apply(ledger)).toEqual({ changed: false, kept: [] });
    expect(inspectRegistration(machine, WRITER_ID)).toEqual({
      state: "registered",
      drift: [],
      writerService: "registered",
    });
  });

  it("starts it last, when everything else works", async () => {
    let isActivated = false;
    machine.services.fault = () => {
      expect(isActivated).toBe(true);
      expect(machine.records.read(WRITER_ID)?.state).toBe("registering");
    };
    await apply(ledger, {
      activate: async () => {
        isActivated = true;
      },
    });
    expect(runs()).toBe(true);
  });

  it("starts one that somebody has stopped, and says that it changed something", async () => {
    await apply(ledger);
    machine.services.running.clear();
    expect(await apply(ledger)).toEqual({ changed: true, kept: [] });
    expect(runs()).toBe(true);
  });

  it("installs one that somebody has deleted", async () => {
    await apply(ledger);
    machine.services.documents.clear();
    machine.services.running.clear();
    expect((await apply(ledger)).changed).toBe(true);
    expect([stored(), runs()]).toEqual([ledger.document, true]);
  });

  it("replaces its own, which then runs", async () => {
    await apply(ledger);
    expect((await apply(moved)).changed).toBe(true);
    expect([stored(), runs()]).toEqual([moved.document, true]);
  });

  it("removes it when the writer is no service any more", async () => {
    await apply(ledger);
    expect((await apply(null)).changed).toBe(true);
    expect(stored()).toBeNull();
    expect(ownedBy(machine, WRITER_ID)).not.toHaveProperty("service");
  });

  it("owns one that is as planned, of which the record was lost", async () => {
    machine.services.documents.set(WRITER_ID, ledger.document);
    await apply(ledger);
    await removeRegistration(machine, WRITER_ID);
    expect(stored()).toBeNull();
  });

  it.each(["install", "start"] as const)("undoes everything when %s fails", async (change) => {
    const before = machine.api.snapshot();
    failAt(machine.services, change);
    await expect(apply(ledger)).rejects.toThrow(`no ${change}`);
    expect(machine.api.snapshot()).toEqual(before);
    expect([...machine.services.documents]).toEqual([]);
    expect(machine.records.read(WRITER_ID)).toBeUndefined();
  });

  it("gives the earlier service back, which runs, when the new one does not start", async () => {
    await apply(ledger);
    let starts = 0;
    machine.services.fault = (change) => {
      if (change !== "start") return;
      starts += 1;
      if (starts === 1) throw new Error("no start");
    };
    await expect(apply(moved)).rejects.toThrow("no start");
    expect([stored(), runs()]).toEqual([ledger.document, true]);
    expect(ownedBy(machine, WRITER_ID)?.service).toBe(ledger.document);
  });

  it("says that it could not give it back, and does it later", async () => {
    await apply(ledger);
    machine.services.fault = (change) => {
      if (change !== "remove") throw new Error(`no ${change}`);
    };
    await expect(apply(moved)).rejects.toMatchObject({ code: "ERR_WSB_UNDO" });
    expect(stored()).toBeNull();
    machine.services.fault = () => {};
    expect(await recoverRegistration(machine, WRITER_ID)).toBe("registration undone");
    expect([stored(), runs()]).toEqual([ledger.document, true]);
  });

  it("starts again what was killed after the stop", async () => {
    await apply(ledger);
    // Stopped, and not deleted yet.
    await killedAt("remove", () => apply(moved));
    expect([stored(), runs()]).toEqual([ledger.document, false]);
    await recoverRegistration(machine, WRITER_ID);
    expect([stored(), runs()]).toEqual([ledger.document, true]);
  });

  it("says that it started a service of which only the record was lost", async () => {
    await apply(ledger);
    machine.records.remove(WRITER_ID);
    machine.services.running.clear();
    expect(await apply(ledger)).toEqual({ changed: true, kept: [] });
    expect(runs()).toBe(true);
  });

  it("does not start another program's service in its undo", async () => {
    await apply(ledger);
    await killedAt("install", () => apply(moved));
    machine.services.documents.set(WRITER_ID, foreign);
    expect(await recoverRegistration(machine, WRITER_ID)).toBe("registration undone");
    expect([stored(), runs()]).toEqual([foreign, false]);
  });

  it.each(["install", "start"] as const)("is undone when it was killed at %s", async (change) => {
    await killedAt(change, () => apply(ledger));
    expect(await recoverRegistration(machine, WRITER_ID)).toBe("registration undone");
    expect(stored()).toBeNull();
  });
});

const declared = planDeclared(
  manifestWith({ writer: { kind: "declared", components: [component], ...own } }),
);

describe("a writer that becomes one of another kind", () => {
  it("is never there twice", async () => {
    const both = (): boolean =>
      machine.services.read(WRITER_ID) !== null && machine.writers.read(WRITER_ID) !== null;
    machine.services.fault = () => expect(both()).toBe(false);
    machine.writers.fault = () => expect(both()).toBe(false);
    await apply(ledger, { declared: null });
    await apply(null, { declared });
    expect([stored(), machine.writers.read(WRITER_ID) !== null]).toEqual([null, true]);
    await apply(ledger, { declared: null });
    expect([stored(), machine.writers.read(WRITER_ID)]).toEqual([ledger.document, null]);
  });
});

describe("the record of a writer that becomes one of another kind", () => {
  it("has a version that earlier releases do not read", () => {
    if (declared === null) throw new Error("not declared");
    machine.records.write(WRITER_ID, {
      state: "registering",
      before: { values: [], keys: [] },
      tasks: [],
      previous: null,
      writer: { before: declared.document, written: null },
      service: { before: null, written: ledger.document },
    });
    expect(machine.records.texts.get(WRITER_ID)).toContain('"version":3');
  });
});

function conflicts(service: ServicePlan | null): ReturnType<typeof findConflicts> {
  const owned = ownedBy(machine, WRITER_ID);
  return findConflicts({ ...machine, manifest, plan, service, owned });
}

describe("another program's service", () => {
  it("is a conflict that nothing overrides", () => {
    machine.services.documents.set(WRITER_ID, foreign);
    const found = conflicts(ledger);
    expect(found).toMatchObject([{ kind: "writer", override: undefined }]);
    expect(found[0]?.text).toContain(`sc.exe delete ${NAME}`);
    expect(() => assertNoConflict(found, { force: true, update: true })).toThrow(
      expect.objectContaining({ code: "ERR_WSB_CONFLICT" }),
    );
    expect(conflicts(null)).toEqual([]);
  });

  it("is none that is not there, or is as ours would be", () => {
    expect(conflicts(ledger)).toEqual([]);
    machine.services.documents.set(WRITER_ID, ledger.document);
    expect(conflicts(ledger)).toEqual([]);
  });

  it("asks for --update where our own would change", async () => {
    await apply(ledger);
    expect(conflicts(moved)).toMatchObject([{ kind: "update", override: "--update" }]);
    expect(conflicts(ledger)).toEqual([]);
  });

  it("stays without a word where we have none", async () => {
    machine.services.documents.set(WRITER_ID, foreign);
    expect((await apply(null)).kept).toEqual([]);
    expect((await removeRegistration(machine, WRITER_ID)).kept).toEqual([]);
    expect(stored()).toBe(foreign);
  });

  it("stays, and is named, when ours is removed", async () => {
    await apply(ledger);
    machine.services.documents.set(WRITER_ID, foreign);
    const { kept } = await removeRegistration(machine, WRITER_ID);
    expect(kept).toEqual([expect.stringContaining(NAME)]);
    expect(stored()).toBe(foreign);
  });
});

describe("unregister", () => {
  it("removes the service", async () => {
    await apply(ledger);
    expect(await removeRegistration(machine, WRITER_ID)).toEqual({ changed: true, kept: [] });
    expect(stored()).toBeNull();
  });

  it("does not miss a service that somebody has deleted", async () => {
    await apply(ledger);
    machine.services.documents.clear();
    expect(await removeRegistration(machine, WRITER_ID)).toEqual({ changed: true, kept: [] });
  });

  it("leaves everything as it was, and the service running, when it cannot be deleted", async () => {
    await apply(ledger);
    const before = machine.api.snapshot();
    failAt(machine.services, "remove");
    await expect(removeRegistration(machine, WRITER_ID)).rejects.toThrow("no remove");
    expect(machine.api.snapshot()).toEqual(before);
    expect([stored(), runs()]).toEqual([ledger.document, true]);
  });

  it("is completed after a kill", async () => {
    await apply(ledger);
    await killedAt("remove", () => removeRegistration(machine, WRITER_ID));
    expect(await recoverRegistration(machine, WRITER_ID)).toBe("removal completed");
    expect(stored()).toBeNull();
  });

  it("finds by the manifest a service of which nothing else is left", async () => {
    machine.services.documents.set(WRITER_ID, ledger.document);
    const other = { parts: { service: moved.document } };
    expect(planRemoval(machine, WRITER_ID, plan, other)).toBeNull();
    const parts = { service: ledger.document };
    expect((await removeRegistration(machine, WRITER_ID, plan, { parts })).changed).toBe(true);
    expect(stored()).toBeNull();
  });
});

describe("status", () => {
  it.each([
    ["missing", () => machine.services.documents.clear()],
    ["changed", () => machine.services.documents.set(WRITER_ID, foreign)],
  ])("says that the service is %s", async (writerService, harm) => {
    await apply(ledger);
    harm();
    expect(inspectRegistration(machine, WRITER_ID)).toEqual({
      state: "drifted",
      drift: [],
      writerService,
    });
  });
});

describe("the record of a service", () => {
  it("has a version that earlier releases do not read", async () => {
    await apply(ledger);
    expect(machine.records.texts.get(WRITER_ID)).toContain('"version":3');
  });

  it.each([
    ["another program", foreign],
    ["another service's name", ledger.document.replace(NAME, "Spooler")],
    ["no service", "{}"],
    ["no JSON", "{"],
    ["no object", "1"],
    ["nothing", "null"],
    ["a number for a name", JSON.stringify({ ...JSON.parse(ledger.document), displayName: 5 })],
  ])("is refused when it names %s", async (_, document) => {
    await apply(ledger);
    const text = machine.records.texts.get(WRITER_ID) ?? "";
    const other = text.replaceAll(JSON.stringify(ledger.document), JSON.stringify(document));
    expect(other).not.toBe(text);
    machine.records.texts.set(WRITER_ID, other);
    expect(() => ownedBy(machine, WRITER_ID)).toThrow(
      expect.objectContaining({ code: "ERR_WSB_CONFLICT" }),
    );
  });
});

describe("planService", () => {
  it("quotes both paths, and names the service", () => {
    expect(JSON.parse(ledger.document)).toEqual({
      displayName: `${manifest.name} (VSS writer)`,
      commandLine: `"${nodeExe}" "C:\\Ledger 1\\writer.js" --service ${NAME}`,
    });
    expect(isServiceDocument(ledger.document, WRITER_ID)).toBe(true);
  });

  it("is nothing for another kind of writer", () => {
    const other: Manifest = manifestWith({ writer: { kind: "external" } });
    expect(planService(other, { nodeExe, writerScript: "C:\\writer.js" })).toBeNull();
  });

  it.each([
    ["C:\\100%\\node.exe", "C:\\writer.js"],
    ["C:\\node.exe", "C:\\%TEMP%\\writer.js"],
  ])("refuses what Windows would expand: %s, %s", (node, writerScript) => {
    expect(() => planService(manifest, { nodeExe: node, writerScript })).toThrow(
      expect.objectContaining({ code: "ERR_WSB_INVALID_ARGUMENT" }),
    );
  });

  it("registers the event source of an application without an add-in", () => {
    const alone = manifestWith({ writer, addin: undefined, services: [] });
    const entries = planRegistration(alone, { nodeExe, writerScript: "C:\\Ledger\\writer.js" });
    const key = eventSourceKey(`${alone.applicationIdentifier} (wsb-addin)`);
    const file = entries.find((one) => one.key === key && one.name === "EventMessageFile");
    expect(file?.value).toEqual(encodeString("C:\\Ledger\\wsb-addin.node"));
  });
});

type Api = Parameters<typeof writerServicesOn>[0];

function refuse(): never {
  throw new Error("not expected");
}

function servicesWith(api: Partial<NativeBinding>): ReturnType<typeof writerServicesOn> {
  return writerServicesOn({
    readRegistryValue: () => null,
    flushRegistryKey: () => {},
    installService: refuse,
    deleteService: refuse,
    changeService: refuse,
    queryService: async () => ({ state: "STOPPED", processId: 0, waitHintMs: 0, exitCode: 0 }),
    processInfo: refuse,
    waitForProcessExit: refuse,
    endProcess: refuse,
    ...api,
  } satisfies Api);
}

function ending(end: Partial<ServiceChangeEnd>): Pick<NativeBinding, "changeService"> {
  const ended = Promise.resolve({
    outcome: "reached" as const,
    state: "RUNNING" as const,
    exitCode: 0,
    ...end,
  });
  return { changeService: () => ({ ended, cancel: () => {} }) };
}

describe("the services of this machine", () => {
  const key = serviceKey(NAME);

  function registryWith(values: Readonly<Record<string, string>>): FakeRegistry {
    const registry = new FakeRegistry();
    registry.createRegistryKey(key);
    for (const [name, text] of Object.entries(values)) {
      const { type, data } = encodeString(text);
      registry.writeRegistryValue(key, name, type, data);
    }
    return registry;
  }

  const displayName = `${manifest.name} (VSS writer)`;
  const commandLine = `"${nodeExe}" "C:\\Ledger 1\\writer.js" --service ${NAME}`;
  const values = { DisplayName: displayName, ImagePath: commandLine };

  it("reads a service where the service manager keeps it", () => {
    const registry = registryWith(values);
    const { read } = servicesWith({
      readRegistryValue: (path, name) => registry.readRegistryValue(path, name),
    });
    expect(read(WRITER_ID)).toBe(ledger.document);
    expect(readServiceProgram(registry, WRITER_ID)).toEqual({
      nodeExe,
      writerScript: "C:\\Ledger 1\\writer.js",
    });
  });

  it("does not see one that is deleted and still held", () => {
    const registry = registryWith(values);
    const { type, data } = encodeNumber(1);
    registry.writeRegistryValue(key, "DeleteFlag", type, data);
    const { read } = servicesWith({
      readRegistryValue: (path, name) => registry.readRegistryValue(path, name),
    });
    expect(read(WRITER_ID)).toBeNull();
    expect(readServiceProgram(registry, WRITER_ID)).toBeUndefined();
  });

  it("is no program of the kit's when it runs something else", () => {
    expect(
      readServiceProgram(registryWith({ ...values, ImagePath: "C:\\x.exe" }), WRITER_ID),
    ).toBeUndefined();
  });

  it("says what to close when a deleted one is still held", async () => {
    const { install } = servicesWith({
      installService: async () => {
        throw new NativeError(0x8007_0430, "CreateServiceW");
      },
    });
    await expect(install(WRITER_ID, ledger.document)).rejects.toThrow("Close the window Services");
  });

  it("says where to look when another error of Windows prevents one", async () => {
    const { install } = servicesWith({
      installService: async () => {
        throw new NativeError(0x8007_0057, "CreateServiceW");
      },
    });
    await expect(install(WRITER_ID, ledger.document)).rejects.toMatchObject({
      code: "ERR_WSB_WINDOWS_API",
      hresult: 0x8007_0057,
      message: expect.stringContaining("errors of the Service Control Manager"),
    });
  });

  it("installs nothing that a document does not describe", async () => {
    await expect(servicesWith({}).install(WRITER_ID, "{}")).rejects.toThrow("No service: {}");
  });

  it("installs one that starts by itself, after what VSS needs, and is started again", async () => {
    let installed: unknown;
    const { install } = servicesWith({
      installService: async (definition) => {
        installed = definition;
      },
    });
    await install(WRITER_ID, ledger.document);
    expect(installed).toMatchObject({
      name: NAME,
      displayName,
      commandLine,
      account: "LocalSystem",
      dependsOn: ["RpcSs", "EventSystem"],
      recovery: { restartDelaysMs: [1000, 5000, 60_000] },
    });
  });

  it.each([
    [{ outcome: "lost", exitCode: 1 }, "ERR_WSB_WINDOWS_API", "exit code 1"],
    [{ outcome: "timedOut" }, "ERR_WSB_TIMEOUT", "120 s"],
  ] as const)("fails when the start ends with %j", async (end, code, text) => {
    const error = await servicesWith(ending(end))
      .start(WRITER_ID)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code });
    expect(String(error)).toContain(text);
  });

  it.each([
    ["does not start one that runs what was built last", 1000, false, []],
    ["starts one again that runs what was there before", -1000, true, ["STOPPED", "RUNNING"]],
  ] as const)("%s", async (_, laterMs, isStarted, expected) => {
    const folder = mkdtempSync(join(tmpdir(), "wsb-service-"));
    const file = join(folder, "writer.js");
    writeFileSync(file, "");
    const ImagePath = commandLine.replace("C:\\Ledger 1\\writer.js", file);
    const registry = registryWith({ ...values, ImagePath });
    const wanted: string[] = [];
    const { mtimeMs, birthtimeMs } = statSync(file);
    const startedMs = Math.floor(Math.max(mtimeMs, birthtimeMs)) + laterMs;
    const { start } = servicesWith({
      readRegistryValue: (path, name) => registry.readRegistryValue(path, name),
      queryService: async () => ({ state: "RUNNING", processId: 7, waitHintMs: 0, exitCode: 0 }),
      processInfo: (pid) => ({
        pid,
        startedAt: String(BigInt(startedMs + 11_644_473_600_000) * 10_000n),
        image: "node.exe",
      }),
      waitForProcessExit: () => ({ exited: Promise.resolve(), close: () => {} }),
      changeService: (name, state) => {
        wanted.push(state);
        return ending({ state }).changeService(name, state, 0);
      },
    });
    expect(await start(WRITER_ID)).toBe(isStarted);
    expect(wanted).toEqual(expected);
    rmSync(folder, { recursive: true });
  });

  it.each([
    ["whose process has just ended", commandLine, null],
    [
      "that runs no program of the kit",
      "C:\\fabrikam.exe",
      { pid: 7, startedAt: "1", image: "fabrikam.exe" },
    ],
  ])("does not call outdated, and start again, one %s", async (_, ImagePath, process) => {
    const registry = registryWith({ ...values, ImagePath });
    const { start } = servicesWith({
      readRegistryValue: (path, name) => registry.readRegistryValue(path, name),
      queryService: async () => ({ state: "RUNNING", processId: 7, waitHintMs: 0, exitCode: 0 }),
      processInfo: () => process,
    });
    expect(await start(WRITER_ID)).toBe(false);
  });

  it("stops before it deletes, and writes the deletion to the disk", async () => {
    const calls: string[] = [];
    const { remove } = servicesWith({
      changeService: (_, wanted) => {
        calls.push(wanted);
        return ending({ state: "STOPPED" }).changeService(NAME, wanted, 0);
      },
      deleteService: async () => {
        calls.push("delete");
        return true;
      },
      flushRegistryKey: (path) => {
        calls.push(`flush ${path}`);
      },
    });
    await remove(WRITER_ID);
    expect(calls).toEqual(["STOPPED", "delete", "flush SYSTEM"]);
  });

  it.each([
    ["has ended", true, ["wait 7", "close", "delete"]],
    ["does not end, and is ended", false, ["wait 7", "close", "end 7", "delete"]],
  ] as const)("deletes one whose process %s", async (_, ends, expected) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const calls: string[] = [];
    const { remove } = servicesWith({
      ...ending({ state: "STOPPED" }),
      queryService: async () => ({ state: "RUNNING", processId: 7, waitHintMs: 0, exitCode: 0 }),
      processInfo: (pid) => ({ pid, startedAt: "1", image: "node.exe" }),
      waitForProcessExit: (pid) => {
        calls.push(`wait ${pid}`);
        return {
          exited: ends ? Promise.resolve() : new Promise(() => {}),
          close: () => void calls.push("close"),
        };
      },
      endProcess: async (pid) => {
        calls.push(`end ${pid}`);
        return true;
      },
      deleteService: async () => {
        calls.push("delete");
        return true;
      },
    });
    const removed = remove(WRITER_ID);
    if (!ends) await vi.advanceTimersByTimeAsync(10_000);
    await removed;
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
    expect(calls).toEqual(expected);
  });

  it("does not delete one that somebody changes while it stops", async () => {
    const registry = registryWith(values);
    const { remove } = servicesWith({
      readRegistryValue: (path, name) => registry.readRegistryValue(path, name),
      changeService: (name, wanted) => {
        const { type, data } = encodeString("C:\\fabrikam.exe");
        registry.writeRegistryValue(key, "ImagePath", type, data);
        return ending({ state: "STOPPED" }).changeService(name, wanted, 0);
      },
    });
    await expect(remove(WRITER_ID)).rejects.toMatchObject({ code: "ERR_WSB_CONFLICT" });
  });

  it("is content when somebody deletes it while it stops", async () => {
    const registry = registryWith(values);
    const { remove } = servicesWith({
      readRegistryValue: (path, name) => registry.readRegistryValue(path, name),
      changeService: (name, wanted) => {
        registry.deleteRegistryValue(key, "ImagePath");
        return ending({ state: "STOPPED" }).changeService(name, wanted, 0);
      },
      deleteService: async () => {
        throw new Error("There is no such service.");
      },
    });
    await remove(WRITER_ID);
  });

  it("does not delete one that does not stop", async () => {
    const { remove } = servicesWith(ending({ outcome: "timedOut", state: "STOP_PENDING" }));
    await expect(remove(WRITER_ID)).rejects.toMatchObject({ code: "ERR_WSB_TIMEOUT" });
  });

  it("removes nothing where there is none", async () => {
    const { remove } = servicesWith({ queryService: async () => null });
    await remove(WRITER_ID);
  });
});
