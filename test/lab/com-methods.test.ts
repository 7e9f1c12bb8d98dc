import type { Component } from "../../src/base/component.ts";
import { createHash } from "node:crypto";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { HRESULT } from "../../src/base/hresult.ts";
import { IID } from "../../src/base/interface-ids.ts";
import type { RemoteAddin } from "../../src/runtime/native/binding.ts";
import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import { probeCalls } from "../helpers/lab/probe.ts";
import {
  buildAddin,
  borrowTestLab,
  type TestAddin,
  type TestLab,
} from "../helpers/lab/test-lab.ts";
import { until } from "../helpers/until.ts";
import { writerDocuments } from "../helpers/writer-documents.ts";

const IID_STREAM = "{0000000C-0000-0000-C000-000000000046}";

const texts: readonly (readonly [what: string, text: string | null])[] = [
  ["NULL", null],
  ["an empty string", ""],
  ["plain text", "Ledger"],
  ["an emoji", "Ledger \u{1F4D2}"],
  ["a lone high surrogate", "a\uD83Db"],
  ["a lone low surrogate", "a\uDCD2b"],
  ["a 30,000 character path", `C:\\${"ä".repeat(29_997)}`],
];

let testLab: TestLab;
let agent: Agent;
let probe: TestAddin;
let client: RemoteAddin;

async function activate(addin: TestAddin): Promise<RemoteAddin> {
  const { hresult, value } = await agent.binding.activate(addin.clsid);
  if (value === undefined) throw new Error(`cannot activate: ${hresult.toString(16)}`);
  return value;
}

function lastCall(method: string): unknown {
  return probeCalls(probe).findLast((call) => call.method === method);
}

function digestOf(text: string): { readonly length: number; readonly sha256: string } {
  const sha256 = createHash("sha256").update(text, "utf16le").digest("hex");
  return { length: text.length, sha256 };
}

function numbered(count: number): readonly Component[] {
  return Array.from({ length: count }, (_, index) => ({
    componentName: `component ${index}`,
    logicalPath: index % 2 === 0 ? null : `path ${index}`,
  }));
}

function volume(index: number): string {
  return `\\\\?\\Volume{00000000-0000-0000-0000-${String(index).padStart(12, "0")}}\\`;
}

function startWaiting(name: string) {
  return client.checkConsistency({
    writerMetadata: null,
    componentName: `wait-for-abort:${name}`,
    logicalPath: null,
    sourceVolumePaths: null,
    snapshotVolumePaths: null,
  });
}

beforeAll(async () => {
  testLab = borrowTestLab();
  [agent, probe] = await Promise.all([
    startAgent(testLab.lab),
    buildAddin(testLab, "probe.ts", { lingerMs: 60_000 }),
  ]);
  await agent.register(probe.manifestFile, probe.serverScript);
  client = await activate(probe);
});

afterAll(async () => {
  await agent.end();
  await testLab.remove();
});

describe("QueryInterface", () => {
  it.each([
    ["restore support", IID.restoreSupport, HRESULT.S_OK],
    ["backup support", IID.backupSupport, HRESULT.S_OK],
    ["the interface of checks", IID.async, HRESULT.E_NOINTERFACE],
    ["an unknown interface", IID_STREAM, HRESULT.E_NOINTERFACE],
  ])("answers for %s", async (_, iid, expected) => {
    expect(await client.queryInterface(iid)).toBe(expected);
  });

  it("supports only the interfaces that the add-in handles", async () => {
    const addin = await buildAddin(testLab, "post-restore-only.ts");
    await agent.register(addin.manifestFile, addin.serverScript);
    const other = await activate(addin);
    expect(await other.queryInterface(IID.restoreSupport)).toBe(HRESULT.S_OK);
    expect(await other.queryInterface(IID.backupSupport)).toBe(HRESULT.E_NOINTERFACE);
    const check = await other.checkConsistency({
      writerMetadata: null,
      componentName: null,
      logicalPath: null,
      sourceVolumePaths: null,
      snapshotVolumePaths: null,
    });
    expect(check.hresult).toBe(HRESULT.E_NOINTERFACE);
    await other.release();
  });
});

describe.each(["preRestore", "postRestore"] as const)("%s", (method) => {
  it.each(texts)("passes %s unchanged in every parameter", async (_, text) => {
    const { hresult } = await client[method]({
      writerMetadata: text,
      componentName: text,
      logicalPath: text,
      noRollForward: true,
    });
    expect(hresult).toBe(HRESULT.S_OK);
    const arrived = text !== null && text.length >= 1000 ? digestOf(text) : text;
    expect(lastCall(method)).toMatchObject({
      writerMetadata: arrived,
      componentName: text,
      logicalPath: text,
      noRollForward: true,
    });
  });

  it("reports a point-in-time recovery", async () => {
    await client[method]({
      writerMetadata: null,
      componentName: "a",
      logicalPath: null,
      noRollForward: false,
    });
    expect(lastCall(method)).toMatchObject({ noRollForward: false });
  });
});

describe("writer metadata", () => {
  it("arrives complete with 2 million characters", async () => {
    const text = `<a>${"\u{1F4D2}x\uD83D".repeat(500_000)}</a>`;
    expect(
      (
        await client.preRestore({
          writerMetadata: text,
          componentName: "big",
          logicalPath: null,
          noRollForward: false,
        })
      ).hresult,
    ).toBe(HRESULT.S_OK);
    expect(lastCall("preRestore")).toMatchObject({ writerMetadata: digestOf(text) });
    await client.postRestore({
      writerMetadata: null,
      componentName: "big",
      logicalPath: null,
      noRollForward: false,
    });
  });

  it("is parsed when a handler asks for it", async () => {
    const component = `componentName="metadata" logicalPath="Ledger" caption="Bücher \u{1F4D2}"`;
    const text = `<WRITER_METADATA><BACKUP_LOCATIONS><DATABASE ${component}/></BACKUP_LOCATIONS></WRITER_METADATA>`;
    const { hresult } = await client.preRestore({
      writerMetadata: text,
      componentName: "metadata",
      logicalPath: "Ledger",
      noRollForward: false,
    });
    expect(hresult).toBe(HRESULT.S_OK);
    expect(lastCall("metadata")).toMatchObject({ component: { caption: "Bücher \u{1F4D2}" } });
    await client.postRestore({
      writerMetadata: text,
      componentName: "metadata",
      logicalPath: "Ledger",
      noRollForward: false,
    });
  });

  it("fails the call of a handler that cannot read it", async () => {
    const text = `<WRITER_METADATA version="\uD83D"/>`;
    const { hresult, description } = await client.preRestore({
      writerMetadata: text,
      componentName: "metadata",
      logicalPath: "Ledger",
      noRollForward: false,
    });
    expect(hresult).toBe(HRESULT.WSBAPP_E_COMPONENT_PRE_RESTORE_FAILED);
    expect(description).toContain("not a writer metadata document");
  });

  it.each(writerDocuments())("arrives complete from a writer: $name", async ({ text }) => {
    await client.preRestore({
      writerMetadata: text,
      componentName: "real",
      logicalPath: null,
      noRollForward: false,
    });
    await client.postRestore({
      writerMetadata: null,
      componentName: "real",
      logicalPath: null,
      noRollForward: false,
    });
    const arrived = text.length < 1000 ? text : digestOf(text);
    expect(lastCall("preRestore")).toMatchObject({ writerMetadata: arrived });
  });
});

describe("orderComponents", () => {
  it.each([1, 2, 10_000])("returns the handler's order of %i components", async (count) => {
    const components = numbered(count);
    const { hresult, value } = await client.orderComponents(components);
    expect(hresult).toBe(HRESULT.S_OK);
    expect(value).toEqual(components.toReversed());
  });

  it("calls the handler also without components", async () => {
    const { hresult, value } = await client.orderComponents([]);
    expect(hresult).toBe(HRESULT.S_OK);
    expect(value ?? []).toEqual([]);
    expect(lastCall("orderComponents")).toMatchObject({ count: 0 });
  });

  it.each(texts)("passes %s there and back unchanged", async (_, text) => {
    const components = [
      { componentName: text, logicalPath: "path" },
      { componentName: "name", logicalPath: text },
    ];
    const { value } = await client.orderComponents(components);
    expect(value).toEqual(components.toReversed());
  });

  it("L: answers S_FALSE and NULL arrays for no particular order", async () => {
    const { hresult, value } = await client.orderComponents([
      { componentName: "none", logicalPath: null },
    ]);
    expect(hresult).toBe(HRESULT.S_FALSE);
    expect(value).toBeNull();
  });

  it.each(["drop-one", "add-one", "same-twice"])(
    "refuses an order with the fault %s",
    async (fault) => {
      const result = await client.orderComponents([
        { componentName: fault, logicalPath: null },
        { componentName: "other", logicalPath: null },
      ]);
      expect(result.hresult).toBe(HRESULT.E_FAIL);
      expect(result.description).toContain("orderComponents");
      expect(result.value).toBeUndefined();
    },
  );

  it("refuses 10,001 components", async () => {
    const { hresult } = await client.orderComponents(numbered(10_001));
    // The marshaller, or without it the shim, enforces the interface's range.
    expect(hresult >>> 31).toBe(1);
  });
});

describe("isRollForwardSupported", () => {
  it("returns the handler's answer", async () => {
    expect(await client.isRollForwardSupported()).toMatchObject({
      hresult: HRESULT.S_OK,
      value: true,
    });
  });
});

describe("checkConsistency", () => {
  it("L: answers S_FALSE and no operation when no check is needed", async () => {
    const result = await client.checkConsistency({
      writerMetadata: null,
      componentName: "no check",
      logicalPath: null,
      sourceVolumePaths: null,
      snapshotVolumePaths: null,
    });
    expect(result).toMatchObject({ hresult: HRESULT.S_FALSE, value: null });
    expect(lastCall("checkConsistency")).toMatchObject({ volumes: [] });
  });

  it("pairs source and snapshot volumes, including NULL paths", async () => {
    await client.checkConsistency({
      writerMetadata: "<m/>",
      componentName: "no check",
      logicalPath: "path",
      sourceVolumePaths: [volume(1), null, "\uD83D"],
      snapshotVolumePaths: [volume(2), volume(3), null],
    });
    expect(lastCall("checkConsistency")).toMatchObject({
      writerMetadata: "<m/>",
      logicalPath: "path",
      volumes: [
        { source: volume(1), snapshot: volume(2) },
        { source: null, snapshot: volume(3) },
        { source: "\uD83D", snapshot: null },
      ],
    });
  });

  it("accepts 1,000 volumes", async () => {
    const volumes = Array.from({ length: 1000 }, (_, index) => volume(index));
    const result = await client.checkConsistency({
      writerMetadata: null,
      componentName: "no check",
      logicalPath: null,
      sourceVolumePaths: volumes,
      snapshotVolumePaths: volumes,
    });
    expect(result.hresult).toBe(HRESULT.S_FALSE);
    expect(lastCall("checkConsistency")).toMatchObject({
      volumes: { count: 1000, last: { source: volume(999), snapshot: volume(999) } },
    });
  });

  it("refuses 1,001 volumes", async () => {
    const volumes = Array.from({ length: 1001 }, (_, index) => volume(index));
    const { hresult } = await client.checkConsistency({
      writerMetadata: null,
      componentName: "no check",
      logicalPath: null,
      sourceVolumePaths: volumes,
      snapshotVolumePaths: volumes,
    });
    expect(hresult >>> 31).toBe(1);
  });

  it("runs the check until it ends", async () => {
    const { value: operation } = await client.checkConsistency({
      writerMetadata: null,
      componentName: "fine",
      logicalPath: null,
      sourceVolumePaths: null,
      snapshotVolumePaths: null,
    });
    if (operation === undefined || operation === null) throw new Error("no operation");
    const done = await until("the end of the check", async () => {
      const { value } = await operation.queryStatus();
      return value === HRESULT.WSBAPP_ASYNC_IN_PROGRESS ? undefined : value;
    });
    expect(done).toBe(HRESULT.S_OK);
    await operation.release();
  });

  it("reports a failed check only through QueryStatus", async () => {
    const started = await client.checkConsistency({
      writerMetadata: null,
      componentName: "throw:broken page",
      logicalPath: null,
      sourceVolumePaths: null,
      snapshotVolumePaths: null,
    });
    expect(started.hresult).toBe(HRESULT.S_OK);
    const operation = started.value;
    if (operation === undefined || operation === null) throw new Error("no operation");
    const done = await until("the end of the check", async () => {
      const { value } = await operation.queryStatus();
      return value === HRESULT.WSBAPP_ASYNC_IN_PROGRESS ? undefined : value;
    });
    expect(done).toBe(HRESULT.WSBAPP_E_COMPONENT_CONSISTENCY_CHECK_FAILED);
    await operation.release();
  });

  it("is in progress until it is aborted, and then stays aborted", async () => {
    const { value: operation } = await startWaiting("1");
    if (operation === undefined || operation === null) throw new Error("no operation");
    expect((await operation.queryStatus()).value).toBe(HRESULT.WSBAPP_ASYNC_IN_PROGRESS);
    expect((await operation.abort()).hresult).toBe(HRESULT.S_OK);
    expect((await operation.queryStatus()).value).toBe(HRESULT.E_ABORT);
    await until("the handler's abort", () =>
      probeCalls(probe).find(
        (call) => call.method === "abort" && call["componentName"] === "wait-for-abort:1",
      ),
    );
    expect((await operation.abort()).hresult).toBe(HRESULT.S_OK);
    await operation.release();
  });

  it("aborts the handler when the client releases the operation early", async () => {
    const { value: operation } = await startWaiting("2");
    await operation?.release();
    await until("the handler's abort", () =>
      probeCalls(probe).find(
        (call) => call.method === "abort" && call["componentName"] === "wait-for-abort:2",
      ),
    );
  });

  it("runs two checks at the same time", async () => {
    const [first, second] = await Promise.all([startWaiting("3"), startWaiting("4")]);
    await first.value?.abort();
    expect((await first.value?.queryStatus())?.value).toBe(HRESULT.E_ABORT);
    expect((await second.value?.queryStatus())?.value).toBe(HRESULT.WSBAPP_ASYNC_IN_PROGRESS);
    await second.value?.abort();
    await Promise.all([first.value?.release(), second.value?.release()]);
  });
});
