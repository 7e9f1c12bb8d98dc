import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { HRESULT } from "../../src/base/hresult.ts";
import { forgetDeadServers } from "../helpers/lab/forget-dead-servers.ts";
import type { RemoteAddin } from "../../src/runtime/native/binding.ts";
import { fromWindowsPath } from "../../src/tools/lab/paths.ts";
import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import { probeCalls, untilProbe } from "../helpers/lab/probe.ts";
import { until } from "../helpers/until.ts";
import {
  buildAddin,
  borrowTestLab,
  dataFolder,
  type TestAddin,
  type TestLab,
} from "../helpers/lab/test-lab.ts";

const LINGER_MS = 300;

let testLab: TestLab;
let agent: Agent;
let other: Agent;

async function registerProbe(lingerMs: number): Promise<TestAddin> {
  const addin = await buildAddin(testLab, "probe.ts", { lingerMs });
  await agent.register(addin.manifestFile, addin.serverScript);
  return addin;
}

async function activate(client: Agent, addin: TestAddin): Promise<RemoteAddin> {
  const { hresult, value } = await client.binding.activate(addin.clsid);
  expect(hresult).toBe(HRESULT.S_OK);
  if (value === undefined) throw new Error("no object");
  return value;
}

function startsOf(addin: TestAddin): readonly number[] {
  return probeCalls(addin)
    .filter(({ method }) => method === "start")
    .map(({ pid }) => pid);
}

/** Replaces the built file as a build does. */
function buildAgain({ serverScript }: TestAddin): void {
  appendFileSync(fromWindowsPath(testLab.lab, serverScript), "// newer\n");
}

beforeAll(async () => {
  testLab = borrowTestLab();
  agent = await startAgent(testLab.lab);
  other = await startAgent(testLab.lab);
});

afterAll(async () => {
  await Promise.all([agent.end(), other.end()]);
  await testLab.remove();
});

describe("a server", () => {
  it("is started by COM with -Embedding and exits with 0 when nobody uses it", async () => {
    const addin = await registerProbe(LINGER_MS);
    const client = await activate(agent, addin);
    expect(probeCalls(addin)[0]).toMatchObject({ method: "start", argv: ["-Embedding"] });
    await client.release();
    const exit = await untilProbe(addin, "the exit", ({ method }) => method === "exit");
    expect(exit).toMatchObject({ code: 0 });
    expect(startsOf(addin)).toEqual([exit.pid]);
  });

  it("is started again after it has exited", async () => {
    const addin = await registerProbe(LINGER_MS);
    await (await activate(agent, addin)).release();
    const first = await untilProbe(addin, "the exit", ({ method }) => method === "exit");
    const client = await activate(agent, addin);
    expect(
      (
        await client.preRestore({
          writerMetadata: null,
          componentName: "a",
          logicalPath: null,
          noRollForward: false,
        })
      ).hresult,
    ).toBe(HRESULT.S_OK);
    await client.release();
    expect(startsOf(addin)).toHaveLength(2);
    expect(startsOf(addin)[0]).toBe(first.pid);
  });

  it("serves two clients at the same time from one process, each with its own object", async () => {
    const addin = await registerProbe(LINGER_MS);
    const one = await activate(agent, addin);
    const two = await activate(other, addin);
    const [slow, fast] = await Promise.all([
      one.checkConsistency({
        writerMetadata: null,
        componentName: "wait-for-abort",
        logicalPath: null,
        sourceVolumePaths: null,
        snapshotVolumePaths: null,
      }),
      two.preRestore({
        writerMetadata: null,
        componentName: "two",
        logicalPath: null,
        noRollForward: false,
      }),
    ]);
    expect(fast.hresult).toBe(HRESULT.S_OK);
    expect((await slow.value?.queryStatus())?.value).toBe(HRESULT.WSBAPP_ASYNC_IN_PROGRESS);
    // The first client ends; the second one's object stays.
    await slow.value?.release();
    await one.release();
    expect(
      (
        await two.postRestore({
          writerMetadata: null,
          componentName: "two",
          logicalPath: null,
          noRollForward: false,
        })
      ).hresult,
    ).toBe(HRESULT.S_OK);
    await two.release();
    expect(startsOf(addin)).toHaveLength(1);
    await untilProbe(addin, "the exit", ({ method }) => method === "exit");
  });

  it("stays while a check is held, even after the add-in object was released", async () => {
    const addin = await registerProbe(LINGER_MS);
    const client = await activate(agent, addin);
    const check = await client.checkConsistency({
      writerMetadata: null,
      componentName: "wait-for-abort",
      logicalPath: null,
      sourceVolumePaths: null,
      snapshotVolumePaths: null,
    });
    await client.release();
    // A wait, because nothing signals that nothing happens.
    await delay(3 * LINGER_MS);
    expect((await check.value?.queryStatus())?.value).toBe(HRESULT.WSBAPP_ASYNC_IN_PROGRESS);
    await check.value?.release();
    await untilProbe(addin, "the exit", ({ method }) => method === "exit");
  });

  it("answers every activation that races with its exit", async () => {
    // Without a linger time, each release ends the server during the next activation.
    const addin = await registerProbe(0);
    for (let round = 0; round < 5; round += 1) {
      const client = await activate(round % 2 === 0 ? agent : other, addin);
      const { hresult } = await client.isRollForwardSupported();
      expect(hresult, `round ${round}`).toBe(HRESULT.S_OK);
      await client.release();
    }
    const exits = await untilProbe(addin, "an exit", ({ method }) => method === "exit");
    expect(exits).toMatchObject({ code: 0 });
  });

  it("that lingers makes way for a newer build", async () => {
    const addin = await registerProbe(60_000);
    await (await activate(agent, addin)).release();
    buildAgain(addin);
    await (await activate(agent, addin)).release();
    await (await activate(other, addin)).release();
    expect(new Set(startsOf(addin)).size).toBe(2);
    const exit = await untilProbe(addin, "the exit", ({ method }) => method === "exit");
    expect(exit).toMatchObject({ pid: startsOf(addin)[0], code: 0 });
  });

  it("that somebody uses serves on with its older build, and says so", async () => {
    const addin = await registerProbe(60_000);
    const user = await activate(agent, addin);
    buildAgain(addin);
    await (await activate(other, addin)).release();
    expect(startsOf(addin)).toHaveLength(1);
    const events = join(dataFolder(testLab, addin), "addin.jsonl");
    await until(
      "the event",
      () => readFileSync(events, "utf8").includes('"buildReplaced"') || undefined,
    );
    await user.release();
    await (await activate(other, addin)).release();
    expect(startsOf(addin)).toHaveLength(2);
  });

  it("that was killed fails its client and is replaced for the next client", async () => {
    const addin = await registerProbe(60_000);
    const client = await activate(agent, addin);
    const [pid = 0] = startsOf(addin);
    await agent.kill(pid);
    const { hresult } = await client.preRestore({
      writerMetadata: null,
      componentName: "a",
      logicalPath: null,
      noRollForward: false,
    });
    expect(hresult >>> 31).toBe(1);
    await forgetDeadServers(testLab.lab);
    const next = await activate(agent, addin);
    expect(
      (
        await next.preRestore({
          writerMetadata: null,
          componentName: "a",
          logicalPath: null,
          noRollForward: false,
        })
      ).hresult,
    ).toBe(HRESULT.S_OK);
    expect(startsOf(addin)).toHaveLength(2);
  });
});
