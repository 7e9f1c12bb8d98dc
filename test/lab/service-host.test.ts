import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { killProcesses, processesWith } from "../../src/tools/lab/processes.ts";
import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import { SET_ID, startRequester } from "../helpers/lab/requester.ts";
import { makeTestLab, type TestLab } from "../helpers/lab/test-lab.ts";
import { WriterBed, writerSettings } from "../helpers/lab/writer-process.ts";
import { WriterService, serviceDefinition } from "../helpers/lab/writer-service.ts";
import { until } from "../helpers/until.ts";

const ERROR_FAILED_SERVICE_CONTROLLER_CONNECT = 0x80070427;
const ERROR_SERVICE_EXISTS = 0x80070431;
const SERVICE_SPECIFIC = 1066;
const RETRYABLE = 0x800423f3;
const CYCLES = 20;

let testLab: TestLab;
let agent: Agent;
let bed: WriterBed;
let service: WriterService;
let impatient: WriterService;

async function untilStopped({ name }: WriterService): Promise<number> {
  return until(`${name} STOPPED`, async () => {
    const status = await agent.binding.queryService(name);
    return status?.state === "STOPPED" ? status.exitCode : undefined;
  });
}

/** Starts the service with a writer, and a backup up to its freeze. */
async function freeze() {
  const settings = writerSettings();
  const writer = await service.start();
  writer.say({ say: "create", settings });
  await writer.next("subscribed");
  const requester = await startRequester(testLab.lab, settings.id);
  for (const command of [
    ["prepareBackup", "5", "0"],
    ["prepareSnapshot", SET_ID, "C:\\"],
  ] as const) {
    const answer = requester.event(...command);
    writer.say({ say: "complete", id: await writer.request(command[0]) });
    await writer.next("completed");
    await answer;
  }
  const frozen = requester.event("freeze");
  return { writer, requester, frozen, id: await writer.request("freeze") };
}

beforeAll(async () => {
  testLab = makeTestLab();
  [agent, bed] = await Promise.all([startAgent(testLab.lab), WriterBed.open(testLab)]);
  service = await WriterService.install(testLab, agent, bed, "WsbWriter");
  impatient = await WriterService.install(testLab, agent, bed, "WsbImpatient", {
    startLimitMs: 1500,
    stopLimitMs: 1500,
  });
});

afterAll(async () => {
  await bed.close();
  await agent.end();
  await testLab.remove();
});

describe("a service of node.exe", () => {
  it("starts and stops twenty times, and its process exits each time", async () => {
    for (let cycle = 0; cycle < CYCLES; cycle += 1) {
      const writer = await service.start();
      const stopped = service.stop();
      expect(await writer.next("stop")).toMatchObject({ reason: "stop" });
      writer.say({ say: "stopped", exitCode: 0 });
      await writer.next("ended");
      expect(await stopped).toMatchObject({ outcome: "reached", exitCode: 0 });
      expect(await writer.gone()).toEqual([]);
    }
  });

  it("is starting and stopping while its event loop is blocked", async () => {
    const { writer, change } = await service.begin();
    writer.say({ say: "block", durationMs: 2000 });
    await writer.next("blocking");
    expect(await service.state()).toBe("START_PENDING");
    await writer.next("unblocked");
    writer.say({ say: "ready" });
    await writer.next("readied");
    expect(await change).toMatchObject({ outcome: "reached" });
    writer.say({ say: "block", durationMs: 2000 });
    await writer.next("blocking");
    const stopped = service.stop();
    await until("STOP_PENDING", async () =>
      (await service.state()) === "STOP_PENDING" ? true : undefined,
    );
    await writer.next("unblocked");
    await writer.next("stop");
    writer.say({ say: "stopped", exitCode: 0 });
    expect(await stopped).toMatchObject({ outcome: "reached" });
  });

  it("ends at its limit when JavaScript hangs while it starts", async () => {
    const { writer, change } = await impatient.begin();
    writer.say({ say: "block", durationMs: 60_000 });
    await writer.next("blocking");
    expect(await untilStopped(impatient)).toBe(SERVICE_SPECIFIC);
    expect(await change).toMatchObject({ outcome: "lost" });
    await writer.gone();
  });

  it("ends at its limit when JavaScript hangs while it stops", async () => {
    const writer = await impatient.start();
    writer.say({ say: "block", durationMs: 60_000 });
    await writer.next("blocking");
    expect(await impatient.stop()).toMatchObject({
      outcome: "reached",
      exitCode: SERVICE_SPECIFIC,
    });
    await writer.gone();
  });

  it("shows a failed start with the service's own exit code", async () => {
    const { writer, change } = await service.begin();
    writer.say({ say: "stopped", exitCode: 42 });
    await writer.next("ended");
    expect(await change).toMatchObject({ outcome: "lost", exitCode: SERVICE_SPECIFIC });
  });

  it.each(["shutdown", "preshutdown"] as const)("learns of a %s once", async (kind) => {
    const writer = await service.start();
    await service.playShutdown(kind);
    expect(await writer.next("stop")).toMatchObject({ reason: kind });
    expect(await service.state()).toBe("STOP_PENDING");
    writer.say({ say: "stopped", exitCode: 0 });
    await writer.next("ended");
    expect(await untilStopped(service)).toBe(0);
    expect(await writer.gone()).toEqual([]);
  });

  it("is refused by name when it is started by hand", async () => {
    const writer = await bed.start({ name: "WsbByHand", startLimitMs: 1000, stopLimitMs: 1000 });
    expect(await writer.next("failed")).toMatchObject({
      what: "started",
      error: {
        hresult: ERROR_FAILED_SERVICE_CONTROLLER_CONNECT,
        api: "StartServiceCtrlDispatcherW",
      },
    });
    writer.say({ say: "exit", exitCode: 0 });
    await writer.ended;
  });
});

describe("a writer in a service", () => {
  it("fails a freeze when it is stopped, and unsubscribes before it says STOPPED", async () => {
    const { writer, requester, frozen, id } = await freeze();
    const stopped = service.stop();
    await writer.next("stop");
    const failure = { hresult: RETRYABLE, applicationHresult: 0, message: "The service stops." };
    writer.say({ say: "complete", id, failure });
    expect(await writer.next("completed")).toMatchObject({ wasInTime: true });
    expect(await frozen).toMatchObject({
      outcome: "failed",
      hresult: RETRYABLE,
      message: failure.message,
    });
    writer.say({ say: "unsubscribe" });
    await writer.next("unsubscribed");
    expect(await service.state()).toBe("STOP_PENDING");
    writer.say({ say: "stopped", exitCode: 0 });
    await writer.next("ended");
    expect(await stopped).toMatchObject({ outcome: "reached", exitCode: 0 });
    await requester.end();
  });

  it.runIf(process.platform !== "win32")(
    "that is killed in a freeze ends the requester's call at once",
    async () => {
      const { writer, requester, frozen } = await freeze();
      const { lab } = testLab;
      if (lab.kind !== "wine") throw new Error("this is no Wine");
      await killProcesses(
        processesWith("WINEPREFIX", lab.prefix).filter(({ commandLine }) =>
          /raw-writer.*WsbWriter/u.test(commandLine),
        ),
      );
      expect(await frozen).toMatchObject({ outcome: "gone" });
      await writer.gone();
      await requester.end();
    },
  );
});

describe("installService", () => {
  it("installs an automatic service with its dependencies and its time at a shutdown", async () => {
    const name = "WsbInstalled";
    const definition = {
      ...serviceDefinition(testLab, bed, name),
      dependsOn: ["RpcSs", "EventSystem"],
    };
    await agent.binding.installService(definition);
    expect(await agent.binding.describeService(name)).toMatchObject({
      state: "STOPPED",
      startType: "automatic",
      program: testLab.lab.nodeExe,
      dependsOn: ["RpcSs", "EventSystem"],
    });
    const key = `SYSTEM\\CurrentControlSet\\Services\\${name}`;
    const preshutdown = await agent.binding.readRegistryValue(key, "PreshutdownTimeout");
    expect(Buffer.from(preshutdown?.data ?? []).readUInt32LE()).toBe(definition.preshutdownMs);
    await expect(agent.binding.installService(definition)).rejects.toMatchObject({
      hresult: ERROR_SERVICE_EXISTS,
    });
    expect(await agent.binding.deleteService(name)).toBe(true);
    expect(await agent.binding.describeService(name)).toBeNull();
    expect(await agent.binding.deleteService(name)).toBe(false);
  });
});
