/** A power cut while an application is frozen, in a Wine of its own: everything in it ends. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { ServiceState } from "../../../src/runtime/native/binding.ts";
import { endLabProcesses } from "../../../src/tools/lab/processes.ts";
import { installService } from "../../helpers/lab/service.ts";
import { WriterKillBed } from "../../helpers/lab/writer-kill-bed.ts";
import { until } from "../../helpers/until.ts";

/** Windows starts it with the machine. */
const WITNESS = "BedWitness";

let bed: WriterKillBed;

/** Wine's service manager refuses now and then for some time after its start. */
function state(name: string): Promise<ServiceState | undefined> {
  const query = async () => {
    try {
      return { found: await bed.agent.binding.queryService(name) };
    } catch {
      return undefined;
    }
  };
  return until(`${name} is queried`, query).then(({ found }) => found?.state);
}

function untilRunning(name: string): Promise<true> {
  return until(`${name} runs`, async () => (await state(name)) === "RUNNING" || undefined);
}

/**
 * Ends everything, and starts the machine with its automatic services.
 *
 * @returns What the application has noted until the boot.
 */
async function cutPower(): Promise<string> {
  await endLabProcesses(bed.testLab.lab);
  expect(bed.services).toEqual([]);
  const notes = await bed.boot();
  await untilRunning(WITNESS);
  return notes;
}

describe.skipIf(process.platform === "win32")("after a power cut in a freeze, a writer", () => {
  beforeAll(async () => {
    bed = await WriterKillBed.make();
    await installService(bed.testLab, bed.agent, WITNESS);
    await bed.agent.binding.setServiceStartType(WITNESS, "automatic", false);
  });

  afterAll(async () => {
    await bed.remove();
  });

  it("starts with the machine, leaves the application of the new boot alone, and takes part in backups", async () => {
    await bed.freeze();
    const notes = await cutPower();
    await untilRunning(bed.name);
    expect(bed.services).toHaveLength(1);
    // A freeze of an earlier boot is none of this one, whose application has started anew.
    expect(bed.readNotes()).toBe(notes);
    await bed.backUp();
    await bed.expectNothingLeft();
  });

  it("does not run when its service is set to manual, until somebody starts it", async () => {
    await bed.agent.binding.setServiceStartType(bed.name, "manual", false);
    await bed.freeze();
    await cutPower();
    expect(await state(bed.name)).toBe("STOPPED");
    expect(bed.services).toEqual([]);
    expect(await bed.agent.changeService(bed.name, { wanted: "RUNNING" })).toMatchObject({
      outcome: "reached",
    });
    await bed.backUp();
    await bed.expectNothingLeft();
  });
});
