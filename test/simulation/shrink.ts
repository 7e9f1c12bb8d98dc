import type { Simulation } from "./simulation.ts";

/** A list without one of its elements, for each element. */
export function* withoutOne<T>(list: readonly T[]): Generator<readonly T[]> {
  for (const index of list.keys()) yield list.filter((_, at) => at !== index);
}

/** Drops one thing after the other from a schedule that breaks an invariant, as long as it still does. */
export async function shrink<Schedule, Fault>(
  simulation: Simulation<Schedule, Fault>,
  schedule: Schedule,
  wrong: { readonly invariant: string; readonly fault: Fault | undefined },
): Promise<Schedule> {
  const { invariant, fault } = wrong;
  for (const one of simulation.smaller(schedule)) {
    const { violation } = await simulation.run(one, fault === undefined ? {} : { fault });
    if (violation?.invariant === invariant) return shrink(simulation, one, wrong);
  }
  return schedule;
}
