import type { Coverage } from "./coverage.ts";
import { shrink } from "./shrink.ts";
import type { Simulation } from "./simulation.ts";
import { traceOf } from "./trace.ts";

export interface CampaignOptions<Schedule, Fault> {
  readonly firstSeed: number;
  readonly schedules: number;
  /** @defaultValue the kit as it is */
  readonly fault?: Fault | undefined;
  readonly coverage?: Coverage;
  /** The one to look for. @defaultValue any */
  readonly invariant?: string | undefined;
  /** Adds to each schedule what a fault needs. */
  readonly change?: ((schedule: Schedule) => Schedule) | undefined;
}

export interface Finding<Schedule> {
  readonly schedule: Schedule;
  readonly invariant: string;
  /** How many schedules it took. */
  readonly schedules: number;
}

/** Runs schedules until one breaks an invariant, or the one that is looked for. */
export async function hunt<Schedule, Fault>(
  simulation: Simulation<Schedule, Fault>,
  options: CampaignOptions<Schedule, Fault>,
): Promise<Finding<Schedule> | undefined> {
  const { firstSeed, schedules, fault, coverage, change = (one) => one } = options;
  for (let number = 0; number < schedules; number += 1) {
    const schedule = change(simulation.scheduleOf(firstSeed + number));
    const { violation } = await simulation.run(schedule, {
      ...(fault === undefined ? {} : { fault }),
      onEffect: (effect, kind) => coverage?.note(effect, kind),
    });
    if (violation === undefined) continue;
    if (options.invariant !== undefined && violation.invariant !== options.invariant) continue;
    return { schedule, invariant: violation.invariant, schedules: number + 1 };
  }
  return undefined;
}

/** Seeds to try for each pair of effect and fault. */
const TRIES = 40;

/** Lets each kind of fault hit each kind of effect, and returns what breaks an invariant. */
export async function hitEachEffect<Schedule, Fault>(
  simulation: Simulation<Schedule, Fault>,
  firstSeed: number,
  coverage: Coverage,
): Promise<Finding<Schedule> | undefined> {
  for (const [effect, fault] of coverage.missing) {
    const planned = { effect, fault, nth: 0, isAfter: false };
    const lead = simulation.leads[effect];
    for (let number = 0; number < TRIES && !coverage.has(effect, fault); number += 1) {
      const made = simulation.scheduleOf(firstSeed + number);
      const faults = [planned, ...(lead === undefined ? [] : [lead])];
      const schedule = simulation.withFault(made, ...faults);
      const { violation } = await simulation.run(schedule, {
        onEffect: (...hit) => coverage.note(...hit),
      });
      if (violation === undefined) continue;
      return { schedule, invariant: violation.invariant, schedules: number + 1 };
    }
  }
  return undefined;
}

/** Shrinks what was found, and returns its trace. */
export async function explain<Schedule extends { readonly seed: number }, Fault>(
  simulation: Simulation<Schedule, Fault>,
  { schedule, invariant }: Finding<Schedule>,
  fault?: Fault,
): Promise<string> {
  return traceOf(simulation, await shrink(simulation, schedule, { invariant, fault }), fault);
}
