import type { Violation } from "./invariants.ts";
import type { EffectKind, FaultKind, PlannedFault } from "./machine/processes.ts";

export interface RunOptions<Fault> {
  /** @defaultValue the kit as it is */
  readonly fault?: Fault;
  readonly onEffect?: (effect: EffectKind, fault: FaultKind | undefined) => void;
  readonly note?: (line: string) => void;
}

export interface RunEnd {
  readonly violation: Violation | undefined;
  readonly effects: number;
}

/** What is simulated, such as restores: a campaign runs its schedules. */
export interface Simulation<Schedule, Fault> {
  /** What its processes do. */
  readonly effects: readonly EffectKind[];
  /** Faults without which an effect is too rare. */
  readonly leads: Partial<Record<EffectKind, PlannedFault>>;
  /** Makes up a schedule; the same for the same seed. */
  scheduleOf(seed: number): Schedule;
  /** A schedule in which this goes wrong besides. */
  withFault(schedule: Schedule, ...faults: readonly PlannedFault[]): Schedule;
  /** Runs a schedule to its end, or to the first check that fails. */
  run(schedule: Schedule, options?: RunOptions<Fault>): Promise<RunEnd>;
  /** Schedules with one thing less. */
  smaller(schedule: Schedule): Iterable<Schedule>;
  /** Returns the lines that describe a schedule. */
  show(schedule: Schedule): readonly string[];
}
