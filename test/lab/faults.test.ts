import { readFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { HRESULT } from "../../src/base/hresult.ts";
import { forgetDeadServers } from "../helpers/lab/forget-dead-servers.ts";
import type { EventLine } from "../../src/runtime/events/definitions.ts";
import { parseLine } from "../../src/runtime/events/line.ts";
import type { RemoteAddin } from "../../src/runtime/native/binding.ts";
import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import { installService, type TestService } from "../helpers/lab/service.ts";
import { probeCalls, untilProbe } from "../helpers/lab/probe.ts";
import {
  borrowTestLab,
  buildAddin,
  dataFolder,
  fixtureEntry,
  type TestAddin,
  type TestLab,
} from "../helpers/lab/test-lab.ts";

const LIMIT_MS = 500;
// Long, for tests that are not about a limit, because a busy machine is slow.
const GENEROUS_MS = 30_000;

let testLab: TestLab;
let agent: Agent;
let service: TestService;
let probe: TestAddin;
let client: RemoteAddin;
// Another add-in with short limits for the same service.
let hasty: TestAddin;
let hastyClient: RemoteAddin;

async function activate(addin: TestAddin): Promise<RemoteAddin> {
  const { hresult, value } = await agent.binding.activate(addin.clsid);
  if (value === undefined) throw new Error(`cannot activate: ${hresult.toString(16)}`);
  return value;
}

async function restore(componentName: string) {
  return client.preRestore({
    writerMetadata: null,
    componentName,
    logicalPath: null,
    noRollForward: false,
  });
}

function isFailureEvent(line: EventLine | undefined): boolean {
  return line?.event === "handlerFailed";
}

/** Returns the place of a part of the probe's source in the form of a stack frame. */
function placeOf(part: string): string {
  const source = readFileSync(fixtureEntry("probe.ts"), "utf8");
  const before = source.slice(0, source.indexOf(part)).split("\n");
  return `wsb-addin/test/fixtures/addins/probe.ts:${before.length}:${(before.at(-1) ?? "").length + 1}`;
}

beforeAll(async () => {
  testLab = borrowTestLab();
  agent = await startAgent(testLab.lab);
  service = await installService(testLab, agent, "WsbFaults");
  await service.start();
  const build = (limitMs: number): Promise<TestAddin> =>
    buildAddin(testLab, "probe.ts", {
      lingerMs: 60_000,
      services: [service.name],
      timeoutsMs: { preRestore: limitMs, postRestore: limitMs, checkConsistency: limitMs },
    });
  [probe, hasty] = await Promise.all([build(GENEROUS_MS), build(LIMIT_MS)]);
  for (const addin of [probe, hasty]) await agent.register(addin.manifestFile, addin.serverScript);
  [client, hastyClient] = await Promise.all([activate(probe), activate(hasty)]);
});

afterAll(async () => {
  await service.uninstall();
  await agent.end();
  await testLab.remove();
});

describe("a preRestore that fails", () => {
  it.each([
    ["throws", "throw:the ledger is locked", "the ledger is locked"],
    ["throws an emoji and a lone surrogate", "throw:\u{1F4D2} \uD83D", "\u{1F4D2} \uD83D"],
    ["throws nothing at all", "throw-nothing", "undefined"],
  ])("%s: the client gets the stage's HRESULT and the text, and services run", async (...args) => {
    const [, behaviour, text] = args;
    const result = await restore(behaviour);
    expect(result.hresult).toBe(HRESULT.WSBAPP_E_COMPONENT_PRE_RESTORE_FAILED);
    expect(result.description).toContain(text);
    expect(await service.state()).toBe("RUNNING");
  });

  it("gives the client its causes, and the events the line of TypeScript that threw", async () => {
    const text = "Cannot flush: the disk is gone";
    const result = await restore("throw-caused:Cannot flush:the disk is gone");
    expect(result.description).toBe(text);
    const events = readFileSync(join(dataFolder(testLab, probe), "addin.jsonl"), "utf8");
    const failure = events.split("\n").map(parseLine).findLast(isFailureEvent);
    const inner = `at behave (${placeOf("new Error(then)")})`;
    expect(failure).toMatchObject({
      text,
      stack: [
        `at behave (${placeOf("new Error(argument, {")})`,
        expect.stringContaining("probe.ts:"),
      ],
      causes: [{ name: "Error", text: "the disk is gone", stack: expect.arrayContaining([inner]) }],
    });
  });

  it.each([
    ["E_ACCESSDENIED", HRESULT.E_ACCESSDENIED, "0x80070005"],
    ["a signed HRESULT", HRESULT.E_OUTOFMEMORY | 0, "0x8007000E"],
    ["a success code", HRESULT.S_FALSE, ""],
  ])("L: naming %s yields the interface's own failure, the code in the text", async (...args) => {
    const [, named, shown] = args;
    const { hresult, description } = await restore(`throw-hresult:${named}`);
    expect(hresult).toBe(HRESULT.WSBAPP_E_COMPONENT_PRE_RESTORE_FAILED);
    expect(description).toContain(shown);
    expect(await service.state()).toBe("RUNNING");
  });

  it.each(["hang", "wait-for-abort"])(
    "L: by not settling (%s) yields its own failure at its limit, and services run",
    async (behaviour) => {
      const started = performance.now();
      const result = await hastyClient.preRestore({
        writerMetadata: null,
        componentName: behaviour,
        logicalPath: null,
        noRollForward: false,
      });
      expect(result.hresult).toBe(HRESULT.WSBAPP_E_COMPONENT_PRE_RESTORE_FAILED);
      expect(result.description).toContain(String(LIMIT_MS));
      expect(performance.now() - started).toBeLessThan(20 * LIMIT_MS);
      await service.untilState("RUNNING");
    },
  );

  it("L: by blocking the event loop yields its own failure before the block ends", async () => {
    const started = performance.now();
    const result = await hastyClient.preRestore({
      writerMetadata: null,
      componentName: "block:5000",
      logicalPath: null,
      noRollForward: false,
    });
    expect(result.hresult).toBe(HRESULT.WSBAPP_E_COMPONENT_PRE_RESTORE_FAILED);
    expect(performance.now() - started).toBeLessThan(4500);
    await service.untilState("RUNNING");
  });
});

describe("a postRestore that fails", () => {
  it("still starts the services", async () => {
    // Prepares one name and fails with another; to the session, both are the same component.
    expect(
      (
        await client.preRestore({
          writerMetadata: null,
          componentName: "late-throw:",
          logicalPath: "x",
          noRollForward: false,
        })
      ).hresult,
    ).toBe(HRESULT.S_OK);
    expect(await service.state()).toBe("STOPPED");
    const result = await client.postRestore({
      writerMetadata: null,
      componentName: "late-throw:",
      logicalPath: "x",
      noRollForward: false,
    });
    expect(result.hresult).toBe(HRESULT.S_OK);
    expect(await service.state()).toBe("RUNNING");
  });

  it("returns the stage's HRESULT and the text, and the services run", async () => {
    const result = await client.postRestore({
      writerMetadata: null,
      componentName: "throw:cannot roll back",
      logicalPath: null,
      noRollForward: false,
    });
    expect(result.hresult).toBe(HRESULT.WSBAPP_E_COMPONENT_POST_RESTORE_FAILED);
    expect(result.description).toContain("cannot roll back");
    expect(await service.state()).toBe("RUNNING");
  });
});

describe("a consistency check that never settles", () => {
  it("ends with ERROR_TIMEOUT at its limit", async () => {
    const { value: operation } = await hastyClient.checkConsistency({
      writerMetadata: null,
      componentName: "hang",
      logicalPath: null,
      sourceVolumePaths: null,
      snapshotVolumePaths: null,
    });
    await untilProbe(hasty, "the abort", (call) => call["componentName"] === "hang");
    await expect
      .poll(async () => (await operation?.queryStatus())?.value, { timeout: 10_000 })
      .toBe(HRESULT.ERROR_TIMEOUT);
    await operation?.release();
  });
});

describe("a handler that calls process.exit", () => {
  it("fails its caller with a text, and the server continues", async () => {
    const { hresult, description } = await restore("exit:0");
    expect(hresult).toBe(HRESULT.WSBAPP_E_COMPONENT_PRE_RESTORE_FAILED);
    expect(description).toContain("process.exit(0)");
    expect((await restore("fine")).hresult).toBe(HRESULT.S_OK);
  });
});

// The last test, because it ends the server of the others.
describe("a handler that ends the process", () => {
  it("fails its caller, and the next activation serves again", async () => {
    const { hresult } = await restore("die");
    expect(hresult >>> 31).toBe(1);
    await forgetDeadServers(testLab.lab);
    client = await activate(probe);
    expect((await client.isRollForwardSupported()).hresult).toBe(HRESULT.S_OK);
    // Wine's COM may start more than one server until it notices that the first has ended.
    const starts = probeCalls(probe).filter(({ method }) => method === "start");
    expect(new Set(starts.map(({ pid }) => pid)).size).toBeGreaterThan(1);
  });
});
