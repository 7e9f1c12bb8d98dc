import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { defineAddin, type AddinHandlers } from "../../../src/runtime/addin/define-addin.ts";
import {
  assertSucceeded,
  createTestHost,
  readManifestFile,
  type TestHost,
  type TestHostOptions,
} from "../../../src/testing/index.ts";
import { forever } from "../../helpers/fakes/dispatch-bed.ts";

const S_OK = 0;
const E_ABORT = 0x80004004;
const PRE_RESTORE_FAILED = 0x807a0002;
const CHECK_FAILED = 0x807a0001;
const minuteMs = 60_000;
const serviceTimeoutMs = 10_000;

const hosts: TestHost[] = [];
let folder: string;
let manifest: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "wsb-testing-"));
  manifest = join(folder, "wsb-addin.json");
  const guid = "{CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B}";
  const identity = { name: "Ledger", applicationIdentifier: "Ledger", writerId: guid };
  const settings = { services: ["Ledger"], timeoutsMs: { preRestore: minuteMs }, serviceTimeoutMs };
  writeFileSync(manifest, JSON.stringify({ ...identity, clsid: guid, appId: guid, ...settings }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => {
  for (const host of hosts.splice(0)) host.close();
});

function hostOf(handlers: AddinHandlers, options: TestHostOptions = {}): TestHost {
  const host = createTestHost(defineAddin(handlers), options);
  hosts.push(host);
  return host;
}

describe("a restore on the test host", () => {
  it("keeps the manifest's services stopped from the first component to the last", async () => {
    const seen: unknown[] = [];
    const look = (): void => {
      seen.push(host.services.state("Ledger"));
    };
    const host = hostOf({ preRestore: look, postRestore: look }, { manifest });
    const components = [{ componentName: "a" }, { componentName: "b" }];
    for (const one of components) expect((await host.preRestore(one)).succeeded).toBe(true);
    expect(host.isSessionOpen).toBe(true);
    for (const one of components) expect((await host.postRestore(one)).hresult).toBe(S_OK);
    expect(host.isSessionOpen).toBe(false);
    expect(seen).toEqual(["STOPPED", "STOPPED", "STOPPED", "STOPPED"]);
    expect(host.services.requests).toEqual(["stop Ledger", "start Ledger"]);
  });

  it("passes the test's input to a handler, and NULL for omitted fields", async () => {
    const seen: unknown[] = [];
    const host = hostOf({ preRestore: (request) => void seen.push(request) });
    await host.preRestore();
    await host.preRestore({ componentName: "a", logicalPath: "b", noRollForward: true });
    expect(seen).toMatchObject([
      { componentName: null, logicalPath: null, writerMetadata: null, noRollForward: false },
      { componentName: "a", logicalPath: "b", writerMetadata: null, noRollForward: true },
    ]);
  });

  it("reports a handler that throws like Windows Server Backup would see it", async () => {
    const host = hostOf({ preRestore: () => Promise.reject(new Error("open books")) });
    expect(await host.preRestore()).toEqual({
      succeeded: false,
      hresult: PRE_RESTORE_FAILED,
      error: "open books",
      failure: {
        code: "Error",
        text: "open books",
        stack: expect.arrayContaining([expect.stringContaining("host.test.ts")]),
      },
    });
    expect(host.log).toContainEqual({ level: "error", message: "preRestore failed: open books" });
  });

  it("ends a handler when the clock reaches its limit, and not before", async () => {
    let aborted = false;
    const host = hostOf(
      {
        preRestore: (_request, { signal }) => {
          signal.addEventListener("abort", () => (aborted = true));
          return forever();
        },
      },
      { manifest },
    );
    const outcome = host.preRestore();
    await host.clock.advance(minuteMs - 1);
    expect(aborted).toBe(false);
    await host.clock.advance(1);
    expect(aborted).toBe(true);
    expect((await outcome).hresult).toBe(PRE_RESTORE_FAILED);
    expect((await outcome).failure?.code).toBe("ERR_WSB_TIMEOUT");
    expect(host.services.state("Ledger")).toBe("RUNNING");
  });

  it("fails when a service hangs, without real waiting", async () => {
    const host = hostOf({}, { manifest, services: [{ name: "Ledger", onStop: "hangs" }] });
    const { succeeded, error } = await host.preRestore();
    expect(succeeded).toBe(false);
    expect(error).toContain("Service Ledger is still STOP_PENDING");
    expect(host.clock.now()).toBeGreaterThanOrEqual(serviceTimeoutMs);
  });
});

describe("the calls before a restore on the test host", () => {
  it("return the handlers' results", async () => {
    const host = hostOf({
      orderComponents: ({ components }) => components.toReversed(),
      isRollForwardSupported: () => true,
    });
    const a = { componentName: "a", logicalPath: null };
    const b = { componentName: "b", logicalPath: "x" };
    expect(await host.orderComponents([a, b])).toEqual({
      succeeded: true,
      hresult: S_OK,
      order: [b, a],
    });
    expect(await host.isRollForwardSupported()).toMatchObject({ supported: true });
  });

  it("fail when a handler loses a component", async () => {
    const host = hostOf({ orderComponents: () => [] });
    expect(await host.orderComponents([{ componentName: "a" }])).toMatchObject({
      succeeded: false,
      order: null,
    });
  });
});

describe("a consistency check on the test host", () => {
  it("reads the files of its volume", async () => {
    const read: string[] = [];
    const host = hostOf({
      checkConsistency: async ({ volumes }) => {
        for (const { snapshot } of volumes) {
          read.push(readFileSync(join(snapshot ?? "", "Data", "ledger.db"), "utf8"));
        }
      },
    });
    const volume = host.addVolume({ "Data/ledger.db": "books" });
    expect(await host.checkConsistency({ volumes: [volume] })).toEqual({
      succeeded: true,
      hresult: S_OK,
      checked: true,
    });
    expect(read).toEqual(["books"]);
    host.close();
    expect(existsSync(volume.snapshot ?? "")).toBe(false);
  });

  it("fails with the text of the handler's error", async () => {
    const host = hostOf({ checkConsistency: () => Promise.reject(new Error("damaged")) });
    expect(await host.checkConsistency()).toEqual({
      succeeded: false,
      hresult: CHECK_FAILED,
      error: "damaged",
      failure: expect.objectContaining({ code: "Error", text: "damaged" }),
      checked: true,
    });
  });

  it("gives each of two checks that fail together the text of its own handler", async () => {
    const host = hostOf({
      async checkConsistency({ componentName }) {
        await Promise.resolve();
        throw new Error(`${componentName} is damaged`);
      },
    });
    const outcomes = await Promise.all(
      ["a", "b"].map((componentName) => host.checkConsistency({ componentName })),
    );
    expect(outcomes.map(({ error }) => error)).toEqual(["a is damaged", "b is damaged"]);
  });

  it("gives the caller the causes in one sentence, and the test each cause with its stack", async () => {
    const refused = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:8080"), {
      code: "ECONNREFUSED",
    });
    const host = hostOf({
      preRestore() {
        throw new Error("Cannot flush", {
          cause: new TypeError("fetch failed", { cause: refused }),
        });
      },
    });
    const { error, failure } = await host.preRestore();
    expect(error).toBe("Cannot flush: fetch failed: connect ECONNREFUSED 127.0.0.1:8080");
    expect(failure?.causes).toMatchObject([
      { name: "TypeError", text: "fetch failed" },
      { name: "Error", code: "ECONNREFUSED", text: refused.message },
    ]);
    for (const cause of failure?.causes ?? []) {
      expect(cause.stack?.[0]).toContain("host.test.ts");
    }
  });

  it("runs the programs that the test simulates", async () => {
    const file = "C:\\db\\check.exe";
    const handlers: AddinHandlers = {
      checkConsistency: async (_request, { run }) => {
        await run({ file, args: ["a b"] });
      },
    };
    const started: unknown[] = [];
    const host = hostOf(handlers, {
      runProgram: (program) => {
        started.push(program);
        return { exitCode: started.length - 1, output: "page 7 is torn" };
      },
    });
    expect(await host.checkConsistency()).toMatchObject({ succeeded: true });
    expect(started).toEqual([{ file, commandLine: `"${file}" "a b"`, folder: "C:\\db" }]);
    const { succeeded, error } = await host.checkConsistency();
    expect(succeeded).toBe(false);
    expect(error).toContain("page 7 is torn");
    expect((await hostOf(handlers).checkConsistency()).error).toContain("runProgram");
  });

  it("may be unnecessary", async () => {
    const host = hostOf({ checkConsistency: () => null });
    expect(await host.checkConsistency()).toMatchObject({ succeeded: true, checked: false });
  });

  it("ends when the test aborts it", async () => {
    const controller = new AbortController();
    const host = hostOf({ checkConsistency: () => forever() });
    const outcome = host.checkConsistency({ signal: controller.signal });
    controller.abort();
    expect((await outcome).hresult).toBe(E_ABORT);
  });
});

describe("assertSucceeded", () => {
  it("shows why a call failed: the error, where it was thrown, and its causes", async () => {
    const cause = new Error("the disk is full");
    const host = hostOf({
      preRestore: () => {
        throw new TypeError("cannot export the ledger", { cause });
      },
    });
    const outcome = await host.preRestore();
    expect(() => assertSucceeded(outcome)).toThrow(
      /^The call failed \(0x807A0002\): .*cannot export the ledger.*\n {4}at .*host\.test\.ts:.*\nCaused by: .*the disk is full\n {4}at .*host\.test\.ts:/su,
    );
  });

  it("shows why a call failed without a handler", async () => {
    const host = hostOf({}, { manifest, services: [{ name: "Ledger", onStop: "refuses" }] });
    const outcome = await host.preRestore();
    expect(() => assertSucceeded(outcome)).toThrow(outcome.error);
    expect(outcome.error).toContain("Ledger");
  });

  it("passes after a call that succeeded", async () => {
    assertSucceeded(await hostOf({}).preRestore());
  });
});

it("a manifest in UTF-16 is refused, and the message says how to save it", () => {
  const file = join(folder, "utf-16.json");
  writeFileSync(file, Buffer.from(`\uFEFF${readFileSync(manifest, "utf8")}`, "utf16le"));
  const refusal = expect.objectContaining({
    code: "ERR_WSB_INVALID_MANIFEST",
    message: expect.stringContaining("UTF-16. Save it as UTF-8"),
  });
  expect(() => readManifestFile(file)).toThrow(refusal);
  expect(() => hostOf({}, { manifest: file })).toThrow(refusal);
});

it("an invalid manifest is refused", () => {
  const file = join(folder, "broken.json");
  writeFileSync(file, "{}");
  expect(() => hostOf({}, { manifest: file })).toThrow(
    expect.objectContaining({ code: "ERR_WSB_INVALID_MANIFEST" }),
  );
});

describe("restoreAbandoned", () => {
  const component = { componentName: "Books", outcome: "ok" };

  it("gets the components and the manifest's services, and decides", async () => {
    const seen: unknown[] = [];
    const host = hostOf({
      restoreAbandoned: (request) => {
        seen.push(request);
        return "startServices";
      },
    });
    const outcome = await host.restoreAbandoned({
      components: [component],
      services: ["ContosoLedger"],
    });
    expect(outcome).toEqual({ decision: "startServices" });
    expect(seen).toEqual([
      {
        components: [{ ...component, logicalPath: null, client: null, noRollForward: null }],
        services: ["ContosoLedger"],
      },
    ]);
  });

  it("keeps the services stopped after a failure, which the outcome has", async () => {
    const host = hostOf({ restoreAbandoned: () => Promise.reject(new TypeError("torn")) });
    expect(await host.restoreAbandoned({ components: [component] })).toMatchObject({
      decision: "keepStopped",
      failure: { code: "TypeError", text: "torn" },
    });
  });

  it("keeps the services stopped at its limit by the test's clock", async () => {
    const host = hostOf({ restoreAbandoned: () => forever() });
    const outcome = host.restoreAbandoned({ components: [component] });
    await host.clock.advance(5 * 60_000);
    expect(await outcome).toMatchObject({
      decision: "keepStopped",
      failure: { code: "ERR_WSB_TIMEOUT" },
    });
  });

  it("is the manifest's choice without a handler", async () => {
    expect(await hostOf({}).restoreAbandoned({ components: [component] })).toEqual({
      decision: "keepStopped",
    });
  });
});

describe("the handlers around the services on the test host", () => {
  it("run once each while the services run, and get the ordered components", async () => {
    const seen: unknown[] = [];
    const look = (name: string) => (request: object) => {
      seen.push([name, host.services.state("Ledger"), request]);
    };
    const host = hostOf(
      {
        beforeServicesStop: look("before"),
        preRestore: () => void seen.push("preRestore"),
        postRestore: () => void seen.push("postRestore"),
        afterServicesStart: look("after"),
      },
      { manifest },
    );
    const components = ["a", "b"].map((componentName) => ({ componentName, logicalPath: null }));
    await host.orderComponents(components);
    for (const one of components) await host.preRestore({ ...one, noRollForward: true });
    for (const one of components) expect((await host.postRestore(one)).succeeded).toBe(true);
    const services = ["Ledger"];
    expect(seen).toEqual([
      ["before", "RUNNING", { components, noRollForward: true, services }],
      "preRestore",
      "preRestore",
      "postRestore",
      "postRestore",
      ["after", "RUNNING", { components, services }],
    ]);
  });

  it("stop nothing when beforeServicesStop fails", async () => {
    const host = hostOf(
      { beforeServicesStop: () => Promise.reject(new TypeError("books are open")) },
      { manifest },
    );
    expect(await host.preRestore()).toMatchObject({
      hresult: PRE_RESTORE_FAILED,
      error: "books are open",
      failure: { code: "TypeError" },
    });
    expect(host.services.requests).toEqual([]);
    expect(host.isSessionOpen).toBe(false);
  });

  it("end beforeServicesStop at the limit of preRestore, which is shorter here", async () => {
    const host = hostOf({ beforeServicesStop: () => forever() }, { manifest });
    const outcome = host.preRestore();
    await host.clock.advance(minuteMs);
    expect(await outcome).toMatchObject({
      hresult: PRE_RESTORE_FAILED,
      failure: { code: "ERR_WSB_TIMEOUT" },
    });
    expect(host.services.requests).toEqual([]);
  });

  it("fail the last PostRestore with afterServicesStart, and leave the services running", async () => {
    const host = hostOf(
      { afterServicesStart: () => Promise.reject(new TypeError("no index")) },
      { manifest },
    );
    await host.preRestore();
    expect((await host.postRestore()).succeeded).toBe(false);
    expect(host.services.state("Ledger")).toBe("RUNNING");
    expect(host.isSessionOpen).toBe(false);
  });
});
