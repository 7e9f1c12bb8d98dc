/** A power cut during a restore, in a Wine of its own: everything in it ends and starts anew. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { ServiceDescription } from "../../../src/runtime/native/binding.ts";
import { endLabProcesses } from "../../../src/tools/lab/processes.ts";
import { runInLab } from "../../../src/tools/lab/run.ts";
import { runCli } from "../../helpers/cli.ts";
import { startAgent, type Agent } from "../../helpers/lab/agent.ts";
import { FINISH_A, PREPARE_A, RestoreBed } from "../../helpers/lab/restore-bed.ts";
import { installService } from "../../helpers/lab/service.ts";
import { makeTestLab, type TestLab } from "../../helpers/lab/test-lab.ts";
import { until } from "../../helpers/until.ts";

const SERVICES = ["BedStore", "BedLedger"];
/** Windows starts it with the machine, and no add-in stops it. */
const WITNESS = "BedWitness";

let testLab: TestLab;
let bed: RestoreBed;
/** A process that queries the services; the power cut ends it. */
let observer: Agent;

beforeAll(async () => {
  testLab = makeTestLab();
  bed = await RestoreBed.make(testLab, "probe.ts");
  ({ observer } = bed);
  await installService(testLab, observer, WITNESS);
  for (const name of [...SERVICES, WITNESS]) {
    await observer.binding.setServiceStartType(name, "automatic", false);
  }
});

afterAll(async () => {
  await testLab.remove();
});

/** Wine's service manager refuses now and then for some time after its start. */
function describeService(name: string): Promise<ServiceDescription | null> {
  const description = async () => {
    try {
      return { found: await observer.binding.describeService(name) };
    } catch {
      return undefined;
    }
  };
  return until(`${name} is described`, description).then(({ found }) => found);
}

async function states(): Promise<readonly unknown[]> {
  const services = await Promise.all(SERVICES.map(describeService));
  return services.map((service) => service?.state);
}

async function startTypes(): Promise<readonly unknown[]> {
  const services = await Promise.all(SERVICES.map(describeService));
  return services.map((service) => service?.startType);
}

/** Ends everything, and starts the machine with its automatic services. */
async function cutPower(): Promise<void> {
  await endLabProcesses(testLab.lab);
  observer = await startAgent(testLab.lab);
  await until(`${WITNESS} runs`, async () => {
    const service = await describeService(WITNESS);
    return service?.state === "RUNNING" || undefined;
  });
}

describe.skipIf(process.platform === "win32")("automatic services of a restore", () => {
  it("A4: have the start type manual until its end", async () => {
    const client = await bed.startClient();
    await bed.callAll(client, PREPARE_A);
    expect([await states(), await startTypes()]).toEqual([
      ["STOPPED", "STOPPED"],
      ["manual", "manual"],
    ]);
    await bed.callAll(client, FINISH_A);
    expect([await states(), await startTypes()]).toEqual([
      ["RUNNING", "RUNNING"],
      ["automatic", "automatic"],
    ]);
    await client.agent.end();
  });

  it("A4: stay stopped after a power cut until somebody decides", async () => {
    await bed.callAll(await bed.startClient(), PREPARE_A);
    await cutPower();
    expect(await states()).toEqual(["STOPPED", "STOPPED"]);

    // As the start-up task does.
    const { lab } = testLab;
    expect(await runInLab(lab, lab.nodeExe, [bed.addin.serverScript, "--recover"], {})).toBe(1);
    expect(bed.events("restoreAbandoned")).toMatchObject([
      { role: "recover", components: ["a"], services: SERVICES },
    ]);
    expect([await states(), await startTypes()]).toEqual([
      ["STOPPED", "STOPPED"],
      ["manual", "manual"],
    ]);

    const args = ["recover", "--start", "--json"];
    const { code, stdout } = await runCli(testLab.labFolder, bed.addin.folder, args);
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { started: SERVICES }]);
    expect([await states(), await startTypes()]).toEqual([
      ["RUNNING", "RUNNING"],
      ["automatic", "automatic"],
    ]);
    expect(bed.session).toBeUndefined();
  });

  it("A4: stay stopped after it also where they did not run when the restore began", async () => {
    for (const name of SERVICES.toReversed()) {
      await until(`${name} stops`, () =>
        observer.changeService(name, { wanted: "STOPPED" }).then(
          () => true,
          () => undefined,
        ),
      );
    }
    await bed.callAll(await bed.startClient(), PREPARE_A);
    expect(await startTypes()).toEqual(["manual", "manual"]);
    await cutPower();
    expect(await states()).toEqual(["STOPPED", "STOPPED"]);

    const args = ["recover", "--start", "--json"];
    const { code, stdout } = await runCli(testLab.labFolder, bed.addin.folder, args);
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { started: [] }]);
    expect([await states(), await startTypes()]).toEqual([
      ["STOPPED", "STOPPED"],
      ["automatic", "automatic"],
    ]);
    expect(bed.session).toBeUndefined();
  });
});
