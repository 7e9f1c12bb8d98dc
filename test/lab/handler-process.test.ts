import { readFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { CURRENT_FILE } from "../../src/runtime/events/rotating-file.ts";
import { HRESULT } from "../../src/base/hresult.ts";
import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import { activate } from "../helpers/lab/checks.ts";
import { probeCalls, type ProbeCall } from "../helpers/lab/probe.ts";
import {
  borrowTestLab,
  buildAddin,
  dataFolder,
  type TestAddin,
  type TestLab,
} from "../helpers/lab/test-lab.ts";
import { until } from "../helpers/until.ts";

const LIMIT_MS = 60_000;
const SHORT_MS = 300;

const components = [
  {
    componentName: "B\u00FCcher \u{1F4D2} \uD800",
    logicalPath: null,
    outcome: "ok",
    client: { pid: 7, image: "C:\\wbengine.exe" },
    noRollForward: true,
  },
];

let testLab: TestLab;
let agent: Agent;
let addin: TestAddin;

beforeAll(async () => {
  testLab = borrowTestLab();
  agent = await startAgent(testLab.lab);
  addin = await buildAddin(testLab, "lone.ts");
});

afterAll(async () => {
  await agent.end();
  await testLab.remove();
});

function decide(services: readonly string[], timeoutMs = LIMIT_MS): Promise<string> {
  const request = { components, services };
  return agent.runHandler(addin.serverScript, "restoreAbandoned", request, timeoutMs);
}

function untilCall(method: string): Promise<ProbeCall> {
  return until(method, () => probeCalls(addin).find((call) => call.method === method));
}

interface EventOfFile {
  readonly event: string;
  readonly role: string;
  readonly text?: string;
}

function events(): readonly EventOfFile[] {
  const text = readFileSync(join(dataFolder(testLab, addin), CURRENT_FILE), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line): EventOfFile => JSON.parse(line));
}

function failures(): readonly EventOfFile[] {
  return events().filter(({ event }) => event === "handlerFailed");
}

/** Tells whether the process of a handler or the program that it started is running. */
async function isLeft({ pid, child }: ProbeCall): Promise<boolean> {
  return (await agent.isAlive(pid)) || (await agent.isAlive(Number(child)));
}

describe("a handler in a process of its own", () => {
  it.each(["startServices", "keepStopped"])("answers %s", async (word) => {
    expect(await decide(["answer", word])).toBe(word);
    expect(probeCalls(addin).at(-1)?.["request"]).toEqual({
      components,
      services: ["answer", word],
    });
    const text = "restoreAbandoned: looking";
    expect(events()).toContainEqual(expect.objectContaining({ role: "handler", text }));
  });

  it("gets ten thousand components", async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => ({
      componentName: `Component ${index}`,
      logicalPath: "x".repeat(100),
      outcome: null,
      client: null,
      noRollForward: null,
    }));
    const request = { components: many, services: ["answer", "keepStopped"] };
    const { serverScript } = addin;
    const answer = await agent.runHandler(serverScript, "restoreAbandoned", request, LIMIT_MS);
    expect(answer).toBe("keepStopped");
    expect(probeCalls(addin).at(-1)?.["request"]).toEqual(request);
  });

  it("answers done when it returns nothing", async () => {
    const request = { components: [], services: ["Ledger"] };
    const { serverScript } = addin;
    expect(await agent.runHandler(serverScript, "afterServicesStart", request, LIMIT_MS)).toBe(
      "done",
    );
    expect(probeCalls(addin).at(-1)).toMatchObject({ method: "afterServicesStart", request });
  });

  it("prints what it wants, which is no answer", async () => {
    expect(await decide(["print"])).toBe("keepStopped");
  });

  it.each([
    ["throws", ["throw"], "ERR_WSB_HANDLER", "accounts.db is torn"],
    ["returns another word", ["answer", "perhaps"], "ERR_WSB_HANDLER", "must return"],
    ["calls process.exit", ["exit"], "ERR_WSB_HANDLER", "process.exit"],
    ["hangs", ["hang"], "ERR_WSB_TIMEOUT", "timeoutsMs.restoreAbandoned"],
  ])("that %s fails with one event", async (_, services, code, text) => {
    const before = failures().length;
    const running = decide(services, services[0] === "hang" ? SHORT_MS : LIMIT_MS);
    await expect(running).rejects.toMatchObject({
      code,
      message: expect.stringContaining(text),
    });
    expect(failures().slice(before)).toMatchObject([
      { role: "handler", method: "restoreAbandoned", text: expect.stringContaining(text) },
    ]);
  });

  it("that crashes fails, and what it started ends", async () => {
    await expect(decide(["crash"])).rejects.toMatchObject({ code: "ERR_WSB_HANDLER" });
    expect(await isLeft(await untilCall("crashing"))).toBe(false);
  });

  it("that blocks the event loop is killed after its limit, with what it started", async () => {
    await expect(decide(["block"], SHORT_MS)).rejects.toMatchObject({ code: "ERR_WSB_TIMEOUT" });
    expect(await isLeft(await untilCall("blocking"))).toBe(false);
  });

  it("is killed at the abort, with what it started", async () => {
    const running = decide(["run"]);
    const call = await untilCall("running");
    expect(await isLeft(call)).toBe(true);
    await agent.abortHandlers();
    await expect(running).rejects.toThrow("aborted by the test");
    expect(await isLeft(call)).toBe(false);
  });

  it("ends with the process that started it", async () => {
    const other = await startAgent(testLab.lab);
    const request = { components, services: ["block"] };
    const before = probeCalls(addin).length;
    const running = other.runHandler(addin.serverScript, "restoreAbandoned", request, LIMIT_MS);
    const failing = expect(running).rejects.toThrow("the agent has ended");
    const call = await until("the block", () =>
      probeCalls(addin)
        .slice(before)
        .find(({ method }) => method === "blocking"),
    );
    await other.crash();
    await failing;
    await until("the end of its processes", async () => !(await isLeft(call)));
  });

  it("that does not exist is no failure", async () => {
    const without = await buildAddin(testLab, "post-restore-only.ts");
    const request = { components: [], services: [] };
    for (const name of ["restoreAbandoned", "afterServicesStart"] as const) {
      const answer = await agent.runHandler(without.serverScript, name, request, LIMIT_MS);
      expect(answer).toBe("noHandler");
    }
  });

  it("does not run for a request that is not its own", async () => {
    const request = { components, services: [] };
    const running = agent.runHandler(addin.serverScript, "afterServicesStart", request, LIMIT_MS);
    await expect(running).rejects.toMatchObject({ code: "ERR_WSB_HANDLER" });
  });
});

describe("a program that preRestore runs", () => {
  it.each([
    ["succeeds", "exit:0", HRESULT.S_OK, { method: "ran", exitCode: 0 }],
    ["fails", "exit:7", HRESULT.WSBAPP_E_COMPONENT_PRE_RESTORE_FAILED, { code: "ERR_WSB_PROGRAM" }],
    [
      "reaches its own limit",
      `limit:${SHORT_MS}`,
      HRESULT.WSBAPP_E_COMPONENT_PRE_RESTORE_FAILED,
      { code: "ERR_WSB_TIMEOUT" },
    ],
  ])("%s, and so does the call", async (_, componentName, hresult, call) => {
    await agent.register(addin.manifestFile, addin.serverScript);
    const client = await activate(agent, addin);
    const answer = await client.preRestore({
      writerMetadata: null,
      componentName,
      logicalPath: null,
      noRollForward: false,
    });
    await client.release();
    expect(answer.hresult).toBe(hresult);
    expect(probeCalls(addin).at(-1)).toMatchObject({ componentName, ...call });
    const started = events().findLast(({ text }) => text?.includes("runs as process") === true);
    const pid = Number(/process (\d+)/u.exec(started?.text ?? "")?.[1]);
    expect(pid).toBeGreaterThan(0);
    expect(await agent.isAlive(pid)).toBe(false);
  });
});
