import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import { defineAddin, type AddinHandlers } from "../../../../src/runtime/addin/define-addin.ts";
import { serve } from "../../../../src/runtime/addin/server.ts";
import type { NativeBinding } from "../../../../src/runtime/native/binding.ts";
import { accessPermission } from "../../../../src/runtime/manifest/security-descriptor.ts";
import { checkCall, forever, restoreCall } from "../../../helpers/fakes/dispatch-bed.ts";
import { createFakeBinding } from "../../../helpers/fakes/fake-binding.ts";
import type { FakeServer } from "../../../helpers/fakes/fake-server.ts";
import { FakeServices } from "../../../helpers/fakes/fake-services.ts";
import { APP_ID, CLSID, minimalFields } from "../../../helpers/manifest.ts";
import { NativeError } from "../../../helpers/fakes/native-error.ts";

const machine = vi.hoisted(() => ({
  load: (): NativeBinding => {
    throw new Error("no binding yet");
  },
}));
vi.mock("../../../../src/runtime/native/binding.ts", () => ({ loadBinding: () => machine.load() }));

// A guardian is a separate process; here it watches until the test ends it.
const guardian = vi.hoisted(() => ({ end: (): void => {} }));
vi.mock("../../../../src/runtime/addin/spawn-guardian.ts", () => ({
  createGuardianKeeper: (options: { onOpen: () => void; onClose: () => void }) => () => {
    options.onOpen();
    guardian.end = options.onClose;
  },
}));

const folder = mkdtempSync(join(tmpdir(), "wsb-server-"));
const moduleUrl = pathToFileURL(join(folder, "server.js")).href;
const stray = process.listeners("uncaughtException");

beforeAll(() => {
  vi.stubEnv("ProgramData", folder);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  writeManifest({ clsid: CLSID, appId: APP_ID, services: ["Ledger"], lingerMs: 7 });
});
afterEach(() => {
  for (const listener of process.listeners("uncaughtException")) {
    if (!stray.includes(listener)) process.off("uncaughtException", listener);
  }
});

function writeManifest(fields: object): void {
  writeFileSync(join(folder, "wsb-addin.json"), JSON.stringify({ ...minimalFields, ...fields }));
}

function createProtectedFolder(path: string): void {
  mkdirSync(path, { recursive: true });
}

interface Served {
  readonly server: FakeServer;
  readonly services: FakeServices;
  readonly ended: Promise<number>;
}

async function start(handlers: AddinHandlers): Promise<Served> {
  const services = new FakeServices({ name: "Ledger" });
  const servers: FakeServer[] = [];
  const binding = createFakeBinding({
    services,
    createProtectedFolder,
    processInfo: (pid) => ({ pid, startedAt: "1", image: "C:\\client.exe" }),
    onServer: (server) => servers.push(server),
  });
  machine.load = () => binding;
  const ended = serve(async () => ({ default: defineAddin(handlers) }), moduleUrl);
  // The handlers are loaded before the class is served.
  await vi.waitUntil(() => servers.length > 0);
  const [server] = servers;
  if (server === undefined) throw new Error("startServer was not called");
  return { server, services, ended };
}

describe("serve", () => {
  it("serves the manifest's class, its interfaces and its limits", async () => {
    const { server, ended } = await start({ checkConsistency: async () => {} });
    expect(server.options).toMatchObject({
      clsid: CLSID,
      interfaces: { restore: true, backup: true },
      lingerMs: 7,
      accessDescriptor: accessPermission(["S-1-5-18", "S-1-5-32-544", "S-1-5-32-551"]),
    });
    // The shim's own limit must be later than the handler's.
    expect(server.options?.limitsMs.preRestore).toBeGreaterThan(900_000);
    server.emit({ kind: "idle" });
    await ended;
  });

  it("allows calls from the accounts in the manifest", async () => {
    const allow = ["SYSTEM", "Administrators"];
    writeManifest({ clsid: CLSID, appId: APP_ID, security: { allow } });
    const { server, ended } = await start({});
    expect(server.options?.accessDescriptor).toEqual(
      accessPermission(["S-1-5-18", "S-1-5-32-544"]),
    );
    server.emit({ kind: "idle" });
    await ended;
  });

  it.each([
    ["has its COM security already", 0x80010119, "inside a handler"],
    ["may not serve the class", 0x80004015, "Register it again"],
  ])("gives the next step when the process %s", async (_, hresult, advice) => {
    const startServer = (): never => {
      throw new NativeError(hresult, "CoInitializeSecurity");
    };
    machine.load = () => ({ ...createFakeBinding({ createProtectedFolder }), startServer });
    await expect(
      serve(async () => ({ default: defineAddin({}) }), moduleUrl),
    ).rejects.toMatchObject({
      code: "ERR_WSB_WINDOWS_API",
      hresult,
      message: expect.stringContaining(advice),
    });
    const logged = readFileSync(join(folder, "wsb-addin", CLSID, "addin.jsonl"), "utf8");
    expect(logged).toContain(advice);
  });

  it("stops serving and returns when it is idle, and not before", async () => {
    const { server, ended } = await start({});
    expect(server.stopped).toBe(false);
    server.emit({ kind: "idle" });
    await ended;
    expect(server.stopped).toBe(true);
  });

  it("is kept running only by an open restore session", async () => {
    const { server, services, ended } = await start({});
    expect(await server.deliver(restoreCall("preRestore")).reply).toEqual({ hresult: 0 });
    expect([server.holds, services.state("Ledger")]).toEqual([1, "STOPPED"]);
    expect(await server.deliver(restoreCall("postRestore")).reply).toEqual({ hresult: 0 });
    expect([server.holds, services.state("Ledger")]).toEqual([1, "RUNNING"]);
    guardian.end();
    expect(server.holds).toBe(0);
    server.emit({ kind: "idle" });
    await ended;
  });

  it("aborts the handler of an expired call", async () => {
    const { server, ended } = await start({ preRestore: forever });
    const { id, reply } = server.deliver(restoreCall("preRestore"));
    server.emit({ kind: "expired", id });
    expect((await reply).hresult).toBe(0x807a0002);
    server.emit({ kind: "idle" });
    await ended;
  });

  it("aborts a consistency check when its client aborts it", async () => {
    const { server, ended } = await start({
      checkConsistency: (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
        }),
    });
    const { id, reply } = server.deliver(checkCall());
    expect((await reply).startsOperation).toBe(true);
    server.emit({ kind: "abort", id, reason: "clientExited" });
    await vi.waitFor(() => expect(server.finished.get(id)).toBe(0x80004004));
    server.emit({ kind: "idle" });
    await ended;
  });

  it.each([
    ["an application without an add-in", {}],
    ["a manifest with a problem", { clsid: CLSID }],
  ])("refuses to serve %s", async (_, fields) => {
    writeManifest(fields);
    await expect(
      serve(async () => ({ default: defineAddin({}) }), moduleUrl),
    ).rejects.toMatchObject({
      code: "ERR_WSB_INVALID_MANIFEST",
    });
  });
});
