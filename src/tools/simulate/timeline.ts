import type { ServiceState } from "../../runtime/native/binding.ts";
import type { TimelineEntry } from "../report/timeline.ts";

/** Outcome of a simulation. */
export interface SimulationResult {
  readonly succeeded: boolean;
  readonly timeline: readonly TimelineEntry[];
  readonly services: Readonly<Record<string, ServiceState | "missing">>;
  /** Services of the manifest that ran before and do not run now. */
  readonly leftStopped: readonly string[];
}

/** Collects entries and passes each on as soon as it has ended. */
export class Timeline {
  readonly entries: TimelineEntry[] = [];
  readonly #started = performance.now();
  readonly #onEntry: (entry: TimelineEntry) => void;

  constructor(onEntry: (entry: TimelineEntry) => void) {
    this.#onEntry = onEntry;
  }

  /** Runs `work` and records what `describe` makes of its result, or what it threw. */
  async record<T>(
    step: string,
    component: string | undefined,
    work: () => Promise<T>,
    describe: (result: T) => Pick<TimelineEntry, "hresult" | "detail" | "failed">,
  ): Promise<T> {
    const startMs = performance.now() - this.#started;
    const result = await work();
    const entry: TimelineEntry = {
      startMs: Math.round(startMs),
      durationMs: Math.round(performance.now() - this.#started - startMs),
      step,
      ...(component === undefined ? {} : { component }),
      ...describe(result),
    };
    this.entries.push(entry);
    this.#onEntry(entry);
    return result;
  }
}
