import type { Component } from "../../src/base/component.ts";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { HRESULT } from "../../src/base/hresult.ts";
import { packageFile } from "../../src/base/package-root.ts";
import { toWindowsPath } from "../../src/tools/lab/paths.ts";
import { forgetDeadServers } from "../helpers/lab/forget-dead-servers.ts";
import { runInLab } from "../../src/tools/lab/run.ts";
import type { RemoteAddin } from "../../src/runtime/native/binding.ts";
import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import type { ProbeResult } from "../helpers/lab/argument-probe.ts";
import { createFakeBinding } from "../helpers/fakes/fake-binding.ts";
import { labProgram } from "../helpers/lab/lab-programs.ts";
import { probeCalls, untilProbe } from "../helpers/lab/probe.ts";
import { registerRawAddin } from "../helpers/lab/raw-addin.ts";
import { expectEachAnswered } from "../helpers/lab/parallel-calls.ts";
import {
  buildAddin,
  borrowTestLab,
  type TestAddin,
  type TestLab,
} from "../helpers/lab/test-lab.ts";
import { makeSectionReadOnly } from "../helpers/read-only-section.ts";
import { until } from "../helpers/until.ts";

const PREBUILT_SHIM = packageFile("prebuilds/win32-x64/wsb-addin.node");
// Far below the shim's limit for a call in raw-server.ts, so a faster answer is not a timeout.
const AT_ONCE_MS = 10_000;
const RPC_E_DISCONNECTED = 0x80010108;
const ERROR_PATH_NOT_FOUND = 0x80070003;
const ERROR_DIRECTORY = 0x8007010b;
const E_UNEXPECTED = 0x8000ffff;

let testLab: TestLab;
let agent: Agent;
let other: Agent;

async function activate(client: Agent, addin: TestAddin): Promise<RemoteAddin> {
  const { hresult, value } = await client.binding.activate(addin.clsid);
  if (value === undefined) throw new Error(`cannot activate: ${hresult.toString(16)}`);
  return value;
}

function ask(client: RemoteAddin, behaviour: string) {
  return client.preRestore({
    writerMetadata: null,
    componentName: behaviour,
    logicalPath: null,
    noRollForward: false,
  });
}

function asked(addin: TestAddin, behaviour: string) {
  return untilProbe(addin, behaviour, (call) => call["componentName"] === behaviour);
}

beforeAll(async () => {
  testLab = borrowTestLab();
  [agent, other] = await Promise.all([startAgent(testLab.lab), startAgent(testLab.lab)]);
});

afterAll(async () => {
  await Promise.all([agent.end(), other.end()]);
  await testLab.remove();
});

describe("the shim's functions", () => {
  let result: ProbeResult;

  beforeAll(async () => {
    let output = "";
    const keep = (text: string): void => {
      output += text;
    };
    const { lab } = testLab;
    const run = { onStdout: keep, onStderr: keep };
    const code = await runInLab(
      lab,
      lab.nodeExe,
      [toWindowsPath(lab, labProgram("argument-probe"))],
      run,
    );
    expect(code, output).toBe(0);
    const printed: ProbeResult = JSON.parse(output);
    result = printed;
  });

  it("are the functions of NativeBinding", () => {
    expect(result.functions.toSorted()).toEqual(Object.keys(createFakeBinding()).toSorted());
  });

  it("refuse arguments of every wrong type with a TypeError", () => {
    expect(result.probed.toSorted()).toEqual(result.functions.toSorted());
    expect(result.tried).toBeGreaterThan(400);
    expect(result.accepted).toEqual([]);
  });

  it("refuse wrong arguments of a proxy's methods too", async () => {
    const addin = await registerRawAddin(testLab, agent);
    const client = await activate(agent, addin);
    const apply = async (method: keyof RemoteAddin, args: readonly unknown[]): Promise<unknown> =>
      Reflect.apply(client[method], client, args);
    const calls: readonly (readonly [method: keyof RemoteAddin, ...args: readonly unknown[]])[] = [
      ["queryInterface", "not a GUID"],
      ["queryInterface", 5],
      ["preRestore", null, null, null, "yes"],
      ["preRestore", 5, null, null, true],
      ["postRestore", null, {}, null, true],
      ["orderComponents", {}],
      ["orderComponents", [null]],
      ["orderComponents", [{ componentName: "a\0b", logicalPath: null }]],
      ["checkConsistency", null, null, null, "C:", null],
      ["checkConsistency", null, null, null, [5], null],
    ];
    for (const [method, ...args] of calls) {
      await expect(apply(method, args), method).rejects.toThrow(/must be/u);
    }
    await client.release();
    await client.release();
    await expect(client.isRollForwardSupported()).rejects.toMatchObject({
      hresult: RPC_E_DISCONNECTED,
    });
  });
});

describe("createProtectedFolder", () => {
  it("refuses a file that has the folder's name", async () => {
    const { manifestFile } = await buildAddin(testLab, "post-restore-only.ts");
    await expect(agent.binding.createProtectedFolder(manifestFile)).rejects.toMatchObject({
      hresult: ERROR_DIRECTORY,
    });
  });
});

const RECORD = Buffer.from('{"beat":"00000"}\n');
const READS = 5000;
// Reads as another process of Windows does, and prints how many records were not whole.
const READER = `
const [, file, reads] = process.argv;
const { readFileSync } = require("node:fs");
const seen = new Set();
let broken = 0;
for (let i = 0; i < Number(reads); i += 1) {
  const text = readFileSync(file, "utf8");
  seen.add(text);
  if (!/^\\{"beat":"[0-9]{5}"\\}\\n$/.test(text)) broken += 1;
}
console.log(JSON.stringify({ broken, seen: seen.size }));
`;

describe("lockFile", () => {
  it("lets others read who has the lock, always a whole record", async () => {
    const path = toWindowsPath(testLab.lab, join(testLab.folder, "read.lock"));
    const held = await other.binding.lockFile(path, RECORD, 0);
    let output = "";
    const reader = new AbortController();
    const { lab } = testLab;
    const reading = runInLab(lab, lab.nodeExe, ["-e", READER, path, String(READS)], {
      onStdout: (text) => {
        output += text;
      },
    }).finally(() => reader.abort());
    for (let beat = 1; !reader.signal.aborted; beat += 1) {
      held?.write(Buffer.from(`{"beat":"${String(beat % 100_000).padStart(5, "0")}"}\n`));
      // Requests are answered in order.
      await other.processId();
    }
    expect(await reading).toBe(0);
    const { broken, seen } = JSON.parse(output);
    expect(broken).toBe(0);
    expect(seen).toBeGreaterThan(10);
    held?.release();
    // After the release it changes nothing.
    held?.write(RECORD);
    await other.processId();
    expect(existsSync(join(testLab.folder, "read.lock"))).toBe(false);
  });

  it("locks out others until it is released, which deletes the file", async () => {
    const file = join(testLab.folder, "held.lock");
    const path = toWindowsPath(testLab.lab, file);
    const held = await other.binding.lockFile(path, RECORD, 0);
    expect(existsSync(file)).toBe(true);
    expect(await agent.binding.lockFile(path, RECORD, 50)).toBeNull();
    const waiting = agent.binding.lockFile(path, RECORD, 20_000);
    held?.release();
    const mine = await waiting;
    expect(mine).not.toBeNull();
    expect(await other.binding.lockFile(path, RECORD, 50)).toBeNull();
    mine?.release();
    // Requests are answered in order.
    await agent.processId();
    expect(existsSync(file)).toBe(false);
  });

  it("acquires a lock whose holder has died", async () => {
    const path = toWindowsPath(testLab.lab, join(testLab.folder, "lost.lock"));
    const doomed = await startAgent(testLab.lab);
    expect(await doomed.binding.lockFile(path, RECORD, 0)).not.toBeNull();
    await doomed.crash();
    const held = await agent.binding.lockFile(path, RECORD, 20_000);
    expect(held).not.toBeNull();
    held?.release();
  });

  it("fails at once when the file cannot be created", async () => {
    const path = toWindowsPath(testLab.lab, join(testLab.folder, "nowhere", "a.lock"));
    await expect(agent.binding.lockFile(path, RECORD, 20_000)).rejects.toMatchObject({
      hresult: ERROR_PATH_NOT_FOUND,
    });
  });
});

describe("a server whose JavaScript goes wrong", () => {
  let addin: TestAddin;
  let client: RemoteAddin;

  beforeAll(async () => {
    addin = await registerRawAddin(testLab, agent);
    client = await activate(agent, addin);
  });

  it.each([
    "nothing",
    "a text",
    "no HRESULT",
    "a text for HRESULT",
    "a fraction for HRESULT",
    "an HRESULT of 33 bits",
    "a negative HRESULT",
    "a number for description",
    "a NUL in description",
    "an object for order",
    "null for a component",
    "a component without names",
    "a NUL in a name",
    "10,001 components",
    "an array without end",
    "a number for rollForwardSupported",
    "a text for startsOperation",
    "a getter that throws",
  ])("by answering %s fails the call at once", async (fault) => {
    const started = performance.now();
    const result = await ask(client, `malformed:${fault}`);
    expect(result.hresult).toBe(HRESULT.WSBAPP_E_COMPONENT_PRE_RESTORE_FAILED);
    expect(result.description).toContain("malformed");
    expect(performance.now() - started).toBeLessThan(AT_ONCE_MS);
    // JavaScript gets the error too.
    await untilProbe(addin, "the refusal", (call) => call["argument"] === fault);
  });

  it("by throwing in onEvent fails the call at once and serves the next", async () => {
    const started = performance.now();
    expect((await ask(client, "throw")).hresult).toBe(
      HRESULT.WSBAPP_E_COMPONENT_PRE_RESTORE_FAILED,
    );
    expect(performance.now() - started).toBeLessThan(AT_ONCE_MS);
    expect((await ask(client, "fine")).hresult).toBe(HRESULT.S_OK);
  });

  it.each([
    ["nothing", []],
    ["one of the two", [0]],
    ["one of them twice", [1, 1]],
    ["a third one", [0, 2]],
    ["one at the end of all numbers", [0, 0xffff_ffff]],
    ["three", [0, 1, 1]],
    ["10,000", [...Array.from({ length: 10_000 }).keys()]],
  ])("by ordering %s of 2 components fails the call", async (_, positions) => {
    const ordered = await client.orderComponents(componentsFor(positions));
    expect(ordered.hresult).toBe(E_UNEXPECTED);
    expect(ordered.value).toBeUndefined();
  });

  it("may order components by their positions, and each returns unchanged", async () => {
    const [first, second] = componentsFor([1, 0]);
    const ordered = await client.orderComponents(componentsFor([1, 0]));
    expect(ordered).toMatchObject({ hresult: HRESULT.S_OK, value: [second, first] });
  });
});

/** Returns two components that make the raw server answer these positions. */
function componentsFor(positions: readonly number[]): readonly Component[] {
  return [
    { componentName: positions.join(","), logicalPath: null },
    { componentName: null, logicalPath: "second \u{1f4be} \ud800" },
  ];
}

describe("the import table", () => {
  it("may be read-only, as binutils 2.44 and later make it", async () => {
    const shim = join(testLab.folder, "read-only.node");
    writeFileSync(shim, makeSectionReadOnly(readFileSync(PREBUILT_SHIM), ".idata"));
    const script = "process.dlopen({ exports: {} }, process.argv[1])";
    const { lab } = testLab;
    expect(await runInLab(lab, lab.nodeExe, ["-e", script, toWindowsPath(lab, shim)])).toBe(0);
  });
});

describe("clients", () => {
  it("make 16 simultaneous calls from each of 2 processes, and each is answered", async () => {
    const addin = await registerRawAddin(testLab, agent);
    await expectEachAnswered(addin, [agent, other], 8);
  });

  it("continue when one of them is killed during a call", async () => {
    const addin = await registerRawAddin(testLab, agent);
    const client = await activate(agent, addin);
    const doomed = await startAgent(testLab.lab);
    const lost = ask(await activate(doomed, addin), "wait:1000").catch(() => "lost");
    const waiting = ask(client, "wait:1500");
    await asked(addin, "wait:1000");
    await doomed.crash();
    expect(await lost).toBe("lost");
    expect((await ask(client, "fine")).hresult).toBe(HRESULT.S_OK);
    expect((await waiting).hresult).toBe(HRESULT.S_OK);
    await doomed.end();
  });
});

describe("a server that stops", () => {
  // Each test ends its server; Wine would return the dead server to the next activation.
  afterEach(() => forgetDeadServers(testLab.lab));

  it("fails waiting and later callers, and ends their checks", async () => {
    const addin = await registerRawAddin(testLab, agent);
    const client = await activate(agent, addin);
    const { value: check } = await client.checkConsistency({
      writerMetadata: null,
      componentName: "check",
      logicalPath: null,
      sourceVolumePaths: null,
      snapshotVolumePaths: null,
    });
    const waiting = ask(client, "hang");
    await asked(addin, "hang");
    const stopping = ask(client, "stop");
    expect((await waiting).hresult).toBe(RPC_E_DISCONNECTED);
    expect((await stopping).hresult).toBe(RPC_E_DISCONNECTED);
    expect((await ask(client, "late")).hresult).toBe(RPC_E_DISCONNECTED);
    expect(
      (
        await client.checkConsistency({
          writerMetadata: null,
          componentName: "late",
          logicalPath: null,
          sourceVolumePaths: null,
          snapshotVolumePaths: null,
        })
      ).hresult,
    ).toBe(RPC_E_DISCONNECTED);
    expect(await check?.queryStatus()).toMatchObject({
      hresult: HRESULT.S_OK,
      value: RPC_E_DISCONNECTED,
    });
    expect((await check?.abort())?.hresult).toBe(HRESULT.S_OK);
    await check?.release();
    await client.release();
  });

  it("through process.exit fails every waiting caller", async () => {
    const addin = await registerRawAddin(testLab, agent);
    const [one, two] = await Promise.all([activate(agent, addin), activate(other, addin)]);
    const waiting = [ask(one, "hang"), ask(two, "hang")];
    await until("both calls", () =>
      probeCalls(addin).filter((call) => call["componentName"] === "hang").length === 2
        ? true
        : undefined,
    );
    const started = performance.now();
    const results = await Promise.all([...waiting, ask(one, "exit")]);
    expect(results.every(({ hresult }) => hresult >>> 31 === 1)).toBe(true);
    expect(performance.now() - started).toBeLessThan(AT_ONCE_MS);
  });

  it.each([
    ["waits for events", "terminate"],
    ["is in an endless loop", "spin"],
  ])(
    "with its worker thread, which %s, fails its callers and keeps running",
    async (_, behaviour) => {
      const addin = await registerRawAddin(testLab, agent, { thread: "worker" });
      const [one, two] = await Promise.all([activate(agent, addin), activate(other, addin)]);
      const { value: check } = await one.checkConsistency({
        writerMetadata: null,
        componentName: "check",
        logicalPath: null,
        sourceVolumePaths: null,
        snapshotVolumePaths: null,
      });
      const waiting = ask(one, "hang");
      await asked(addin, "hang");
      const started = performance.now();
      const results = await Promise.all([waiting, ask(two, behaviour)]);
      expect(results.every(({ hresult }) => hresult >>> 31 === 1)).toBe(true);
      expect(performance.now() - started).toBeLessThan(AT_ONCE_MS);
      // The thread has ended, and Node.js would unload the add-on's code with it.
      await untilProbe(addin, "the worker's end", ({ method }) => method === "worker ended");
      expect((await ask(one, "late")).hresult >>> 31).toBe(1);
      await check?.release();
      await Promise.all([one.release(), two.release()]);
      const beats = probeCalls(addin).filter(({ method }) => method === "alive").length;
      await untilProbe(addin, "another heartbeat", (call) => Number(call["beat"]) > beats + 2);
    },
  );
});
