/** Restores that nobody finishes: nothing may serve files that are half restored. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { HRESULT } from "../../../src/base/hresult.ts";
import {
  FINISH_A,
  FINISH_B,
  PREPARE_A,
  PREPARE_B,
  RESTORE,
  RestoreBed,
  type RestoreClient,
} from "../../helpers/lab/restore-bed.ts";
import { makeTestLab, type TestLab } from "../../helpers/lab/test-lab.ts";
import { until } from "../../helpers/until.ts";

// The time that the kit promises after a client's death.
const GUARDIAN_LIMIT_MS = 10_000;
// The shortest that a manifest allows.
const ABANDON_AFTER_MS = 1000;

let testLab: TestLab;
let bed: RestoreBed;

beforeAll(async () => {
  testLab = makeTestLab();
  bed = await RestoreBed.make(testLab, "probe.ts", { abandonAfterMs: ABANDON_AFTER_MS });
});

afterAll(async () => {
  await bed.remove();
  await testLab.remove();
});

/** A client that ends while files are copied: after PreRestore of both components. */
async function breakOff(): Promise<void> {
  const client = await bed.startClient();
  await bed.callAll(client, PREPARE_A, PREPARE_B);
  await client.agent.crash();
  await bed.untilAbandoned(GUARDIAN_LIMIT_MS);
  await bed.untilNoGuardian();
}

async function restoreWithNewClient(): Promise<void> {
  const client = await bed.startClient();
  await bed.callAll(client, ...RESTORE);
  await bed.untilRestored(0);
  await client.agent.end();
}

async function statusOf(): Promise<readonly [number, unknown]> {
  const { code, stdout } = await bed.cli("status");
  return [code, JSON.parse(stdout)];
}

describe("a client that is killed while files are copied", () => {
  it("A1: leaves the services stopped, and named, until its components are restored", async () => {
    await breakOff();
    expect(await bed.states()).toEqual(["STOPPED", "STOPPED"]);
    expect(await statusOf()).toMatchObject([
      1,
      {
        session: {
          state: "abandoned",
          undecided: true,
          halfRestored: ["a", "b"],
          stoppedServices: ["BedLedger", "BedStore"],
        },
      },
    ]);
    expect(bed.events("restoreAbandoned")).toMatchObject([
      { role: "guardian", components: ["a", "b"], services: ["BedStore", "BedLedger"] },
    ]);
    const undecided = await bed.cli("recover");
    expect([undecided.code, JSON.parse(undecided.stdout)]).toMatchObject([
      1,
      { error: { code: "ERR_WSB_SERVICE" } },
    ]);
    expect(await bed.states()).toEqual(["STOPPED", "STOPPED"]);
    await restoreWithNewClient();
    expect(await statusOf()).toMatchObject([0, { ok: true }]);
  });

  it("A1: leaves them stopped though somebody restores another component", async () => {
    await breakOff();
    const client = await bed.startClient();
    await bed.callAll(client, PREPARE_B);
    const { hresult, description } = await bed.call(client, FINISH_B);
    expect([hresult, description]).toEqual([
      HRESULT.WSBAPP_E_COMPONENT_POST_RESTORE_FAILED,
      expect.stringContaining("half restored: a"),
    ]);
    expect(await bed.states()).toEqual(["STOPPED", "STOPPED"]);
    await bed.callAll(client, PREPARE_A, FINISH_A);
    await bed.untilRestored(0);
    await client.agent.end();
  });

  it("K: is not taken for a server that was killed", async () => {
    await breakOff();
    expect(bed.servers).toHaveLength(1);
    const { stdout } = await bed.cli("log", "--last", "1");
    expect(JSON.parse(stdout)).toMatchObject({ sessions: [{ verdict: "open" }] });
    expect(stdout).not.toContain("killed");
    await restoreWithNewClient();
  });
});

describe("a client that is silent and lives", () => {
  it("A2: keeps its services stopped, however short abandonAfterMs is", async () => {
    const client = await bed.startClient();
    await bed.callAll(client, PREPARE_A);
    const preparedAt = Date.now();
    await until(
      "five times the limit",
      () => Date.now() > preparedAt + 5 * ABANDON_AFTER_MS || undefined,
    );
    expect([bed.guardians, bed.session?.phase]).toEqual([1, "open"]);
    expect(await bed.states()).toEqual(["STOPPED", "STOPPED"]);
    expect(await statusOf()).toMatchObject([0, { session: { state: "in progress" } }]);
    await bed.callAll(client, FINISH_A);
    await bed.untilRestored(0);
    await client.agent.end();
  });
});

describe("a postRestore handler that fails", () => {
  let client: RestoreClient;

  beforeAll(async () => {
    client = await bed.startClient();
  });

  it("A3: leaves the services stopped, whatever becomes of other components", async () => {
    const component = "post:throw:no log to roll forward";
    await bed.callAll(client, { method: "preRestore", component }, PREPARE_A);
    const failed = await bed.call(client, { method: "postRestore", component });
    expect([failed.hresult, failed.description]).toEqual([
      HRESULT.WSBAPP_E_COMPONENT_POST_RESTORE_FAILED,
      expect.stringContaining("no log to roll forward"),
    ]);
    const last = await bed.call(client, FINISH_A);
    expect([last.hresult, last.description]).toEqual([
      HRESULT.WSBAPP_E_COMPONENT_POST_RESTORE_FAILED,
      expect.stringContaining("BedStore, BedLedger"),
    ]);
    expect(await bed.states()).toEqual(["STOPPED", "STOPPED"]);
    expect(await statusOf()).toMatchObject([1, { session: { halfRestored: [component] } }]);
    expect(bed.events("restoreAbandoned").at(-1)).toMatchObject({ components: [component] });
    const kept = await bed.cli("recover", "--keep-stopped");
    expect([kept.code, JSON.parse(kept.stdout)]).toMatchObject([
      0,
      { stopped: ["BedLedger", "BedStore"] },
    ]);
    expect(await bed.states()).toEqual(["STOPPED", "STOPPED"]);
    for (const service of bed.services) await service.start();
    await client.agent.end();
  });
});
