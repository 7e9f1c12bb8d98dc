import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { HRESULT } from "../../src/base/hresult.ts";
import { PREPARE_A, PREPARE_B, RESTORE, RestoreBed } from "../helpers/lab/restore-bed.ts";
import { makeTestLab, type TestLab } from "../helpers/lab/test-lab.ts";
import { until } from "../helpers/until.ts";

// The time that the kit promises after a client's death.
const GUARDIAN_LIMIT_MS = 10_000;

let testLab: TestLab;
let bed: RestoreBed;

beforeAll(async () => {
  testLab = makeTestLab();
  bed = await RestoreBed.make(testLab, "killed.ts");
});

afterAll(async () => {
  await bed.remove();
  await testLab.remove();
});

describe("a restore session", () => {
  it("is continued by the next server when its own is killed", async () => {
    const client = await bed.startClient();
    await bed.call(client, PREPARE_A);
    expect(await bed.states()).toEqual(["STOPPED", "STOPPED"]);
    expect(bed.guardians).toBe(1);
    await bed.killServerAndGuardian();
    await bed.reconnect(client);
    await until("a guardian of the new server", () => (bed.guardians === 1 ? true : undefined));
    for (const step of RESTORE.slice(1)) {
      expect((await bed.call(client, step)).hresult).toBe(HRESULT.S_OK);
    }
    expect(await bed.states()).toEqual(["RUNNING", "RUNNING"]);
    expect(bed.session).toBeUndefined();
    await bed.untilNoGuardian();
    await client.agent.end();
  });

  it("keeps its services stopped when its client has died, until somebody decides", async () => {
    const client = await bed.startClient();
    await bed.call(client, PREPARE_A);
    await bed.call(client, PREPARE_B);
    expect(await bed.states()).toEqual(["STOPPED", "STOPPED"]);
    await client.agent.end();
    await bed.untilAbandoned(GUARDIAN_LIMIT_MS);
    await bed.untilNoGuardian();
    expect(await bed.states()).toEqual(["STOPPED", "STOPPED"]);
    await bed.decideToStart();
    await bed.untilRestored(0);
  });
});
