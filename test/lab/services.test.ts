import { readdirSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { HRESULT } from "../../src/base/hresult.ts";
import type { RemoteAddin, ServiceState } from "../../src/runtime/native/binding.ts";
import { processesWith } from "../../src/tools/lab/processes.ts";
import { runInLab } from "../../src/tools/lab/run.ts";
import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import { probeCalls } from "../helpers/lab/probe.ts";
import { installService, type TestService } from "../helpers/lab/service.ts";
import { buildAddin, makeTestLab, type TestAddin, type TestLab } from "../helpers/lab/test-lab.ts";
import { until } from "../helpers/until.ts";

const SERVICE_LIMIT_MS = 1500;
const LINGER_MS = 100;
const SLOW_MS = 300;

let testLab: TestLab;
let agent: Agent;
// Web depends on Ledger, Ledger on Store: a chain.
let store: TestService;
let ledger: TestService;
let web: TestService;
let stubborn: TestService;
let broken: TestService;
let slow: TestService;

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

const sc = (...args: readonly string[]): Promise<number> => runInLab(testLab.lab, "sc.exe", args);

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
  slow = await install(
    "WsbSlow",
    "--start-delay-ms",
    String(SLOW_MS),
    "--stop-delay-ms",
    String(SLOW_MS),
  );
  await install("WsbQuick");
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
    await agent.changeService("WsbWeb", { wanted: "STOPPED" });
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

  it("E: that could not start again fail the restore before any of them stops", async () => {
    await agent.binding.setServiceStartType("WsbLedger", "disabled", false);
    client = await clientOf(["WsbLedger"]);
    const result = await pre(client, "a");
    await agent.binding.setServiceStartType("WsbLedger", "manual", false);
    expect(result.hresult).toBe(HRESULT.WSBAPP_E_COMPONENT_PRE_RESTORE_FAILED);
    expect(result.description).toContain("WsbLedger (it is disabled)");
    expect(result.description).toContain("WsbWeb (it needs WsbLedger, which is disabled)");
    expect(await states(store, ledger, web)).toEqual(["RUNNING", "RUNNING", "RUNNING"]);
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
    const end = await agent
      .changeService(broken.name, { wanted: "RUNNING" })
      .catch((error: unknown) => error);
    expect([
      expect.objectContaining({ outcome: "lost", state: "STOPPED" }),
      expect.objectContaining({ hresult: HRESULT.ERROR_SERVICE_REQUEST_TIMEOUT }),
    ]).toContainEqual(end);
    await broken.untilState("STOPPED");
    expect((await agent.binding.queryService(broken.name))?.exitCode).not.toBe(0);
  });

  it("returns null for a service that does not exist", async () => {
    expect(await agent.binding.queryService("WsbNowhere")).toBeNull();
    expect(await agent.binding.describeService("WsbNowhere")).toBeNull();
  });

  it("refuses to stop or start a service that does not exist", async () => {
    const missing = { hresult: HRESULT.ERROR_SERVICE_DOES_NOT_EXIST, api: "OpenServiceW" };
    for (const wanted of ["STOPPED", "RUNNING"] as const) {
      await expect(agent.changeService("WsbNowhere", { wanted })).rejects.toMatchObject(missing);
    }
    await expect(
      agent.binding.setServiceStartType("WsbNowhere", "manual", false),
    ).rejects.toMatchObject(missing);
  });

  it("returns every dependency of a chain", async () => {
    const services = await agent.binding.listServiceDependencies();
    const find = (name: string) => services.find((service) => service.name === name);
    expect(find("WsbStore")).toMatchObject({ dependsOn: [] });
    expect(find("WsbLedger")).toMatchObject({ dependsOn: ["WsbStore"] });
    expect(find("WsbWeb")).toMatchObject({ dependsOn: ["WsbLedger"] });
  });

  it("describes a service", async () => {
    expect(await agent.binding.describeService("WsbLedger")).toEqual({
      state: "RUNNING",
      processId: expect.any(Number),
      waitHintMs: 0,
      exitCode: 0,
      startType: "manual",
      delayedStart: false,
      program: expect.stringMatching(/wsb-lab-service\.exe$/u),
      programExists: true,
      mayStart: true,
      dependsOn: ["WsbStore"],
    });
  });

  it("tells that a service's program is missing", async () => {
    const path = String.raw`C:\no such folder\program.exe`;
    expect(await sc("create", "WsbHollow", "binPath=", `${path} -run`, "start=", "demand")).toBe(0);
    expect(await agent.binding.describeService("WsbHollow")).toMatchObject({
      program: expect.stringMatching(/^C:\\no/u),
      programExists: false,
    });
    expect(await sc("delete", "WsbHollow")).toBe(0);
  });

  it("sets a start type and puts it back with its delay", async () => {
    const key = String.raw`SYSTEM\CurrentControlSet\Services\WsbStore`;
    const yes = new Uint8Array([1, 0, 0, 0]);
    await agent.binding.setServiceStartType("WsbStore", "automatic", false);
    await agent.binding.writeRegistryValue(key, "DelayedAutostart", 4, yes);
    const settings = async (): Promise<unknown> => {
      const found = await agent.binding.describeService("WsbStore");
      return [found?.startType, found?.delayedStart];
    };
    expect(await settings()).toEqual(["automatic", true]);
    await agent.binding.setServiceStartType("WsbStore", "manual", true);
    expect((await agent.binding.describeService("WsbStore"))?.startType).toBe("manual");
    await agent.binding.setServiceStartType("WsbStore", "automatic", true);
    expect(await settings()).toEqual(["automatic", true]);
    await agent.binding.deleteRegistryValue(key, "DelayedAutostart");
    await agent.binding.setServiceStartType("WsbStore", "manual", false);
  });
});

// A change looks at the service by itself only after a second: what is faster was told by Windows.
const LOOK_MS = 1000;

describe("a change of a service", () => {
  afterEach(async () => {
    await agent.changeService("WsbSlow", { wanted: "STOPPED" });
  });

  it("asks nothing of a service that is there already", async () => {
    const running = { outcome: "reached", state: "RUNNING" };
    expect(await agent.changeService("WsbStore", { wanted: "RUNNING" })).toMatchObject(running);
    const stopped = { outcome: "reached", state: "STOPPED" };
    expect(await agent.changeService("WsbBroken", { wanted: "STOPPED" })).toMatchObject(stopped);
  });

  it("ends within milliseconds of the service, without polling", async () => {
    const startsMs: number[] = [];
    const stopsMs: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      startsMs.push((await agent.changeService("WsbSlow", { wanted: "RUNNING" })).durationMs);
      stopsMs.push((await agent.changeService("WsbSlow", { wanted: "STOPPED" })).durationMs);
    }
    // The fastest of several, because other programs of the machine delay some.
    expect(Math.min(...startsMs)).toBeLessThan(LOOK_MS);
    expect(Math.min(...stopsMs)).toBeLessThan(SLOW_MS + 50);
  });

  it("stops a service that is starting once it runs, and starts one that is stopping", async () => {
    const starting = agent.changeService("WsbSlow", { wanted: "RUNNING" });
    await slow.untilState("START_PENDING");
    const stopping = agent.changeService("WsbSlow", { wanted: "STOPPED" });
    expect(await stopping).toMatchObject({ outcome: "reached", state: "STOPPED" });
    await starting;
    await slow.start();
    const stop = agent.changeService("WsbSlow", { wanted: "STOPPED" });
    await slow.untilState("STOP_PENDING");
    expect(await agent.changeService("WsbSlow", { wanted: "RUNNING" })).toMatchObject({
      outcome: "reached",
      state: "RUNNING",
    });
    await stop;
  });

  it("ends at its deadline, and the service goes on", async () => {
    await slow.start();
    const end = await agent.changeService("WsbSlow", { wanted: "STOPPED", timeoutMs: 50 });
    expect(end).toMatchObject({ outcome: "timedOut", state: "STOP_PENDING" });
    expect(end.durationMs).toBeLessThan(SLOW_MS);
    await slow.untilState("STOPPED");
  });

  it("ends at once when it is cancelled, and the service goes on", async () => {
    await slow.start();
    const end = await agent.changeService("WsbSlow", { wanted: "STOPPED", cancelAfterMs: 50 });
    expect(end.outcome).toBe("cancelled");
    expect(end.durationMs).toBeLessThan(SLOW_MS);
    await slow.untilState("STOPPED");
  });

  it("that is cancelled at once asks nothing of the service, or all of it", async () => {
    await agent.changeService("WsbSlow", { wanted: "RUNNING", cancelAfterMs: 0 });
    expect(["STOPPED", "START_PENDING", "RUNNING"]).toContain(await slow.state());
  });

  it("names Windows' refusal", async () => {
    await stubborn.start();
    await expect(agent.changeService("WsbStubborn", { wanted: "STOPPED" })).rejects.toMatchObject({
      hresult: 0x8007041c,
      api: "ControlService",
    });
  });
});

async function startAndStop(name: string): Promise<void> {
  await agent.changeService(name, { wanted: "RUNNING" });
  await agent.changeService(name, { wanted: "STOPPED" });
}

async function untilStarts(count: number): Promise<readonly string[]> {
  const seen: string[] = [];
  return until(`${count} starts`, async () => {
    seen.push(...(await agent.takeStarts()));
    return seen.length >= count ? seen : undefined;
  });
}

/** Counts the threads of the agent in Wine. */
function countThreads(): number {
  const { lab } = testLab;
  if (lab.kind === "machine") throw new Error("not a lab in Wine");
  const agents = processesWith("WINEPREFIX", lab.prefix).filter(({ commandLine }) =>
    commandLine.includes("lab-agent"),
  );
  expect(agents).toHaveLength(1);
  return readdirSync(`/proc/${String(agents[0]?.pid)}/task`).length;
}

async function strainAgent(): Promise<void> {
  await agent.watchServices(["WsbQuick", "WsbSlow"]);
  await startAndStop("WsbQuick");
  await agent.changeService("WsbSlow", { wanted: "RUNNING", cancelAfterMs: 5 });
  await agent.changeService("WsbSlow", { wanted: "STOPPED", timeoutMs: 5 });
}

// On Windows, only Windows counts the threads of another process.
describe.skipIf(process.platform === "win32")("changes and watches", () => {
  it("leave no thread behind, cancelled and timed out ones included", async () => {
    for (let count = 0; count < 5; count += 1) await strainAgent();
    const before = countThreads();
    for (let count = 0; count < 30; count += 1) await strainAgent();
    await agent.changeService("WsbSlow", { wanted: "STOPPED" });
    // A thread that waits for its service to stop ends some milliseconds after that.
    await until("the threads ended", () => (countThreads() <= before ? true : undefined));
    await agent.watchServices([]);
    await agent.takeStarts();
  });
});

describe("a watch on services", () => {
  afterEach(async () => {
    await agent.watchServices([]);
    await agent.takeStarts();
  });

  it("sees each start of a service that stops again at once", async () => {
    await agent.watchServices(["WsbQuick", "WsbNowhere", "WsbSlow"]);
    for (let round = 0; round < 5; round += 1) await startAndStop("WsbQuick");
    await startAndStop("WsbSlow");
    expect(await untilStarts(6)).toEqual([...Array(5).fill("WsbQuick"), "WsbSlow"]);
  });

  it("is silent about a service that runs from the beginning, until it starts anew", async () => {
    await agent.watchServices(["WsbWeb"]);
    await agent.changeService("WsbWeb", { wanted: "STOPPED" });
    expect(await agent.takeStarts()).toEqual([]);
    await web.start();
    expect(await untilStarts(1)).toEqual(["WsbWeb"]);
  });

  it("says nothing after it was closed", async () => {
    await agent.watchServices(["WsbQuick"]);
    await agent.watchServices([]);
    await startAndStop("WsbQuick");
    await agent.watchServices(["WsbSlow"]);
    await startAndStop("WsbSlow");
    expect(await untilStarts(1)).toEqual(["WsbSlow"]);
  });

  it("lets go of a service that is deleted", async () => {
    const brief = await installService(testLab, agent, "WsbBrief");
    await agent.watchServices(["WsbBrief", "WsbQuick"]);
    await brief.uninstall();
    await until("WsbBrief is gone", async () =>
      (await agent.binding.queryService("WsbBrief")) === null ? true : undefined,
    );
    await startAndStop("WsbQuick");
    expect(await untilStarts(1)).toEqual(["WsbQuick"]);
  });
});
