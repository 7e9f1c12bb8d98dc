import { run } from "./run.ts";
import { scheduleOf, withDeed, withFault, type DeedKind, type Schedule } from "./schedule.ts";
import { shrink } from "./shrink.ts";
import { noFault, type Switch } from "./switches.ts";
import { traceOf } from "./trace.ts";
import type { Coverage } from "./coverage.ts";
import type { EffectKind, PlannedFault } from "./machine/processes.ts";

export interface CampaignOptions {
  readonly firstSeed: number;
  readonly schedules: number;
  /** @defaultValue the kit as it is */
  readonly fault?: Switch;
  readonly coverage?: Coverage;
  /** What somebody does in each schedule besides. */
  readonly deed?: DeedKind | undefined;
}

export interface Finding {
  readonly schedule: Schedule;
  readonly invariant: string;
  /** How many schedules it took. */
  readonly schedules: number;
}

/** Runs schedules until one breaks an invariant. */
export async function hunt(options: CampaignOptions): Promise<Finding | undefined> {
  const { firstSeed, schedules, fault = noFault, coverage, deed } = options;
  for (let number = 0; number < schedules; number += 1) {
    const made = scheduleOf(firstSeed + number);
    const schedule = deed === undefined ? made : withDeed(made, deed);
    const { violation } = await run(schedule, {
      fault,
      onEffect: (effect, kind) => coverage?.note(effect, kind),
    });
    if (violation === undefined) continue;
    return { schedule, invariant: violation.invariant, schedules: number + 1 };
  }
  return undefined;
}

// So rare that only a fault leads to it.
const before: Partial<Record<EffectKind, PlannedFault>> = {
  "disk.remove": { effect: "registry.flush", fault: "error", nth: 0, isAfter: false },
};

/** Seeds to try for each pair of effect and fault. */
const TRIES = 40;

/** Lets each kind of fault hit each kind of effect, and returns what breaks an invariant. */
export async function hitEachEffect(
  firstSeed: number,
  coverage: Coverage,
): Promise<Finding | undefined> {
  for (const [effect, fault] of coverage.missing) {
    const planned = { effect, fault, nth: 0, isAfter: false };
    const lead = before[effect];
    for (let number = 0; number < TRIES && !coverage.has(effect, fault); number += 1) {
      const made = scheduleOf(firstSeed + number);
      const schedule = withFault(made, planned, ...(lead === undefined ? [] : [lead]));
      const { violation } = await run(schedule, { onEffect: (...hit) => coverage.note(...hit) });
      if (violation === undefined) continue;
      return { schedule, invariant: violation.invariant, schedules: number + 1 };
    }
  }
  return undefined;
}

/** Shrinks what was found, and returns its trace. */
export async function explain(finding: Finding, fault: Switch = noFault): Promise<string> {
  return traceOf(await shrink(finding.schedule, finding.invariant, fault), fault);
}
