import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { HRESULT } from "../../src/base/hresult.ts";
import { PREPARE_A, RestoreBed } from "../helpers/lab/restore-bed.ts";
import { makeTestLab, type TestLab } from "../helpers/lab/test-lab.ts";

const GUARDIAN_LIMIT_MS = 10_000;

let testLab: TestLab;
let bed: RestoreBed;

beforeAll(async () => {
  testLab = makeTestLab();
  bed = await RestoreBed.make(testLab, "probe.ts", { lingerMs: 60_000 });
});

afterAll(async () => {
  await bed.remove();
  await testLab.remove();
});

describe("a handler that kills the process", () => {
  it.each(["die", "crash", "exhaust"])(
    "(%s) fails its caller, and the services run again while the caller lives",
    async (component) => {
      const client = await bed.startClient();
      const { hresult } = await bed.call(client, { ...PREPARE_A, component });
      expect(hresult >>> 31).toBe(1);
      // Only the failed component was being prepared, so the guardian waits for nobody.
      await bed.untilRestored(GUARDIAN_LIMIT_MS);
      await bed.reconnect(client);
      expect(await bed.restore(client)).toBe(0);
      await bed.untilRestored(0);
      expect((await client.addin.isRollForwardSupported()).hresult).toBe(HRESULT.S_OK);
      await bed.killServerAndGuardian();
      await bed.forgetServers();
      await client.agent.end();
    },
  );
});
