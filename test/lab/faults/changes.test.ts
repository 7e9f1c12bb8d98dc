/** Manifests that change, and registrations that are updated, while a session is open. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { createGuid } from "../../../src/base/guid.ts";
import { MANIFEST_FILE } from "../../../src/runtime/manifest/manifest.ts";
import { fromWindowsPath } from "../../../src/tools/lab/paths.ts";
import { bootTaskName } from "../../../src/tools/registration/boot-task.ts";
import type { CliResult } from "../../helpers/cli.ts";
import { FINISH_A, PREPARE_A, RESTORE, RestoreBed } from "../../helpers/lab/restore-bed.ts";
import { makeTestLab, type TestLab } from "../../helpers/lab/test-lab.ts";
import { until } from "../../helpers/until.ts";

const GUARDIAN_LIMIT_MS = 10_000;
const STOP = ["STOPPED", "STOPPED"];

let testLab: TestLab;
let bed: RestoreBed;

beforeAll(async () => {
  testLab = makeTestLab();
  bed = await RestoreBed.make(testLab, "probe.ts");
});

afterAll(async () => {
  await bed.remove();
  await testLab.remove();
});

beforeEach(async () => {
  await bed.untilNoGuardian();
  await bed.untilRestored(0);
});

/** Changes the manifest as an edit and a `build` do; what it returns puts it back. */
function buildWith(fields: Readonly<Record<string, unknown>>): () => void {
  const { folder } = bed.addin;
  const files = [join(folder, MANIFEST_FILE), join(folder, "dist", MANIFEST_FILE)];
  const before = files.map((file) => [file, readFileSync(file, "utf8")] as const);
  for (const [file, text] of before) {
    writeFileSync(file, JSON.stringify({ ...JSON.parse(text), ...fields }));
  }
  return () => {
    for (const [file, text] of before) writeFileSync(file, text);
  };
}

function update(): Promise<CliResult> {
  return bed.cli("register", "--update", "--allow-writable-folder", "--no-activate");
}

function hasTask(clsid: string): boolean {
  const folder = String.raw`C:\windows\system32\tasks`;
  return existsSync(join(fromWindowsPath(testLab.lab, folder), bootTaskName(clsid)));
}

// First, because Wine's task scheduler is unreachable after its rpcss was killed.
describe("register --update to another class", () => {
  it("J: is refused during a restore, and ends one that is abandoned with a warning", async () => {
    expect(await update()).toMatchObject({ code: 0 });
    expect(hasTask(bed.addin.clsid)).toBe(true);
    const client = await bed.startClient();
    await bed.callAll(client, PREPARE_A);
    const clsid = createGuid();
    const changeBack = buildWith({ clsid });
    const refused = await update();
    expect([refused.code, JSON.parse(refused.stdout)]).toMatchObject([
      3,
      { error: { code: "ERR_WSB_CONFLICT", message: expect.stringContaining("BedStore") } },
    ]);
    expect(JSON.parse((await bed.cli("status")).stdout)).toMatchObject({
      session: { state: "in progress" },
    });

    await client.agent.crash();
    await bed.untilAbandoned(GUARDIAN_LIMIT_MS);
    const updated = await update();
    expect(updated.code, updated.stdout).toBe(0);
    expect(updated.stderr).toContain("BedLedger, BedStore");
    expect(await bed.states()).toEqual(STOP);
    expect(bed.session).toBeUndefined();
    expect(bed.events("sessionClosed").at(-1)).toMatchObject({
      outcome: "keptStopped",
      leftStopped: ["BedStore", "BedLedger"],
    });
    // Nothing of the former class is left.
    expect([hasTask(bed.addin.clsid), hasTask(clsid)]).toEqual([false, true]);
    expect(JSON.parse((await bed.cli("status")).stdout)).not.toHaveProperty("session");

    changeBack();
    expect(await update()).toMatchObject({ code: 0 });
    expect([hasTask(bed.addin.clsid), hasTask(clsid)]).toEqual([true, false]);
    // The scheduler could not remove it at the end of this file.
    const args = ["--no-boot-recovery", "--allow-writable-folder", "--no-activate"];
    expect(await bed.cli("register", ...args)).toMatchObject({ code: 0 });
    expect(hasTask(bed.addin.clsid)).toBe(false);
    for (const service of bed.services) await service.start();
  });
});

describe("a build during a restore", () => {
  it("J: without services does not keep PostRestore from starting them", async () => {
    const client = await bed.startClient();
    await bed.callAll(client, PREPARE_A);
    await bed.killServerAndGuardian();
    const changeBack = buildWith({ services: [] });
    await bed.reconnect(client);
    await bed.callAll(client, FINISH_A);
    await bed.untilRestored(0);
    changeBack();
    await client.agent.end();
    await bed.killServers();
    await bed.forgetServers();
  });

  it("J: with another class does not hide its session from a guardian that starts after it", async () => {
    const client = await bed.startClient();
    await bed.callAll(client, PREPARE_A);
    const changeBack = buildWith({ clsid: createGuid(), services: [] });
    await bed.killGuardian();
    const place = join(bed.dataFolder, "guardian.lock");
    await until("another guardian", () => (bed.guardians === 1 && existsSync(place)) || undefined);
    await bed.killServers();
    await client.agent.crash();
    await bed.untilAbandoned(GUARDIAN_LIMIT_MS);
    expect(await bed.states()).toEqual(STOP);
    await bed.decideToStart();
    await bed.untilRestored(0);
    changeBack();
    await bed.forgetServers();
    const next = await bed.startClient();
    await bed.callAll(next, ...RESTORE);
    await next.agent.end();
  });
});
