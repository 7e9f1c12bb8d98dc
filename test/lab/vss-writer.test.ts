import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { parseWriterMetadata } from "../../src/runtime/metadata/parse.ts";
import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import { EVENTS, playUntil } from "../helpers/lab/backup-events.ts";
import { listWriters, SET_ID, startRequester } from "../helpers/lab/requester.ts";
import { makeTestLab, type TestLab } from "../helpers/lab/test-lab.ts";
import { PLAN, WriterBed, writerSettings } from "../helpers/lab/writer-process.ts";

const VSS_E_BAD_STATE = 0x80042301;
const NONRETRYABLE = 0x800423f4;
const TIMED_OUT = 0x800423f2;
const ERROR_TIMEOUT = 0x800705b4;
const RPC_E_TOO_LATE = 0x80010119;
const E_ACCESSDENIED = 0x80070005;
const S_FALSE = 1;
const ERROR_NOT_SAFEBOOT_SERVICE = 0x8007043c;
const REG_DWORD = 4;
const FAULTS = "SOFTWARE\\wsb-addin-lab\\vssapi\\Faults";
const LIMIT_MS = 300;

let testLab: TestLab;
let bed: WriterBed;
let agent: Agent;

async function subscribe(limits: Parameters<typeof writerSettings>[0] = {}) {
  const settings = writerSettings(limits);
  const writer = await bed.subscribe(settings);
  const requester = await startRequester(testLab.lab, settings.id);
  return {
    settings,
    writer,
    requester,
    end: async (): Promise<void> => {
      await requester.end();
      writer.say({ say: "exit", exitCode: 0 });
      await writer.ended;
    },
  };
}

beforeAll(async () => {
  testLab = makeTestLab();
  [agent, bed] = await Promise.all([startAgent(testLab.lab), WriterBed.open(testLab)]);
});

afterAll(async () => {
  await bed.close();
  await agent.end();
  await testLab.remove();
});

describe("a writer", () => {
  it("gets each event of a backup with what VSS says of it, in order", async () => {
    const { writer, requester, end } = await subscribe();
    const components = [
      { componentName: "Ledger", logicalPath: null },
      { componentName: "Books", logicalPath: "Ledger\\Archive" },
    ];
    const volumes = [
      { volume: "C:\\", isInSet: true },
      { volume: "D:\\", isInSet: false },
    ];
    const inSet = new Set(["prepareSnapshot", "freeze", "thaw", "postSnapshot", "backupShutdown"]);
    for (const command of EVENTS) {
      const [event] = command;
      const answer = requester.event(...command);
      const { id, request } = await writer.next("request");
      expect(request).toEqual({
        event,
        backupType: "copy",
        components,
        snapshotSetId: inSet.has(event) ? SET_ID : null,
        volumes: event === "prepareSnapshot" || event === "freeze" ? volumes : [],
      });
      writer.say({ say: "complete", id: Number(id) });
      await writer.next("completed");
      expect(await answer).toMatchObject({ outcome: "done", hresult: 0 });
    }
    await end();
  });

  it("answers Identify from its plan, also while its event loop is blocked", async () => {
    const { settings, writer, requester, end } = await subscribe();
    writer.say({ say: "block", durationMs: 3000 });
    await writer.next("blocking");
    const { outcome, document } = await requester.event("identify");
    expect(outcome).toBe("done");
    const metadata = parseWriterMetadata(document);
    expect(metadata.identification).toMatchObject({
      writerId: settings.id,
      friendlyName: settings.name,
      usage: "USER_DATA",
    });
    expect(metadata.components).toHaveLength(PLAN.components.length);
    expect(metadata.components).toMatchInlineSnapshot(`
      [
        {
          "caption": "Ledger & <friends>",
          "componentFlags": 0,
          "componentName": "Ledger",
          "dependencies": [
            {
              "componentName": "Rows",
              "logicalPath": "Store\\Deep",
              "writerId": "{5D9C9C6A-9D7E-4F6F-9C39-6C1E0B3A7A11}",
            },
          ],
          "files": [
            {
              "alternatePath": null,
              "filespec": "*",
              "filespecBackupType": 3855,
              "path": "C:\\Ledger",
              "recursive": true,
            },
            {
              "alternatePath": "D:\\Ledger copy",
              "filespec": "*.dat",
              "filespecBackupType": 3855,
              "path": "C:\\Ledger\\live",
              "recursive": false,
            },
          ],
          "logFiles": [],
          "logicalPath": null,
          "notifyOnBackupComplete": false,
          "restoreMetadata": false,
          "selectable": true,
          "selectableForRestore": true,
          "type": "fileGroup",
        },
        {
          "caption": null,
          "componentFlags": 0,
          "componentName": "Books",
          "dependencies": [],
          "files": [
            {
              "alternatePath": null,
              "filespec": "*.db",
              "filespecBackupType": 3855,
              "path": "C:\\Books",
              "recursive": false,
            },
          ],
          "logFiles": [
            {
              "alternatePath": null,
              "filespec": "*.log",
              "filespecBackupType": 3855,
              "path": "C:\\Books",
              "recursive": false,
            },
          ],
          "logicalPath": "Ledger\\Archive",
          "notifyOnBackupComplete": false,
          "restoreMetadata": false,
          "selectable": false,
          "selectableForRestore": false,
          "type": "database",
        },
      ]
    `);
    expect(metadata.restoreMethod).toMatchInlineSnapshot(`
      {
        "alternateLocationMappings": [],
        "method": "RESTORE_IF_CAN_BE_REPLACED",
        "rebootRequired": false,
        "service": null,
        "userProcedure": null,
        "writerRestore": "never",
      }
    `);
    expect(metadata.excludedFiles).toMatchInlineSnapshot(`
      [
        {
          "filespec": "*.tmp",
          "path": "C:\\Ledger\\tmp",
          "recursive": true,
        },
      ]
    `);
    await writer.next("unblocked");
    await end();
  });

  it("fails an event with the handler's codes and sentence, on the thread that called", async () => {
    const { writer, requester, end } = await subscribe();
    await playUntil("freeze", requester, writer);
    const answer = requester.event("freeze");
    writer.say({
      say: "complete",
      id: await writer.request("freeze"),
      failure: { hresult: NONRETRYABLE, applicationHresult: 0x80004005, message: "Disk “Ä” full." },
    });
    await writer.next("completed");
    // The stand-in takes a failure on the calling thread only.
    expect(await answer).toMatchObject({
      outcome: "failed",
      hresult: NONRETRYABLE,
      applicationHresult: 0x80004005,
      message: "Disk “Ä” full.",
    });
    await end();
  });

  it("fails an event at its limit, and the handler's answer comes too late", async () => {
    const { writer, requester, end } = await subscribe({ freeze: LIMIT_MS });
    await playUntil("freeze", requester, writer);
    const answer = requester.event("freeze");
    const id = await writer.request("freeze");
    expect(await answer).toMatchObject({
      outcome: "failed",
      hresult: TIMED_OUT,
      applicationHresult: ERROR_TIMEOUT,
      message: expect.stringContaining(`freeze within ${LIMIT_MS} ms`),
    });
    expect(await writer.next("expired")).toMatchObject({ id });
    writer.say({ say: "complete", id });
    expect(await writer.next("completed")).toMatchObject({ wasInTime: false });
    // Later events work.
    const abort = requester.event("abort");
    writer.say({ say: "complete", id: await writer.request("abort") });
    expect(await abort).toMatchObject({ outcome: "done" });
    await end();
  });

  it("drops a freeze that a blocked event loop did not take, and delivers its end late", async () => {
    const { writer, requester, end } = await subscribe({ freeze: LIMIT_MS, abort: LIMIT_MS });
    await playUntil("freeze", requester, writer);
    writer.say({ say: "block", durationMs: 3000 });
    await writer.next("blocking");
    expect(await requester.event("freeze")).toMatchObject({
      outcome: "failed",
      hresult: TIMED_OUT,
    });
    expect(await requester.event("abort")).toMatchObject({ outcome: "failed", hresult: TIMED_OUT });
    await writer.next("unblocked");
    writer.say({ say: "complete", id: await writer.request("abort") });
    expect(await writer.next("completed")).toMatchObject({ wasInTime: false });
    await end();
  });

  it("ends its process when a blocked event loop cannot thaw", async () => {
    const { writer, requester } = await subscribe({ thaw: LIMIT_MS });
    await playUntil("thaw", requester, writer);
    writer.say({ say: "block", durationMs: 60_000 });
    await writer.next("blocking");
    expect(await requester.event("thaw")).toMatchObject({ outcome: "gone" });
    await writer.gone();
    expect(await writer.ended).not.toBe(0);
    await requester.end();
  });

  it("gets Abort and BackupShutdown when the requester dies while it is frozen", async () => {
    const { writer, requester, end } = await subscribe();
    await playUntil("thaw", requester, writer);
    await requester.end();
    for (const event of ["abort", "backupShutdown"] as const) {
      writer.say({ say: "complete", id: await writer.request(event) });
      await writer.next("completed");
    }
    await end();
  });

  it("gets Abort when nobody thaws within VSS's own limit", async () => {
    const settings = writerSettings({}, { freezeTimeoutMs: LIMIT_MS });
    const writer = await bed.subscribe(settings);
    const requester = await startRequester(testLab.lab, settings.id);
    await playUntil("thaw", requester, writer);
    writer.say({ say: "complete", id: await writer.request("abort") });
    await writer.next("completed");
    expect(await requester.event("thaw")).toMatchObject({
      outcome: "refused",
      hresult: VSS_E_BAD_STATE,
    });
    await requester.end();
    writer.say({ say: "exit", exitCode: 0 });
    await writer.ended;
  });

  it("fails the waiting event when it unsubscribes, and is not found afterwards", async () => {
    const { settings, writer, requester } = await subscribe();
    await playUntil("freeze", requester, writer);
    const answer = requester.event("freeze");
    const id = await writer.request("freeze");
    writer.say({ say: "unsubscribe" });
    expect(await writer.next("expired")).toMatchObject({ id });
    const { outcome } = await answer;
    expect(["failed", "gone"]).toContain(outcome);
    await writer.next("unsubscribed");
    writer.say({ say: "complete", id });
    expect(await writer.next("completed")).toMatchObject({ wasInTime: false });
    const ids = (await listWriters(testLab.lab)).map(([, writerId]) => writerId);
    expect(ids).not.toContain(settings.id.slice(1, -1).toLowerCase());
    await requester.end();
    writer.say({ say: "exit", exitCode: 0 });
    await writer.ended;
  });

  it("keeps one backup from another's", async () => {
    const { settings, writer, requester, end } = await subscribe();
    await playUntil("freeze", requester, writer);
    const other = await startRequester(testLab.lab, settings.id);
    for (const command of EVENTS) {
      expect(await other.event(...command)).toMatchObject({
        outcome: "refused",
        hresult: VSS_E_BAD_STATE,
      });
    }
    expect(await other.event("identify")).toMatchObject({ outcome: "done" });
    await other.end();
    await end();
  });
});

describe("createWriter", () => {
  it.each([
    ["CreateWriterEx", E_ACCESSDENIED, E_ACCESSDENIED],
    ["CreateWriterEx", S_FALSE, ERROR_NOT_SAFEBOOT_SERVICE],
    ["Initialize", RPC_E_TOO_LATE, RPC_E_TOO_LATE],
    ["Subscribe", E_ACCESSDENIED, E_ACCESSDENIED],
  ] as const)("says that VSS refused %s with %i", async (api, played, hresult) => {
    const value = Buffer.alloc(4);
    value.writeUInt32LE(played);
    await agent.binding.createRegistryKey(FAULTS);
    await agent.binding.writeRegistryValue(FAULTS, api, REG_DWORD, value);
    const writer = await bed.start();
    await writer.next("started");
    writer.say({ say: "create", settings: writerSettings() });
    expect(await writer.next("failed")).toMatchObject({
      what: "subscribed",
      error: { api, hresult },
    });
    await agent.binding.deleteRegistryValue(FAULTS, api);
    // The process can exit: nothing of the writer is left.
    writer.say({ say: "exit", exitCode: 0 });
    expect(await writer.ended).toBe(0);
    expect(await listWriters(testLab.lab)).toEqual([]);
  });
});
