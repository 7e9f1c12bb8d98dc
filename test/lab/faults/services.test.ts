/** Services that somebody else starts, disables or deletes around a restore. */
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { HRESULT } from "../../../src/base/hresult.ts";
import type { CallResult } from "../../../src/runtime/native/binding.ts";
import { fromWindowsPath } from "../../../src/tools/lab/paths.ts";
import { probeCalls } from "../../helpers/lab/probe.ts";
import {
  FINISH_A,
  FINISH_B,
  PREPARE_A,
  PREPARE_B,
  RESTORE,
  RestoreBed,
  type RestoreClient,
  type RestoreStep,
} from "../../helpers/lab/restore-bed.ts";
import { installService, type TestService } from "../../helpers/lab/service.ts";
import { makeTestLab, type TestLab } from "../../helpers/lab/test-lab.ts";
import { until } from "../../helpers/until.ts";

const GUARDIAN_LIMIT_MS = 10_000;
const RUN = ["RUNNING", "RUNNING"];
const STOP = ["STOPPED", "STOPPED"];
/** A component whose handlers are held. */
const HELD = "hold";

let testLab: TestLab;
let bed: RestoreBed;
let client: RestoreClient;
let store: TestService;
/** The file that lets a handler go on that was held. */
let letGo: string;

function serviceOf({ services }: RestoreBed, wanted: string): TestService {
  const found = services.find(({ name }) => name === wanted);
  if (found === undefined) throw new Error(`${wanted} is no service of the bed`);
  return found;
}

beforeAll(async () => {
  testLab = makeTestLab();
  bed = await RestoreBed.make(testLab, "probe.ts");
  store = serviceOf(bed, "BedStore");
  letGo = join(bed.addin.folder, "dist", "let-go");
  client = await bed.startClient();
});

afterAll(async () => {
  await client.agent.end();
  await bed.remove();
  await testLab.remove();
});

beforeEach(async () => {
  await bed.untilNoGuardian();
  expect(await bed.states()).toEqual(RUN);
});

afterEach(async () => {
  await bed.untilRestored(0);
});

/** Expects that a call failed as its method fails, with a text that names something. */
function expectFailed(
  { hresult, description }: CallResult,
  method: RestoreStep["method"],
  named: string,
): void {
  const expected =
    method === "preRestore"
      ? HRESULT.WSBAPP_E_COMPONENT_PRE_RESTORE_FAILED
      : HRESULT.WSBAPP_E_COMPONENT_POST_RESTORE_FAILED;
  expect([hresult, description]).toEqual([expected, expect.stringContaining(named)]);
}

/** Makes a call whose handler is held until {@link letGo}, and waits until it is. */
async function holdIn(method: RestoreStep["method"]): Promise<() => Promise<CallResult>> {
  rmSync(letGo, { force: true });
  const before = probeCalls(bed.addin).length;
  const called = bed.call(client, { method, component: HELD });
  await until(
    "the held handler",
    () =>
      probeCalls(bed.addin)
        .slice(before)
        .some((call) => call.method === "holding") || undefined,
  );
  return () => {
    writeFileSync(letGo, "");
    return called;
  };
}

describe("a service that somebody starts during a restore", () => {
  it("D: is stopped again by the next PreRestore, and fails the PostRestore before it", async () => {
    await bed.callAll(client, PREPARE_A);
    await store.start();
    await bed.callAll(client, PREPARE_B);
    expect(await bed.states()).toEqual(STOP);
    expectFailed(await bed.call(client, FINISH_A), "postRestore", "BedStore");
    // Its own files are whole, and those of the other one may not be.
    expectFailed(await bed.call(client, FINISH_B), "postRestore", "half restored: a");
    expect(await bed.states()).toEqual(STOP);
    await bed.callAll(client, PREPARE_A, FINISH_A);
  });

  it("D: fails PostRestore though it has stopped again", async () => {
    const seen = bed.events("servicesRan").length;
    await bed.callAll(client, PREPARE_A);
    await store.start();
    await bed.observer.changeService("BedStore", { wanted: "STOPPED" });
    await until("the guardian's note", () => bed.events("servicesRan").length > seen || undefined);
    expect(await bed.states()).toEqual(STOP);
    expectFailed(await bed.call(client, FINISH_A), "postRestore", "BedStore");
    expect(await bed.states()).toEqual(STOP);
    await bed.callAll(client, PREPARE_A, FINISH_A);
  });

  it("D: fails PostRestore while it runs", async () => {
    await bed.callAll(client, PREPARE_A);
    await store.start();
    expectFailed(await bed.call(client, FINISH_A), "postRestore", "BedStore");
    await bed.callAll(client, PREPARE_A);
    expect(await bed.states()).toEqual(STOP);
    await bed.callAll(client, FINISH_A);
  });

  it("D: fails the PreRestore whose handler ran meanwhile", async () => {
    const finish = await holdIn("preRestore");
    await store.start();
    expectFailed(await finish(), "preRestore", "BedStore");
    // Nothing can have been restored, so the others start too.
    await bed.untilRestored(0);
  });

  it("D: is stopped again after a restore that broke off and was repaired by hand", async () => {
    const dying = await bed.startClient();
    await bed.callAll(dying, PREPARE_A);
    await dying.agent.crash();
    await bed.untilAbandoned(GUARDIAN_LIMIT_MS);
    await bed.untilNoGuardian();
    for (const service of bed.services) await service.start();
    await bed.callAll(client, PREPARE_A);
    expect(await bed.states()).toEqual(STOP);
    await bed.callAll(client, FINISH_A);
  });
});

describe("a service that could not start again", () => {
  it("E: fails PreRestore while it runs, disabled", async () => {
    const { binding } = bed.observer;
    await binding.setServiceStartType("BedStore", "disabled", false);
    const refused = await bed.call(client, PREPARE_A);
    expect(await bed.states()).toEqual(RUN);
    await binding.setServiceStartType("BedStore", "manual", false);
    expectFailed(refused, "preRestore", "BedStore (it is disabled)");
    // A service that depends on it could not start either.
    expectFailed(refused, "preRestore", "BedLedger (it needs BedStore, which is disabled)");
    expect(bed.session).toBeUndefined();
  });

  it("E: fails PreRestore when its program is gone", async () => {
    const program = fromWindowsPath(testLab.lab, testLab.lab.service);
    const away = `${program}.away`;
    renameSync(program, away);
    const refused = await bed.call(client, PREPARE_A);
    expect(await bed.states()).toEqual(RUN);
    renameSync(away, program);
    expectFailed(refused, "preRestore", "BedLedger (it has no program at ");
    expect(bed.session).toBeUndefined();
  });
});

describe("a service that is deleted during a restore", () => {
  it("F: is reported and owed no longer", async () => {
    await bed.callAll(client, PREPARE_B);
    const prepare = await holdIn("preRestore");
    await serviceOf(bed, "BedLedger").uninstall();
    expect((await prepare()).hresult).toBe(HRESULT.S_OK);
    await bed.callAll(client, { method: "postRestore", component: HELD }, FINISH_B);
    expect(bed.session).toBeUndefined();
    expect(await store.state()).toBe("RUNNING");
    expect(bed.events("serviceGone")).toMatchObject([{ service: "BedLedger" }]);
    expect((await bed.cli("status")).code).toBe(0);
    expect((await bed.cli("recover")).code).toBe(0);
    await bed.untilNoGuardian();
    await installService(testLab, bed.observer, "BedLedger", ["--depends", "BedStore"]);
    await serviceOf(bed, "BedLedger").start();
    await bed.callAll(client, ...RESTORE);
  });
});

describe("a service that did not run before a restore", () => {
  it("M: stays stopped, and an event says so", async () => {
    for (const name of ["BedLedger", "BedStore"]) {
      await bed.observer.changeService(name, { wanted: "STOPPED" });
    }
    await bed.callAll(client, ...RESTORE);
    expect(await bed.states()).toEqual(STOP);
    expect(bed.events("serviceNotRunning")).toMatchObject([
      { service: "BedStore", state: "STOPPED" },
    ]);
    for (const service of bed.services) await service.start();
  });
});
