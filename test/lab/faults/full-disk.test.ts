/** A disk without room for the journal: the add-in's folder is a small file system of its own. */
import { spawnSync } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { HRESULT } from "../../../src/base/hresult.ts";
import { untilProbe } from "../../helpers/lab/probe.ts";
import {
  FINISH_A,
  HELD,
  PREPARE_A,
  PREPARE_B,
  FINISH_B,
  RESTORE,
  RestoreBed,
  STARTED,
  type RestoreClient,
} from "../../helpers/lab/restore-bed.ts";
import { makeTestLab, type TestLab } from "../../helpers/lab/test-lab.ts";

const GUARDIAN_LIMIT_MS = 10_000;
const PAGE_BYTES = 4096;
const DISK_BYTES = 512 * 1024;

function mount(folder: string): boolean {
  const size = `size=${DISK_BYTES}`;
  return spawnSync("mount", ["-t", "tmpfs", "-o", size, "tmpfs", folder]).status === 0;
}

function unmount(folder: string): void {
  spawnSync("umount", ["--lazy", folder]);
}

/** Only root can mount, and not in every container. */
function canMount(): boolean {
  if (process.platform === "win32") return false;
  const folder = mkdtempSync(join(tmpdir(), "wsb-addin-mount-"));
  const isMounted = mount(folder);
  if (isMounted) unmount(folder);
  rmSync(folder, { recursive: true });
  return isMounted;
}

describe.skipIf(!canMount())("a disk that is full", () => {
  let testLab: TestLab;
  let bed: RestoreBed;
  let client: RestoreClient;

  beforeAll(async () => {
    testLab = makeTestLab();
    bed = await RestoreBed.make(testLab, "probe.ts");
    await bed.makeAutomatic();
    mkdirSync(bed.dataFolder, { recursive: true });
    expect(mount(bed.dataFolder)).toBe(true);
    client = await bed.startClient();
  });

  afterAll(async () => {
    await client.agent.end();
    unmount(bed.dataFolder);
    await bed.remove();
    await testLab.remove();
  });

  beforeEach(async () => {
    await bed.untilNoGuardian();
    emptyDisk();
    await bed.callAll(client, ...RESTORE);
    await bed.untilNoGuardian();
  });

  function ballast(): string {
    return join(bed.dataFolder, "ballast");
  }

  function emptyDisk(): void {
    rmSync(ballast(), { force: true });
  }

  /** Fills the disk up to its last bytes. */
  function fillDisk(freeBytes: number): void {
    const file = openSync(ballast(), "a");
    const page = new Uint8Array(PAGE_BYTES);
    let sizeBytes = 0;
    try {
      for (;;) sizeBytes += writeSync(file, page);
    } catch (error) {
      expect(error).toMatchObject({ code: "ENOSPC" });
    }
    closeSync(file);
    truncateSync(ballast(), sizeBytes - freeBytes);
  }

  it.each([0, 1, 4])(
    "B: with %i free pages fails PreRestore before anything stops",
    async (pages) => {
      fillDisk(pages * PAGE_BYTES);
      const { hresult, description } = await bed.call(client, PREPARE_A);
      expect([hresult, description]).toEqual([
        HRESULT.WSBAPP_E_COMPONENT_PRE_RESTORE_FAILED,
        expect.stringContaining("session.log"),
      ]);
      expect(await bed.statesAndStartTypes()).toEqual(STARTED);
      expect((await bed.cli("status")).code).toBe(0);
      emptyDisk();
      await bed.callAll(client, ...RESTORE);
    },
  );

  it("B: keeps no prepared component from its PostRestore, and no service from its start", async () => {
    await bed.callAll(client, PREPARE_A, PREPARE_B);
    fillDisk(0);
    await bed.callAll(client, FINISH_A, FINISH_B);
    expect(await bed.statesAndStartTypes()).toEqual(STARTED);
    expect(bed.session).toBeUndefined();
    expect((await bed.cli("status")).code).toBe(0);
  });

  it("B: does not keep the guardian from starting services", async () => {
    const dying = await bed.startClient();
    const called = bed.call(dying, { method: "preRestore", component: "hang" });
    await untilProbe(bed.addin, "the call", ({ componentName }) => componentName === "hang");
    expect(await bed.statesAndStartTypes()).toEqual(HELD);
    fillDisk(0);
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
    await bed.callAll(dying, PREPARE_A);
    fillDisk(0);
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
