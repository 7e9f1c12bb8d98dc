import { setTimeout as delay } from "node:timers/promises";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { HRESULT } from "../../src/base/hresult.ts";
import type { RemoteAddin, ServiceState } from "../../src/runtime/native/binding.ts";
import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import { probeCalls } from "../helpers/lab/probe.ts";
import { installService, type TestService } from "../helpers/lab/service.ts";
import { buildAddin, makeTestLab, type TestAddin, type TestLab } from "../helpers/lab/test-lab.ts";

const SERVICE_LIMIT_MS = 1500;
const LINGER_MS = 100;

let testLab: TestLab;
let agent: Agent;
// Web depends on Ledger, Ledger on Store: a chain.
let store: TestService;
let ledger: TestService;
let web: TestService;
let stubborn: TestService;
let broken: TestService;

async function register(services: readonly string[]): Promise<TestAddin> {
  const addin = await buildAddin(testLab, "probe.ts", {
    services,
    serviceTimeoutMs: SERVICE_LIMIT_MS,
    lingerMs: LINGER_MS,
  });
  await agent.register(addin.manifestFile, addin.serverScript);
  return addin;
}

async function activate({ clsid }: TestAddin): Promise<RemoteAddin> {
  const { value } = await agent.binding.activate(clsid);
  if (value === undefined) throw new Error("cannot activate");
  return value;
}

async function clientOf(services: readonly string[]): Promise<RemoteAddin> {
  return activate(await register(services));
}

function states(
  ...services: readonly TestService[]
): Promise<readonly (ServiceState | undefined)[]> {
  return Promise.all(services.map((service) => service.state()));
}

const pre = (client: RemoteAddin, name: string) =>
  client.preRestore({
    writerMetadata: null,
    componentName: name,
    logicalPath: null,
    noRollForward: false,
  });
const post = (client: RemoteAddin, name: string) =>
  client.postRestore({
    writerMetadata: null,
    componentName: name,
    logicalPath: null,
    noRollForward: false,
  });

beforeAll(async () => {
  testLab = makeTestLab();
  agent = await startAgent(testLab.lab);
  const install = (name: string, ...args: readonly string[]) =>
    installService(testLab, agent, name, args);
  store = await install("WsbStore");
  ledger = await install("WsbLedger", "--depends", "WsbStore", "--stop-delay-ms", "200");
  web = await install("WsbWeb", "--depends", "WsbLedger", "--start-delay-ms", "200");
  stubborn = await install("WsbStubborn", "--refuse-stop");
  broken = await install("WsbBroken", "--fail-start");
});

beforeEach(async () => {
  for (const service of [store, ledger, web]) await service.start();
});

afterAll(async () => {
  await agent.end();
  await testLab.remove();
});

describe("services of a restore", () => {
  let client: RemoteAddin;

  afterEach(async () => {
    await client.release();
  });

  it("stop with their dependents before the first component and start after the last", async () => {
    client = await clientOf(["WsbStore"]);
    expect((await pre(client, "a")).hresult).toBe(HRESULT.S_OK);
    expect(await states(store, ledger, web)).toEqual(["STOPPED", "STOPPED", "STOPPED"]);
    await pre(client, "b");
    await post(client, "a");
    expect(await states(store, ledger, web)).toEqual(["STOPPED", "STOPPED", "STOPPED"]);
    expect((await post(client, "b")).hresult).toBe(HRESULT.S_OK);
    expect(await states(store, ledger, web)).toEqual(["RUNNING", "RUNNING", "RUNNING"]);
  });

  it("keep the process running while they are stopped, until a second client finishes the restore", async () => {
    const addin = await register(["WsbLedger"]);
    const first = await activate(addin);
    await pre(first, "a");
    await first.release();
    // Longer than the linger time, because nothing signals that nothing happens.
    await delay(5 * LINGER_MS);
    client = await activate(addin);
    expect((await post(client, "a")).hresult).toBe(HRESULT.S_OK);
    expect(await states(ledger, web)).toEqual(["RUNNING", "RUNNING"]);
    expect(new Set(probeCalls(addin).map(({ pid }) => pid)).size).toBe(1);
  });

  it("that were stopped before stay stopped", async () => {
    await agent.binding.requestServiceStop("WsbWeb");
    await web.untilState("STOPPED");
    client = await clientOf(["WsbLedger"]);
    await pre(client, "a");
    expect(await states(store, ledger, web)).toEqual(["RUNNING", "STOPPED", "STOPPED"]);
    await post(client, "a");
    expect(await states(store, ledger, web)).toEqual(["RUNNING", "RUNNING", "STOPPED"]);
  });

  it("run again after a handler failed, but only after the last component", async () => {
    client = await clientOf(["WsbLedger"]);
    await pre(client, "good");
    expect((await pre(client, "throw:no")).hresult).toBe(
      HRESULT.WSBAPP_E_COMPONENT_PRE_RESTORE_FAILED,
    );
    expect(await ledger.state()).toBe("STOPPED");
    await post(client, "good");
    expect(await states(ledger, web)).toEqual(["RUNNING", "RUNNING"]);
  });

  it("that fail to stop fail the restore with name and state, and the others run again", async () => {
    await stubborn.start();
    client = await clientOf(["WsbLedger", "WsbStubborn"]);
    const result = await pre(client, "a");
    expect(result.hresult).toBe(HRESULT.WSBAPP_E_COMPONENT_PRE_RESTORE_FAILED);
    expect(result.description).toContain("WsbStubborn");
    expect(await states(ledger, web, stubborn)).toEqual(["RUNNING", "RUNNING", "RUNNING"]);
  });

  it("that do not exist fail the restore with their name", async () => {
    client = await clientOf(["WsbLedger", "WsbNowhere"]);
    const result = await pre(client, "a");
    expect(result.hresult).toBe(HRESULT.WSBAPP_E_COMPONENT_PRE_RESTORE_FAILED);
    expect(result.description).toContain("WsbNowhere");
    expect(await states(ledger, web)).toEqual(["RUNNING", "RUNNING"]);
  });
});

describe("the service control manager", () => {
  it("reports a service that fails to start", async () => {
    // The service may end before Wine's manager notices it, which then reports that it did not
    // answer.
    await agent.binding.requestServiceStart(broken.name).catch((error: unknown) => {
      expect(error).toMatchObject({ hresult: HRESULT.ERROR_SERVICE_REQUEST_TIMEOUT });
    });
    await broken.untilState("STOPPED");
    expect(await agent.binding.queryService(broken.name)).toMatchObject({ state: "STOPPED" });
    expect((await agent.binding.queryService(broken.name))?.exitCode).not.toBe(0);
  });

  it("returns null for a service that does not exist", async () => {
    expect(await agent.binding.queryService("WsbNowhere")).toBeNull();
  });

  it("refuses to stop or start a service that does not exist", async () => {
    const missing = { hresult: HRESULT.ERROR_SERVICE_DOES_NOT_EXIST, api: "OpenServiceW" };
    await expect(agent.binding.requestServiceStop("WsbNowhere")).rejects.toMatchObject(missing);
    await expect(agent.binding.requestServiceStart("WsbNowhere")).rejects.toMatchObject(missing);
  });

  it("returns every dependency of a chain", async () => {
    const services = await agent.binding.listServiceDependencies();
    const find = (name: string) => services.find((service) => service.name === name);
    expect(find("WsbStore")).toMatchObject({ dependsOn: [] });
    expect(find("WsbLedger")).toMatchObject({ dependsOn: ["WsbStore"] });
    expect(find("WsbWeb")).toMatchObject({ dependsOn: ["WsbLedger"] });
  });

  it("tells whether a request changed anything", async () => {
    expect(await agent.binding.requestServiceStart("WsbStore")).toBe(false);
    expect(await agent.binding.requestServiceStop("WsbBroken")).toBe(false);
  });
});
