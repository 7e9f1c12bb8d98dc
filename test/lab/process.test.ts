import type { ProcessIdentity } from "../../src/base/process-identity.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { HRESULT } from "../../src/base/hresult.ts";
import { toWindowsPath } from "../../src/tools/lab/paths.ts";
import { runInLab } from "../../src/tools/lab/run.ts";
import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import { labProgram } from "../helpers/lab/lab-programs.ts";
import { untilProbe } from "../helpers/lab/probe.ts";
import { registerRawAddin } from "../helpers/lab/raw-addin.ts";
import { borrowTestLab, type TestLab } from "../helpers/lab/test-lab.ts";

// Windows' ids are multiples of four; this id is far above any real one.
const NOBODY = 4_294_967_292;
const FILETIME_EPOCH_MS = 11_644_473_600_000;
const TICKS_PER_MS = 10_000n;

let testLab: TestLab;
let agent: Agent;
let other: Agent;
let startedMs: number;

async function infoOf(process: Agent): Promise<ProcessIdentity> {
  const info = await agent.binding.processInfo(await process.processId());
  if (info === null) throw new Error("the process has ended");
  return info;
}

/** Runs left-behind.ts, waits until it ends and returns its output. */
async function leaveBehind(what: string, when: string): Promise<string> {
  const { lab } = testLab;
  let output = "";
  const keep = (text: string): void => {
    output += text;
  };
  const args = [toWindowsPath(lab, labProgram("left-behind")), what, when];
  const code = await runInLab(lab, lab.nodeExe, args, { onStdout: keep, onStderr: keep });
  expect(code, output).toBe(0);
  return output.trim();
}

beforeAll(async () => {
  testLab = borrowTestLab();
  startedMs = Date.now();
  [agent, other] = await Promise.all([startAgent(testLab.lab), startAgent(testLab.lab)]);
});

afterAll(async () => {
  await Promise.all([agent.end(), other.end()]);
  await testLab.remove();
});

describe("processInfo", () => {
  it("identifies a process by id, creation time and program", async () => {
    const info = await infoOf(other);
    expect(info.pid).toBe(await other.processId());
    expect(info.image.toLowerCase()).toBe(testLab.lab.nodeExe.toLowerCase());
    const createdMs = Number(BigInt(info.startedAt) / TICKS_PER_MS) - FILETIME_EPOCH_MS;
    expect(createdMs).toBeGreaterThan(startedMs - 1000);
    expect(createdMs).toBeLessThan(Date.now() + 1000);
    expect(await infoOf(other)).toEqual(info);
  });

  it.each([0, NOBODY])("finds no process %i", async (pid) => {
    expect(await agent.binding.processInfo(pid)).toBeNull();
  });
});

describe("endProcess", () => {
  it("ends that process alone, and says whether it did", async () => {
    const doomed = await startAgent(testLab.lab);
    const { pid, startedAt } = await infoOf(doomed);
    const later = String(BigInt(startedAt) + 1n);
    expect(await agent.binding.endProcess(pid, later)).toBe(false);
    expect(await agent.isAlive(pid)).toBe(true);
    expect(await agent.binding.endProcess(pid, startedAt)).toBe(true);
    expect(await agent.binding.processInfo(pid)).toBeNull();
    expect(await agent.binding.endProcess(pid, startedAt)).toBe(false);
    await doomed.end();
  });

  it("finds no process with an unused id", async () => {
    expect(await agent.binding.endProcess(NOBODY, "1")).toBe(false);
  });
});

describe("waitForProcessExit", () => {
  it("resolves every wait at the exit, except closed ones", async () => {
    const doomed = await startAgent(testLab.lab);
    const { pid, startedAt } = await infoOf(doomed);
    let alive = true;
    const waits = Array.from({ length: 100 }, async () => {
      await agent.untilExit(pid, startedAt);
      return alive;
    });
    const closed = agent.staysClosed(pid, startedAt);
    // A later request was answered, so the waits have started, and none has settled.
    expect(await agent.isAlive(pid)).toBe(true);
    alive = false;
    await other.kill(pid);
    expect(await Promise.all(waits)).toEqual(waits.map(() => false));
    expect(await closed).toBe(true);
    await doomed.end();
    expect(await agent.binding.processInfo(pid)).toBeNull();
    await agent.untilExit(pid, startedAt);
  });

  it("treats another process with the id as an exit", async () => {
    const { pid, startedAt } = await infoOf(other);
    await agent.untilExit(pid, String(BigInt(startedAt) + 1n));
    expect(await agent.isAlive(pid)).toBe(true);
  });

  it("treats an unused id as an exit", async () => {
    await agent.untilExit(NOBODY, "1");
  });

  it.each(["", "-1", "0x1", "1 ", "18446744073709551616"])("refuses %j as a time", async (text) => {
    await expect(agent.binding.waitForProcessExit(NOBODY, text)).rejects.toThrow(/must be/u);
  });

  it.each([
    ["a closed wait", "at last"],
    ["a wait", "at exit"],
    ["a wait", "in a worker"],
  ])("lets its process end with %s %s", async (what, when) => {
    expect(await leaveBehind(what, when)).toBe("");
  });
});

describe("watchServices", () => {
  it.each(["at last", "at exit", "in a worker"])("lets its process end %s", async (when) => {
    expect(await leaveBehind("a watch", when)).toBe("");
  });
});

describe("startProcess", () => {
  it.each(["at exit", "in a worker"])("ends a program that is left running %s", async (when) => {
    const pid = Number(await leaveBehind("a program", when));
    expect(pid).toBeGreaterThan(0);
    expect(await agent.binding.processInfo(pid)).toBeNull();
  });

  it("names the Windows function that failed", async () => {
    const options = {
      file: "C:\\missing\\program.exe",
      commandLine: "program",
      folder: "C:\\",
      environment: [],
      input: new Uint8Array(),
      outputBytes: 1,
    };
    await expect(agent.binding.startProcess(options)).rejects.toMatchObject({
      api: "CreateProcessW",
      message: expect.stringMatching(/./u),
    });
  });
});

describe("a COM call", () => {
  it("names its calling process", async () => {
    const addin = await registerRawAddin(testLab, agent);
    for (const caller of [agent, other]) {
      const clientPid = await caller.processId();
      const name = `from ${clientPid}`;
      const { value: client } = await caller.binding.activate(addin.clsid);
      const result = await client?.preRestore({
        writerMetadata: null,
        componentName: name,
        logicalPath: null,
        noRollForward: false,
      });
      expect(result?.hresult).toBe(HRESULT.S_OK);
      const call = await untilProbe(addin, name, ({ componentName }) => componentName === name);
      expect(call).toMatchObject({ clientPid });
      await client?.release();
    }
  });
});
