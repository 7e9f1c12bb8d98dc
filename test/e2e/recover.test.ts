import { chmodSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { HRESULT } from "../../src/base/hresult.ts";
import { runInLab } from "../../src/tools/lab/run.ts";
import { runCli, runCliInAgent, type CliResult } from "../helpers/cli.ts";
import { PREPARE_A, RestoreBed, type RestoreClient } from "../helpers/lab/restore-bed.ts";
import { makeTestLab, type TestLab } from "../helpers/lab/test-lab.ts";

let testLab: TestLab;
let bed: RestoreBed;

beforeAll(async () => {
  testLab = makeTestLab();
  bed = await RestoreBed.make(testLab, "killed.ts", { lingerMs: 60_000 });
});

afterAll(async () => {
  await bed.remove();
  await testLab.remove();
});

function cli(...args: readonly string[]): Promise<CliResult> {
  const { observer, addin } = bed;
  return runCliInAgent(testLab, observer, addin.folder, [...args, "--json"]);
}

async function prepare(): Promise<RestoreClient> {
  const client = await bed.startClient();
  expect((await bed.call(client, PREPARE_A)).hresult).toBe(HRESULT.S_OK);
  return client;
}

/** Kills everything that could end the session: like a power cut, except for the services. */
async function breakOff(client: RestoreClient): Promise<void> {
  await bed.killServerAndGuardian();
  await client.agent.end();
  await bed.forgetServers();
}

const statusOf = async (): Promise<unknown> => JSON.parse((await cli("status")).stdout);

// First, because Wine's task scheduler is unreachable after its rpcss was killed.
describe("the start-up task", () => {
  it("is created by register, omitted on demand, and removed by unregister", async () => {
    expect(await statusOf()).toMatchObject({ bootRecovery: false });
    expect(await cli("register", "--allow-writable-folder")).toMatchObject({ code: 0 });
    expect(await statusOf()).toMatchObject({ bootRecovery: true });
    const without = ["--no-boot-recovery", "--allow-writable-folder"];
    expect(await cli("register", ...without)).toMatchObject({ code: 0 });
    expect(await statusOf()).toMatchObject({ bootRecovery: false });
    expect(await cli("register", "--allow-writable-folder")).toMatchObject({ code: 0 });
    expect(await cli("unregister")).toMatchObject({ code: 0 });
    await bed.observer.register(bed.addin.manifestFile, bed.addin.serverScript);
    expect(await statusOf()).toMatchObject({ bootRecovery: false });
  });

  it("is created and removed separately, and runs nothing that others could change", async () => {
    chmodSync(bed.addin.folder, 0o777);
    const refused = await cli("boot-recovery", "on");
    chmodSync(bed.addin.folder, 0o755);
    expect(JSON.parse(refused.stdout)).toMatchObject({
      error: { code: "ERR_WSB_WRITABLE_FOLDER" },
    });
    const other = join(bed.addin.folder, "other.json");
    const fields: object = JSON.parse(
      readFileSync(join(bed.addin.folder, "wsb-addin.json"), "utf8"),
    );
    const clsid = "{0B5C3E7A-6B5D-4C0E-9B38-2F1D5A7C9E11}";
    writeFileSync(other, JSON.stringify({ ...fields, clsid }));
    expect(await cli("boot-recovery", "on", "--manifest", "other.json")).toMatchObject({ code: 3 });
    const shown: unknown[] = [];
    const turns = [["on", "--dry-run"], ["on"], ["off", "--dry-run"], ["off"], ["off"]] as const;
    for (const [state, ...args] of turns) {
      const { code, stdout } = await cli("boot-recovery", state, ...args);
      const { ok, changed } = JSON.parse(stdout);
      const { bootRecovery } = JSON.parse((await cli("status")).stdout);
      shown.push([code, ok, changed, bootRecovery]);
    }
    expect(shown).toEqual([
      [0, true, false, false],
      [0, true, true, true],
      [0, true, false, true],
      [0, true, true, false],
      [0, true, false, false],
    ]);
  });
});

describe("an interrupted restore session without a guardian", () => {
  it("is shown by status and ended by recover", async () => {
    const client = await prepare();
    expect(await cli("unregister")).toMatchObject({ code: 3 });
    expect(await cli("boot-recovery", "off")).toMatchObject({ code: 3 });
    expect(await cli("recover")).toMatchObject({ code: 3 });
    expect(await cli("recover", "--before-change")).toMatchObject({ code: 3 });
    await breakOff(client);
    const status = await cli("status");
    expect(status.code).toBe(1);
    expect(JSON.parse(status.stdout)).toMatchObject({
      session: { state: "abandoned", stoppedServices: ["BedLedger", "BedStore"] },
    });
    const undecided = await cli("recover");
    expect([undecided.code, JSON.parse(undecided.stdout)]).toMatchObject([
      1,
      { error: { code: "ERR_WSB_SERVICE", message: expect.stringContaining("half restored: a") } },
    ]);
    expect(JSON.parse((await cli("recover", "--start", "--dry-run")).stdout)).toMatchObject({
      changed: false,
      wouldStart: ["BedStore", "BedLedger"],
    });
    expect(bed.session).toBeDefined();
    // As a user does it.
    const args = ["recover", "--start", "--json"];
    const recovered = await runCli(testLab.labFolder, bed.addin.folder, args);
    expect([recovered.code, JSON.parse(recovered.stdout)]).toMatchObject([
      0,
      { changed: true, started: ["BedStore", "BedLedger"] },
    ]);
    await bed.untilRestored(0);
  });

  it("is ended with its services stopped when somebody decides so", async () => {
    await breakOff(await prepare());
    const kept = await cli("recover", "--keep-stopped");
    expect([kept.code, JSON.parse(kept.stdout)]).toMatchObject([
      0,
      { changed: true, stopped: ["BedLedger", "BedStore"] },
    ]);
    expect(bed.session).toBeUndefined();
    for (const service of bed.services) {
      expect(await service.state()).toBe("STOPPED");
      await service.start();
    }
  });

  it("is ended with its services stopped before an installer changes anything", async () => {
    await breakOff(await prepare());
    expect(await cli("boot-recovery", "off", "--dry-run")).toMatchObject({ code: 0 });
    const planned = await cli("recover", "--before-change", "--dry-run");
    expect(JSON.parse(planned.stdout)).toMatchObject({ changed: false, state: "abandoned" });
    expect(bed.session).toBeDefined();
    const { code, stdout, stderr } = await cli("recover", "--before-change");
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { changed: true, state: "recovered" }]);
    expect(stderr).toContain("BedStore");
    expect(JSON.parse((await cli("recover", "--before-change")).stdout)).toMatchObject({
      changed: false,
      state: "no session",
    });
    for (const service of bed.services) {
      expect(await service.state()).toBe("STOPPED");
      await service.start();
    }
  });

  it("keeps its services stopped at the next activation, and goes on with the next restore", async () => {
    await breakOff(await prepare());
    const client = await bed.startClient();
    await bed.untilAbandoned(10_000);
    await bed.restore(client);
    await bed.untilRestored(0);
    await client.agent.end();
  });

  it("G: is shown by status, and ended, although the add-in's files are gone", async () => {
    await breakOff(await prepare());
    const dist = join(bed.addin.folder, "dist");
    renameSync(dist, `${dist}.gone`);
    try {
      const { writerId } = bed.addin;
      const status = await cli("status", "--writer-id", writerId);
      expect([status.code, JSON.parse(status.stdout)]).toMatchObject([
        1,
        { condition: "abandoned restore", session: { stoppedServices: ["BedLedger", "BedStore"] } },
      ]);
      const recovered = await cli("recover", "--start", "--writer-id", writerId);
      expect(recovered.code).toBe(0);
    } finally {
      renameSync(`${dist}.gone`, dist);
    }
    await bed.untilRestored(0);
  });

  it("keeps its services stopped when the machine starts", async () => {
    await breakOff(await prepare());
    const { lab } = testLab;
    expect(await runInLab(lab, lab.nodeExe, [bed.addin.serverScript, "--recover"], {})).toBe(1);
    for (const service of bed.services) expect(await service.state()).toBe("STOPPED");
    await bed.decideToStart();
    await bed.untilRestored(0);
  });
});

describe("a damaged journal", () => {
  it("is reported, fails the next calls, and names its services until somebody decides", async () => {
    await breakOff(await prepare());
    writeFileSync(bed.journalFile, '{"schemaVersion": 1, "services": [{"name": "Spooler"}]}');
    const client = await bed.startClient();
    const { hresult, description } = await bed.call(client, PREPARE_A);
    expect([hresult >>> 31, description]).toEqual([1, expect.stringContaining("BedLedger")]);
    const status = await cli("status");
    expect([status.code, JSON.parse(status.stdout)]).toMatchObject([
      1,
      { session: { damage: expect.any(String), stoppedServices: ["BedLedger", "BedStore"] } },
    ]);
    expect((await cli("recover")).code).toBe(1);
    const recovered = await cli("recover", "--start");
    expect([recovered.code, JSON.parse(recovered.stdout)]).toMatchObject([
      0,
      { started: ["BedStore", "BedLedger"] },
    ]);
    expect(bed.dataFiles.filter((name) => name.startsWith("session.log.damaged-"))).toHaveLength(1);
    await bed.restore(client);
    await bed.untilRestored(0);
    await client.agent.end();
  });
});
