/** Kills the processes of backups at random moments: `WSB_ADDIN_SEED` chooses others. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { Random } from "../fuzz/random.ts";
import {
  STEPS,
  THAW_LIMIT_MS,
  WriterKillBed,
  type Kill,
  type Moment,
  type Victim,
} from "../helpers/lab/writer-kill-bed.ts";

const SEED = Number(process.env["WSB_ADDIN_SEED"] ?? Date.now() % 1_000_000);
// A part of a step, in thousandths.
const PARTS = 1000;
/** The steps with a guardian. */
const GUARDED = ["freeze", "copy", "thaw"];

let bed: WriterKillBed;

async function killAt(victim: Victim, moment: Moment, isKept: boolean): Promise<Kill> {
  const where = `${moment.part} of ${moment.step}${isKept ? ", kept" : ""}`;
  try {
    const kill = await bed.kill(victim, moment, isKept);
    const { wasFrozen, thawedAfterMs, reason = "nothing to thaw" } = kill;
    const state = wasFrozen ? "frozen" : "not frozen";
    console.log(`  ${where}: ${state}; ${reason}, ${thawedAfterMs} ms`);
    expect(thawedAfterMs).toBeLessThanOrEqual(THAW_LIMIT_MS);
    return kill;
  } catch (error) {
    throw new Error(`${victim} killed at ${where}`, { cause: error });
  }
}

describe.runIf(process.platform !== "win32")(`an application with a writer (seed ${SEED})`, () => {
  beforeAll(async () => {
    bed = await WriterKillBed.make();
  });

  afterAll(async () => {
    await bed.remove();
  });

  it.each<[victim: Victim, kills: number, steps: readonly string[]]>([
    ["service", 70, STEPS],
    ["requester", 70, STEPS],
    ["guardian", 20, GUARDED],
    ["service and guardian", 20, STEPS],
  ])(
    "is thawed within ten seconds of the death of its %s, %i times",
    async (victim, kills, steps) => {
      const random = new Random(SEED, kills, victim.length);
      const ends: Kill[] = [];
      for (let index = 0; index < kills; index += 1) {
        const moment = { step: random.pick(steps), part: random.below(PARTS) / PARTS };
        ends.push(await killAt(victim, moment, random.once(2)));
      }
      const hits = ends.filter(({ wasFrozen }) => wasFrozen);
      const longestMs = Math.max(...ends.map(({ thawedAfterMs }) => thawedAfterMs));
      console.log(
        `${victim}: ${hits.length} of ${kills} died while it was frozen; thawed after ${longestMs} ms at most`,
      );
      expect(hits).not.toEqual([]);
    },
  );
});
