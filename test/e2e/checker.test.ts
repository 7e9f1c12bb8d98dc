import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { HRESULT } from "../../src/base/hresult.ts";
import { toWindowsPath } from "../../src/tools/lab/paths.ts";
import { forgetDeadServers } from "../helpers/lab/forget-dead-servers.ts";
import type { RemoteAddin, RemoteOperation } from "../../src/runtime/native/binding.ts";
import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import { activate, startCheck, untilEnd } from "../helpers/lab/checks.ts";
import { labProgram } from "../helpers/lab/lab-programs.ts";
import { probeCalls, untilProbe, type ProbeCall } from "../helpers/lab/probe.ts";
import {
  buildAddin,
  borrowTestLab,
  type TestAddin,
  type TestLab,
} from "../helpers/lab/test-lab.ts";

let testLab: TestLab;
let agent: Agent;
let addin: TestAddin;
let client: RemoteAddin;
let program: string;

beforeAll(async () => {
  testLab = borrowTestLab();
  agent = await startAgent(testLab.lab);
  program = toWindowsPath(testLab.lab, labProgram("checker-program"));
  addin = await buildAddin(testLab, "checker.ts", { lingerMs: 60_000 });
  await agent.register(addin.manifestFile, addin.serverScript);
  client = await activate(agent, addin);
});

afterAll(async () => {
  await client.release();
  await agent.end();
  await testLab.remove();
});

function startProgram(name: string, options: object = {}, snapshot: string | null = null) {
  return startCheck(client, name, JSON.stringify({ script: program, ...options }), snapshot);
}

function untilChecked(name: string): Promise<ProbeCall> {
  return untilProbe(
    addin,
    "the checker's end",
    ({ method, componentName }) => method === "checked" && componentName === name,
  );
}

/** Runs the checker and waits until it ends. */
async function run(
  name: string,
  options: object = {},
  snapshot: string | null = null,
): Promise<ProbeCall> {
  const operation = await startProgram(name, options, snapshot);
  const status = await untilEnd(operation);
  await operation.release();
  return Object.assign({ status }, await untilChecked(name));
}

/** Returns the process ids of a hanging checker and its children. */
async function holdersOf(behaviour: string): Promise<readonly number[]> {
  const call = await untilProbe(
    addin,
    "the checker's children",
    (one) => one["behaviour"] === behaviour,
  );
  return [call.pid, Number(call["child"]), Number(call["other"])];
}

describe("a checker", () => {
  it.each([
    [0, {}, HRESULT.S_OK, { exitCode: 0, output: "checking\npage 17 torn\n" }],
    [
      3,
      {},
      HRESULT.WSBAPP_E_COMPONENT_CONSISTENCY_CHECK_FAILED,
      { code: "ERR_WSB_INCONSISTENT", message: expect.stringContaining('3 ("page 17 torn")') },
    ],
    [4, { exitCodes: { consistent: [4] } }, HRESULT.S_OK, { exitCode: 4 }],
    [
      5,
      { exitCodes: { inconsistent: [1] } },
      HRESULT.WSBAPP_E_COMPONENT_CONSISTENCY_CHECK_FAILED,
      { code: "ERR_WSB_CHECKER" },
    ],
    [
      0xc0000005,
      {},
      HRESULT.WSBAPP_E_COMPONENT_CONSISTENCY_CHECK_FAILED,
      { code: "ERR_WSB_CHECKER", message: expect.stringContaining("0xC0000005") },
    ],
  ])("that ends with exit code %i decides the check", async (exitCode, options, status, call) => {
    expect(await run(`exit:${exitCode}`, options)).toMatchObject({ status, ...call });
  });

  it("that is missing fails the check with Windows' reason", async () => {
    const file = `${program}.exe`;
    const { status, message } = await run("missing", { file });
    expect(status).toBe(HRESULT.WSBAPP_E_COMPONENT_CONSISTENCY_CHECK_FAILED);
    expect(message).toContain(file);
    expect(message).toContain("CreateProcessW, 0x80070002");
  });

  it("gets its arguments, folder and variables unchanged", async () => {
    const args = ["", "a b", 'say "hi"\\', "\\\\", "%PATH%", "^&|<>", "\u{1F4D2} ä", "*", "\t"];
    const cwd = "C:\\windows";
    const { output } = await run("echo", { args, cwd, env: { Ledger: "main \u{1F4D2}" } });
    expect(JSON.parse(String(output))).toEqual({ args, cwd, variable: "main \u{1F4D2}" });
  });

  it("reads the snapshot by its device path", async () => {
    writeFileSync(join(testLab.folder, "ledger.db"), "as it was");
    const folder = toWindowsPath(testLab.lab, testLab.folder);
    expect(await run("read:ledger.db", {}, `\\\\?\\${folder}\\`)).toMatchObject({
      status: HRESULT.S_OK,
      output: "as it was\n",
    });
  });

  it("has an empty standard input", async () => {
    expect(await run("stdin")).toMatchObject({ exitCode: 0, output: '""\n' });
  });

  it("that writes without end leaves the end of its output", async () => {
    const { output } = await run("flood");
    expect(output).toMatch(/^ä{8000,8192}the end$/u);
  });

  it("that writes in the console's code page is decoded in that code page", async () => {
    expect(await run("oem")).toMatchObject({ exitCode: 0, output: "ä" });
  });

  it("ends its running children when it ends", async () => {
    const name = "leave:1";
    const operation = await startProgram(name);
    expect(await untilEnd(operation)).toBe(HRESULT.S_OK);
    const pids = await holdersOf(name);
    for (const pid of pids) expect(await agent.binding.processInfo(pid)).toBeNull();
    await operation.release();
  });

  it.each([
    ["is aborted", (operation: RemoteOperation) => operation.abort()],
    ["is released", (operation: RemoteOperation) => operation.release()],
  ])("ends with its children when the check %s", async (what, act) => {
    const name = `hold:${what}`;
    const operation = await startProgram(name);
    const pids = await holdersOf(name);
    await act(operation);
    await untilChecked(name);
    // It ended before the handler is told.
    for (const pid of pids) expect(await agent.binding.processInfo(pid)).toBeNull();
    await operation.release();
  });

  it("ends with its children at its time limit", async () => {
    const { status, code } = await run("hold:limit", { timeoutMs: 3000 });
    expect([status, code]).toEqual([HRESULT.ERROR_TIMEOUT, "ERR_WSB_TIMEOUT"]);
    const pids = await holdersOf("hold:limit");
    for (const pid of pids) expect(await agent.binding.processInfo(pid)).toBeNull();
  });

  it("ends with its children when the client dies", async () => {
    const doomed = await startAgent(testLab.lab);
    const name = "hold:client";
    await startCheck(await activate(doomed, addin), name, JSON.stringify({ script: program }));
    const pids = await holdersOf(name);
    await doomed.crash();
    expect(await untilChecked(name)).toMatchObject({
      message: expect.stringContaining("process ended during the check"),
    });
    for (const pid of pids) expect(await agent.binding.processInfo(pid)).toBeNull();
    await doomed.end();
  });

  it("ends with its children when the server is killed", async () => {
    const name = "hold:server";
    const operation = await startProgram(name);
    const pids = await holdersOf(name);
    const infos = await Promise.all(pids.map((pid) => agent.binding.processInfo(pid)));
    expect(infos).not.toContain(null);
    const exits = infos.map((info) => agent.untilExit(info?.pid ?? 0, info?.startedAt ?? ""));
    const server = probeCalls(addin).find(({ method }) => method === "start");
    await agent.kill(server?.pid ?? 0);
    await Promise.all(exits);
    await operation.release();
    await forgetDeadServers(testLab.lab);
    client = await activate(agent, addin);
  });
});
