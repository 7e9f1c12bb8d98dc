import { isFailure } from "../../base/hresult.ts";
import type { Emit } from "../../runtime/events/emit.ts";
import type { CallResult, ServiceState } from "../../runtime/native/binding.ts";
import type { TimelineEntry } from "../report/timeline.ts";

/** Outcome of a simulation. */
export interface SimulationResult {
  readonly succeeded: boolean;
  readonly timeline: readonly TimelineEntry[];
  readonly services: Readonly<Record<string, ServiceState | "missing">>;
  /** Services of the manifest that ran before and do not run now. */
  readonly leftStopped: readonly string[];
}

/** A COM call that failed, for whoever looks up how its handler failed. */
export interface FailedCall {
  /** COM method, `PreRestore`. */
  readonly method: string;
  /** `logicalPath\componentName` */
  readonly component: string | undefined;
}

/** Looks up how the handler of a call failed; `undefined` when nothing tells. */
export type FindFailure = (call: FailedCall) => TimelineEntry["failure"];

/** A step of a simulation before it is taken. */
export interface Step<T> {
  readonly step: string;
  readonly component?: string | undefined;
  readonly run: () => Promise<T>;
  /** Returns what came of it. */
  readonly describe: (
    result: T,
  ) => Pick<TimelineEntry, "hresult" | "detail" | "failed" | "failure">;
}

/** A COM call of a simulation before it is made. */
export interface CallStep<T> {
  readonly step: string;
  readonly component?: string | undefined;
  readonly call: () => Promise<CallResult<T>>;
  /** Returns a few words about the result of a call that succeeded. */
  readonly describe?: (value: T | undefined) => string | undefined;
}

/** Takes the steps of one simulation, one after the other; each is an event when it has ended. */
export class Steps {
  /** The steps taken so far. */
  readonly taken: TimelineEntry[] = [];
  readonly #startedMs = performance.now();
  readonly #emit: Emit;
  readonly #findFailure: FindFailure;

  constructor(emit: Emit, findFailure: FindFailure) {
    this.#emit = emit;
    this.#findFailure = findFailure;
  }

  async take<T>({ step, component, run, describe }: Step<T>): Promise<T> {
    const startMs = performance.now() - this.#startedMs;
    const result = await run();
    const entry: TimelineEntry = {
      startMs: Math.round(startMs),
      durationMs: Math.round(performance.now() - this.#startedMs - startMs),
      step,
      ...(component === undefined ? {} : { component }),
      ...describe(result),
    };
    this.taken.push(entry);
    this.#emit({ event: "stepTaken", ...entry });
    return result;
  }

  /** Makes a COM call; a failed one gets its handler's failure beside the text that COM brought. */
  call<T>({ step, component, call, describe }: CallStep<T>): Promise<CallResult<T>> {
    return this.take({
      step,
      component,
      run: call,
      describe: ({ hresult, description, value }) => {
        const failed = isFailure(hresult);
        const detail = failed ? (description ?? undefined) : describe?.(value);
        return {
          hresult,
          failed,
          ...(detail === undefined ? {} : { detail }),
          ...(failed ? this.failureOf({ method: step, component }) : {}),
        };
      },
    });
  }

  failureOf(call: FailedCall): Pick<TimelineEntry, "failure"> {
    const failure = this.#findFailure(call);
    return failure === undefined ? {} : { failure };
  }
}
