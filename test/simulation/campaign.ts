import { run } from "./run.ts";
import { scheduleOf, type Schedule } from "./schedule.ts";
import { shrink } from "./shrink.ts";
import { noFault, type Switch } from "./switches.ts";
import { traceOf } from "./trace.ts";
import type { Coverage } from "./coverage.ts";

export interface CampaignOptions {
  readonly firstSeed: number;
  readonly schedules: number;
  /** @defaultValue the kit as it is */
  readonly fault?: Switch;
  readonly coverage?: Coverage;
}

export interface Finding {
  readonly schedule: Schedule;
  readonly invariant: string;
  /** How many schedules it took. */
  readonly schedules: number;
}

/** Runs schedules until one breaks an invariant. */
export async function hunt(options: CampaignOptions): Promise<Finding | undefined> {
  const { firstSeed, schedules, fault = noFault, coverage } = options;
  for (let number = 0; number < schedules; number += 1) {
    const schedule = scheduleOf(firstSeed + number);
    const { violation } = await run(schedule, {
      fault,
      onEffect: (effect, kind) => coverage?.note(effect, kind),
    });
    if (violation === undefined) continue;
    return { schedule, invariant: violation.invariant, schedules: number + 1 };
  }
  return undefined;
}

/** Shrinks what was found, and returns its trace. */
export async function explain(finding: Finding, fault: Switch = noFault): Promise<string> {
  return traceOf(await shrink(finding.schedule, finding.invariant, fault), fault);
}
