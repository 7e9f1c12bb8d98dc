/** A disk without room for the journal: the add-in's folder is a small file system of its own. */
import { mkdirSync } from "node:fs";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { HRESULT } from "../../../src/base/hresult.ts";
import { untilProbe } from "../../helpers/lab/probe.ts";
import {
  HELD,
  PREPARE_A,
  RESTORE,
  RestoreBed,
  STARTED,
  type RestoreClient,
} from "../../helpers/lab/restore-bed.ts";
import { SmallDisk, canMount } from "../../helpers/small-disk.ts";
import { makeTestLab, type TestLab } from "../../helpers/lab/test-lab.ts";

const GUARDIAN_LIMIT_MS = 10_000;
const PAGE_BYTES = 4096;
const DISK_BYTES = 2 * 1024 * 1024;
/** One step with it takes more than the room by which a file grows. */
const LONG = "long ".repeat(6000);

describe.runIf(canMount)("a disk that is full", () => {
  let testLab: TestLab;
  let bed: RestoreBed;
  let client: RestoreClient;
  let disk: SmallDisk;

  beforeAll(async () => {
    testLab = makeTestLab();
    bed = await RestoreBed.make(testLab, "probe.ts");
    await bed.makeAutomatic();
    mkdirSync(bed.dataFolder, { recursive: true });
    disk = new SmallDisk(bed.dataFolder, DISK_BYTES);
    client = await bed.startClient();
  });

  afterAll(async () => {
    await client.agent.end();
    disk.remove();
    await bed.remove();
    await testLab.remove();
  });

  beforeEach(async () => {
    await bed.untilNoGuardian();
    disk.empty();
    await bed.callAll(client, ...RESTORE);
    await bed.untilNoGuardian();
  });

  it.each([0, 1, 4])(
    "B: with %i free pages fails PreRestore before anything stops",
    async (pages) => {
      disk.fill(pages * PAGE_BYTES);
      const { hresult, description } = await bed.call(client, PREPARE_A);
      expect([hresult, description]).toEqual([
        HRESULT.WSBAPP_E_COMPONENT_PRE_RESTORE_FAILED,
        expect.stringContaining("session.log"),
      ]);
      expect(await bed.statesAndStartTypes()).toEqual(STARTED);
      expect((await bed.cli("status")).code).toBe(0);
      disk.empty();
      await bed.callAll(client, ...RESTORE);
    },
  );

  it("B: keeps no prepared component from its PostRestore, and no service from its start", async () => {
    await bed.callAll(client, { method: "preRestore", component: LONG });
    disk.fill();
    await bed.callAll(client, { method: "postRestore", component: LONG });
    expect(await bed.statesAndStartTypes()).toEqual(STARTED);
    expect(bed.session).toBeUndefined();
    expect((await bed.cli("status")).code).toBe(0);
  });

  it("B: does not keep the guardian from starting services", async () => {
    const dying = await bed.startClient();
    const called = bed.call(dying, { method: "preRestore", component: `hang:${LONG}` });
    await untilProbe(bed.addin, "the call", ({ componentName }) =>
      String(componentName).startsWith("hang:"),
    );
    expect(await bed.statesAndStartTypes()).toEqual(HELD);
    disk.fill();
    await bed.killServers();
    await called;
    await dying.agent.crash();
    await bed.untilRestored(GUARDIAN_LIMIT_MS);
    expect(await bed.statesAndStartTypes()).toEqual(STARTED);
    expect((await bed.cli("status")).code).toBe(0);
    await bed.reconnect(client);
  });

  it("B: does not keep recover from starting services", async () => {
    const dying = await bed.startClient();
    await bed.callAll(dying, { method: "preRestore", component: LONG });
    disk.fill();
    await bed.killServerAndGuardian();
    await dying.agent.crash();
    expect((await bed.cli("status")).code).toBe(1);
    expect((await bed.cli("recover")).code).toBe(1);
    expect(await bed.statesAndStartTypes()).toEqual(HELD);
    await bed.decideToStart();
    expect(await bed.statesAndStartTypes()).toEqual(STARTED);
    expect((await bed.cli("status")).code).toBe(0);
    await bed.reconnect(client);
  });
});
