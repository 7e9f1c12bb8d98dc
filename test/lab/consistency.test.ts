import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { HRESULT } from "../../src/base/hresult.ts";
import type { RemoteAddin } from "../../src/runtime/native/binding.ts";
import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import { activate, startCheck, statusOf, untilEnd } from "../helpers/lab/checks.ts";
import { probeCalls, untilProbe, type ProbeCall } from "../helpers/lab/probe.ts";
import {
  buildAddin,
  borrowTestLab,
  type TestAddin,
  type TestLab,
} from "../helpers/lab/test-lab.ts";

const BLOCK_MS = 3000;
// The kit promises about a second; a busy machine gets more.
const SOON_MS = 5000;

let testLab: TestLab;
let agent: Agent;

async function registerProbe(): Promise<TestAddin> {
  const addin = await buildAddin(testLab, "probe.ts", { lingerMs: 60_000 });
  await agent.register(addin.manifestFile, addin.serverScript);
  return addin;
}

function isAbortOf(name: string): (call: ProbeCall) => boolean {
  return ({ method, componentName }) => method === "abort" && componentName === name;
}

beforeAll(async () => {
  testLab = borrowTestLab();
  agent = await startAgent(testLab.lab);
});

afterAll(async () => {
  await agent.end();
  await testLab.remove();
});

describe("a check whose handler blocks the event loop", () => {
  let probe: TestAddin;
  let client: RemoteAddin;

  beforeEach(async () => {
    probe = await registerProbe();
    client = await activate(agent, probe);
  });
  afterEach(() => client.release());

  function isUnblocked(): boolean {
    return probeCalls(probe).some(({ method }) => method === "unblocked");
  }

  it("reports its status without JavaScript", async () => {
    const operation = await startCheck(client, `block-later:${BLOCK_MS}`);
    await untilProbe(probe, "the block", ({ method }) => method === "blocking");
    // Calls that need JavaScript wait.
    const waiting = client.isRollForwardSupported();
    for (let call = 0; call < 5; call += 1) {
      expect(await statusOf(operation)).toBe(HRESULT.WSBAPP_ASYNC_IN_PROGRESS);
    }
    expect(isUnblocked()).toBe(false);
    expect((await waiting).hresult).toBe(HRESULT.S_OK);
    expect(isUnblocked()).toBe(true);
    expect(await untilEnd(operation)).toBe(HRESULT.S_OK);
    await operation.release();
  });

  it("is aborted and released without JavaScript, which is told afterwards", async () => {
    const name = `block-later:${BLOCK_MS}:wait`;
    const operation = await startCheck(client, name);
    await untilProbe(probe, "the block", ({ method }) => method === "blocking");
    expect((await operation.abort()).hresult).toBe(HRESULT.S_OK);
    expect(await statusOf(operation)).toBe(HRESULT.E_ABORT);
    await operation.release();
    expect(isUnblocked()).toBe(false);
    await untilProbe(probe, "the handler's abort", isAbortOf(name));
  });
});

describe("a client that dies", () => {
  let probe: TestAddin;
  let client: RemoteAddin;
  let doomed: Agent;

  beforeEach(async () => {
    [probe, doomed] = await Promise.all([registerProbe(), startAgent(testLab.lab)]);
    client = await activate(agent, probe);
  });
  afterEach(async () => {
    await client.release();
    await doomed.end();
  });

  async function killClient(): Promise<void> {
    await doomed.crash();
  }

  it("ends only its own checks, soon, and the server continues", async () => {
    const others = await startCheck(client, "wait-for-abort:others");
    const lost = await activate(doomed, probe);
    await startCheck(lost, "wait-for-abort:lost 1");
    await startCheck(lost, "wait-for-abort:lost 2");
    await killClient();
    const started = performance.now();
    await untilProbe(probe, "the first abort", isAbortOf("wait-for-abort:lost 1"));
    await untilProbe(probe, "the second abort", isAbortOf("wait-for-abort:lost 2"));
    expect(performance.now() - started).toBeLessThan(SOON_MS);
    expect(await statusOf(others)).toBe(HRESULT.WSBAPP_ASYNC_IN_PROGRESS);
    expect((await client.isRollForwardSupported()).hresult).toBe(HRESULT.S_OK);
    await others.release();
  });

  it("also ends a check that it is just starting", async () => {
    const name = "block-then-wait:1500";
    const starting = startCheck(await activate(doomed, probe), name).catch(() => "gone");
    await untilProbe(probe, "the block", ({ method }) => method === "blocking");
    await killClient();
    expect(await starting).toBe("gone");
    await untilProbe(probe, "the abort", isAbortOf(name));
  });

  it("changes nothing after its check has ended", async () => {
    const operation = await startCheck(await activate(doomed, probe), "fine");
    expect(await untilEnd(operation)).toBe(HRESULT.S_OK);
    const { startedAt = "", pid = 0 } =
      (await agent.binding.processInfo(await doomed.processId())) ?? {};
    await killClient();
    await agent.untilExit(pid, startedAt);
    expect((await client.isRollForwardSupported()).hresult).toBe(HRESULT.S_OK);
    expect(probeCalls(probe).filter(({ method }) => method === "abort")).toEqual([]);
  });
});
