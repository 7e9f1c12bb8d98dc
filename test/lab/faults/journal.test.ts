/** A journal that somebody or something damages while its session is open. */
import { copyFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { HRESULT } from "../../../src/base/hresult.ts";
import {
  FINISH_A,
  HELD,
  PREPARE_A,
  PREPARE_B,
  RESTORE,
  RestoreBed,
  STARTED,
  type RestoreClient,
} from "../../helpers/lab/restore-bed.ts";
import { makeTestLab, type TestLab } from "../../helpers/lab/test-lab.ts";

let testLab: TestLab;
let bed: RestoreBed;
let client: RestoreClient;
/** The journal of a session that has ended. */
let earlier: Uint8Array;

beforeAll(async () => {
  testLab = makeTestLab();
  bed = await RestoreBed.make(testLab, "probe.ts");
  await bed.makeAutomatic();
  client = await bed.startClient();
  await bed.callAll(client, ...RESTORE);
  earlier = readFileSync(bed.journalFile);
});

afterAll(async () => {
  await client.agent.end();
  await bed.remove();
  await testLab.remove();
});

function flipBit(file: string, text: string): void {
  const bytes = readFileSync(file);
  const at = bytes.indexOf(text);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  writeFileSync(file, bytes);
}

type Damage = readonly [what: string, damage: (file: string) => void];

/** Damage that whoever reads the journal sees. */
const losses: readonly Damage[] = [
  ["cut to half a record", (file) => truncateSync(file, 100)],
  ["emptied", (file) => truncateSync(file, 0)],
  ["zeroed", (file) => writeFileSync(file, new Uint8Array(readFileSync(file).length))],
  ["replaced by the journal of an earlier session", (file) => writeFileSync(file, earlier)],
  ["deleted", (file) => rmSync(file)],
];

/** Damage in what a server has read already, and need not read again. */
const changedBits: readonly Damage[] = [
  ["its first step", (file) => flipBit(file, '"opened"')],
  ["a service's name", (file) => flipBit(file, "BedStore")],
  ["its last step", (file) => flipBit(file, '"prepared"')],
];

/** Expects that every call fails and that nothing starts, until somebody decides. */
async function expectReported(): Promise<void> {
  const calls = [
    [FINISH_A, HRESULT.WSBAPP_E_COMPONENT_POST_RESTORE_FAILED],
    [PREPARE_B, HRESULT.WSBAPP_E_COMPONENT_PRE_RESTORE_FAILED],
  ] as const;
  for (const [step, expected] of calls) {
    const { hresult, description } = await bed.call(client, step);
    expect(hresult).toBe(expected);
    for (const { name } of bed.services) expect(description).toContain(name);
  }
  const status = await bed.cli("status");
  expect([status.code, JSON.parse(status.stdout)]).toMatchObject([
    1,
    { session: { damage: expect.any(String), stoppedServices: ["BedLedger", "BedStore"] } },
  ]);
  expect((await bed.cli("recover")).code).toBe(1);
  expect(await bed.statesAndStartTypes()).toEqual(HELD);
}

async function decideToStart(): Promise<void> {
  const recovered = await bed.cli("recover", "--start");
  expect([recovered.code, JSON.parse(recovered.stdout)]).toMatchObject([
    0,
    { started: ["BedStore", "BedLedger"] },
  ]);
  expect(await bed.statesAndStartTypes()).toEqual(STARTED);
  expect((await bed.cli("status")).code).toBe(0);
}

describe("a journal that is damaged while services are stopped", () => {
  beforeEach(async () => {
    await bed.untilNoGuardian();
    await bed.callAll(client, PREPARE_A);
    expect(await bed.statesAndStartTypes()).toEqual(HELD);
  });

  afterEach(async () => {
    await bed.callAll(client, ...RESTORE);
    expect(await bed.statesAndStartTypes()).toEqual(STARTED);
  });

  it.each(losses)("C: is reported when it was %s, until somebody decides", async (_, damage) => {
    damage(bed.journalFile);
    await expectReported();
    await decideToStart();
  });

  it.each(changedBits)("C: is reported when a bit of %s changed", async (_, damage) => {
    await bed.killServerAndGuardian();
    damage(bed.journalFile);
    await bed.reconnect(client);
    await expectReported();
    await decideToStart();
  });

  it("C: does not mislead a server that knows what it says", async () => {
    for (const [, damage] of changedBits) damage(bed.journalFile);
    await bed.callAll(client, FINISH_A);
    expect(await bed.statesAndStartTypes()).toEqual(STARTED);
    await bed.untilNoGuardian();
  });
});

describe("a journal that came back from a backup", () => {
  it("C: is set aside, reported and not obeyed", async () => {
    await bed.untilNoGuardian();
    await bed.callAll(client, PREPARE_A);
    const backup = `${bed.journalFile}.backup`;
    copyFileSync(bed.journalFile, backup);
    await bed.callAll(client, FINISH_A);
    await bed.untilNoGuardian();
    copyFileSync(backup, bed.journalFile);

    const seen = bed.events("journalNotObeyed").length;
    const asides = (): readonly string[] =>
      bed.dataFiles.filter((name) => name.startsWith("session.log.unmarked-"));
    const before = asides().length;

    // It says that BedLedger is to be started.
    await bed.observer.changeService("BedLedger", { wanted: "STOPPED" });
    expect((await bed.cli("status")).code).toBe(0);
    expect((await bed.cli("recover", "--start")).code).toBe(0);
    expect(await bed.states()).toEqual(["RUNNING", "STOPPED"]);
    expect(bed.events("journalNotObeyed")).toHaveLength(seen + 1);
    expect(asides()).toHaveLength(before + 1);
    await bed.callAll(client, ...RESTORE);
    expect(await bed.states()).toEqual(["RUNNING", "STOPPED"]);
    await bed.services[1]?.start();
  });
});
