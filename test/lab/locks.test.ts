import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { HRESULT } from "../../src/base/hresult.ts";
import { parseOwner } from "../../src/runtime/restore/lock-owner.ts";
import { runCli } from "../helpers/cli.ts";
import { untilProbe } from "../helpers/lab/probe.ts";
import { PREPARE_A, RestoreBed, type RestoreClient } from "../helpers/lab/restore-bed.ts";
import { makeTestLab, type TestLab } from "../helpers/lab/test-lab.ts";
import { until } from "../helpers/until.ts";

// The limit of an owner that shows no sign of life, and the time for everything around it.
const ENOUGH_MS = 90_000;

let testLab: TestLab;
let bed: RestoreBed;

beforeAll(async () => {
  testLab = makeTestLab();
  bed = await RestoreBed.make(testLab, "probe.ts", { timeoutsMs: { preRestore: 5000 } });
});

afterAll(async () => {
  await bed.remove();
  await testLab.remove();
});

/** Reads who has the lock of the services. */
function lockOwner() {
  try {
    const file = join(dirname(bed.dataFolder), "services.lock");
    return parseOwner(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** A restore whose server has the lock of the services, and a blocked event loop. */
async function hangWithLock(): Promise<RestoreClient> {
  const client = await bed.startClient();
  const { hresult } = await bed.call(client, { ...PREPARE_A, component: "block-after" });
  expect(hresult).toBe(HRESULT.WSBAPP_E_COMPONENT_PRE_RESTORE_FAILED);
  await untilProbe(bed.addin, "the block", ({ method }) => method === "blocking");
  const owner = await until("the owner of the lock", lockOwner);
  expect(owner).toMatchObject({ doing: "server", image: expect.stringContaining("node.exe") });
  return client;
}

describe("a server that has the lock and blocks its event loop", () => {
  it("G: is ended by the guardian after its client has died, and the services start", async () => {
    const client = await hangWithLock();
    expect(bed.guardians).toBe(1);
    await client.agent.end();
    await bed.untilRestored(ENOUGH_MS);
    expect(bed.events("lockOwnerEnded")).toMatchObject([
      { role: "guardian", doing: "server", ownerImage: expect.stringContaining("node.exe") },
    ]);
    expect(bed.servers).toEqual([]);
  });

  it("G: is named and ended by recover, which goes on", async () => {
    await bed.forgetServers();
    const client = await hangWithLock();
    await client.agent.end();
    await bed.killGuardian();
    const args = ["recover", "--start", "--json"];
    const { code, stdout, stderr } = await runCli(testLab.labFolder, bed.addin.folder, args);
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { ok: true }]);
    expect(stderr).toMatch(/Waiting for .*node\.exe \(process \d+\) to finish/u);
    expect(stderr).toMatch(/node\.exe \(process \d+\) was ended/u);
    await bed.untilRestored(0);
  });
});

describe("a process that dies with the lock", () => {
  it("gives it back at once", async () => {
    await bed.forgetServers();
    const client = await hangWithLock();
    await client.agent.end();
    await bed.killGuardian();
    await bed.killServers();
    const startedAt = performance.now();
    await bed.decideToStart();
    await bed.untilRestored(0);
    // Less than an owner that lives would be waited for.
    expect(performance.now() - startedAt).toBeLessThan(25_000);
  });
});
