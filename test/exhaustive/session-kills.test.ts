import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { runInLab } from "../../src/tools/lab/run.ts";
import { SessionFold } from "../../src/runtime/restore/journal/session.ts";
import { readStep } from "../../src/runtime/restore/journal/step.ts";
import { RESTORE, RestoreBed, type RestoreClient } from "../helpers/lab/restore-bed.ts";
import { makeTestLab, type TestLab } from "../helpers/lab/test-lab.ts";
import { until } from "../helpers/until.ts";

// The time that the kit promises after a client's death.
const GUARDIAN_LIMIT_MS = 10_000;

let testLab: TestLab;
let bed: RestoreBed;
/** The steps of an undisturbed restore, in JSON. */
let changes: readonly string[];

/** Resets the lines of an earlier restore and the server that counts them. */
async function begin(): Promise<RestoreClient> {
  await bed.killServerAndGuardian();
  await bed.untilRestored(GUARDIAN_LIMIT_MS);
  bed.takeChanges();
  const client = await bed.startClient().catch(async () => {
    // Wine remembers the server that was killed.
    await bed.forgetServers();
    return bed.startClient();
  });
  return client;
}

async function killClient({ agent }: RestoreClient): Promise<void> {
  await agent.crash();
}

/** What the journal says after the change with this index. */
function sessionAfter(index: number): SessionFold | undefined {
  const steps = changes.slice(0, index + 1).map((change) => readStep(JSON.parse(change)));
  return SessionFold.of(steps.filter((step) => step !== undefined));
}

/** Whether files may be half restored when every process of a restore dies after this change. */
function isHalfRestored(index: number): boolean {
  const session = sessionAfter(index);
  const isPrepared = session?.components.all.some(({ phase }) => phase === "prepared") === true;
  return isPrepared && session?.phase !== "starting" && session?.phase !== "started";
}

/** Waits for what is right after the client's death: services run, or are kept stopped. */
async function expectEnded(index: number): Promise<void> {
  try {
    if (isHalfRestored(index)) {
      await bed.untilAbandoned(GUARDIAN_LIMIT_MS);
      const states = await Promise.all(bed.services.map((service) => service.state()));
      expect(states).toEqual(["STOPPED", "STOPPED"]);
      await bed.decideToStart();
    }
    await bed.untilRestored(GUARDIAN_LIMIT_MS);
  } catch (error) {
    throw new Error(`killed after change ${index + 1} (${describeChange(index)})`, {
      cause: error,
    });
  }
}

/** Makes calls until the server dies in one. */
async function restoreUntilKilled(client: RestoreClient): Promise<void> {
  for (const step of RESTORE) {
    const { hresult } = await bed.call(client, step);
    if (!bed.isKillPending) {
      expect(hresult >>> 31).toBe(1);
      return;
    }
  }
  throw new Error("the server was not killed");
}

async function enumerate(): Promise<void> {
  const client = await begin();
  await bed.restore(client);
  changes = bed.takeChanges();
  await client.agent.end();
}

beforeAll(async () => {
  testLab = makeTestLab();
  bed = await RestoreBed.make(testLab, "killed.ts", { lingerMs: 60_000 });
  await enumerate();
}, 120_000);

afterAll(async () => {
  await bed.remove();
  await testLab.remove();
});

function describeChange(index: number): string {
  const session = sessionAfter(index);
  if (session === undefined) return "none";
  if (session.isEnded) return "ended";
  const services = session.services.map(({ name, phase }) => `${name} ${phase}`);
  const components = session.components.all.map(
    ({ componentName, phase }) => `${componentName} ${phase}`,
  );
  return [session.phase, ...services, ...components].join(", ");
}

/** Breaks a restore off after each change: its server, its guardian and its client are killed. */
async function afterEachBreak(repair: (isHalf: boolean) => Promise<void>): Promise<void> {
  for (const index of changes.keys()) {
    const client = await begin();
    bed.killAt(index + 1);
    await restoreUntilKilled(client);
    await bed.killServerAndGuardian();
    await killClient(client);
    await repair(isHalfRestored(index));
    await expectEnded(index);
  }
}

describe("a restore whose server is killed right after any change of the journal", () => {
  it("changes the journal at each step of services and components", () => {
    const texts = [...changes.keys()].map(describeChange);
    // Each of the two services stops and starts; each of the two components is added and removed.
    expect(texts.length).toBeGreaterThanOrEqual(10);
    expect(texts.at(-1)).toBe("ended");
    console.log(texts.map((text, index) => `  ${index + 1}: ${text}`).join("\n"));
  });

  it("is continued by its client", async () => {
    for (const index of changes.keys()) {
      const client = await begin();
      bed.killAt(index + 1);
      const again = await bed.restore(client).catch((error: unknown) => {
        throw new Error(`killed after change ${index + 1} (${describeChange(index)})`, {
          cause: error,
        });
      });
      expect([bed.isKillPending, again], describeChange(index)).toEqual([false, 1]);
      await bed.untilRestored(GUARDIAN_LIMIT_MS);
      await client.agent.end();
    }
  });

  it("is ended or kept within ten seconds of its client's death, with nobody acting", async () => {
    for (const index of changes.keys()) {
      const client = await begin();
      bed.killAt(index + 1);
      await restoreUntilKilled(client);
      await killClient(client);
      const diedAt = performance.now();
      await expectEnded(index);
      console.log(
        `  ${index + 1}: ended ${Math.round(performance.now() - diedAt)} ms after the client's death`,
      );
      await until("the end of the guardian", () => (bed.guardians === 0 ? true : undefined));
      expect(bed.session).toBeUndefined();
    }
  });

  it("is ended or kept by recover when its guardian is killed too", async () => {
    const { lab } = testLab;
    await afterEachBreak(async (isHalf) => {
      const args = [bed.addin.serverScript, "--recover"];
      expect(await runInLab(lab, lab.nodeExe, args, {})).toBe(isHalf ? 1 : 0);
      await (isHalf ? bed.untilAbandoned(0) : bed.untilRestored(0));
    });
  });

  it("is ended or kept by the next activation when its guardian is killed too", async () => {
    await afterEachBreak(async () => {
      await bed.forgetServers();
      const { agent } = await bed.startClient();
      await agent.end();
    });
  });
});
