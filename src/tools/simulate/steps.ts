import { HRESULT, isFailure } from "../../base/hresult.ts";
import type { Emit } from "../../runtime/events/emit.ts";
import type { CallResult, ServiceState } from "../../runtime/native/binding.ts";
import type { TimelineEntry } from "../report/timeline.ts";

/** The outcome of a simulation. */
export interface SimulationResult {
  readonly succeeded: boolean;
  readonly timeline: readonly TimelineEntry[];
  readonly services: Readonly<Record<string, ServiceState | "missing">>;
  /** The manifest's services that ran before the simulation and are stopped now. */
  readonly leftStopped: readonly string[];
}

/** A failed COM call whose handler's failure is to be looked up. */
export interface FailedCall {
  /** The COM method, for example `PreRestore`. */
  readonly method: string;
  /** The component as `logicalPath\componentName`. */
  readonly component: string | undefined;
}

/** Looks up the failure of a call's handler; `undefined` when it is unknown. */
export type FindFailure = (call: FailedCall) => TimelineEntry["failure"];

/** A step of a simulation before it is taken. */
export interface Step<T> {
  readonly step: string;
  readonly component?: string | undefined;
  readonly run: () => Promise<T>;
  /** Returns the result of the step. */
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
  readonly describe?: (value: T | undefined, hresult: number) => string | undefined;
}

/** A runner of a simulation's steps, one after the other; each emits an event when it has ended. */
export class Steps {
  /** The steps so far. */
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

  /** Makes a COM call; adds the handler's failure to COM's own text when the call fails. */
  call<T>({ step, component, call, describe }: CallStep<T>): Promise<CallResult<T>> {
    return this.take({
      step,
      component,
      run: call,
      describe: ({ hresult, description, value }) => {
        const failed = isFailure(hresult);
        const detail = failed ? (description ?? undefined) : describe?.(value, hresult);
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

/**
 * Describes an answer without an order or a check. The interface requires `S_FALSE`: with `S_OK`,
 * an engine might use the pointer, which is NULL.
 */
export function nothingFor(hresult: number, what: "order" | "check"): string {
  const nothing = what === "order" ? "no particular order" : "no check needed";
  if (hresult !== HRESULT.S_OK) return nothing;
  return `${nothing}; warning: S_OK with NULL instead of S_FALSE`;
}
