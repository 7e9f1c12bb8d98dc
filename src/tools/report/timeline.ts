/** One thing that happened, in a simulation or on record. */
export interface TimelineEntry {
  /** Milliseconds since the first thing that happened. */
  readonly startMs: number;
  readonly durationMs: number;
  /** COM method, or something else that was done: `activate`, `copy`, `stop`. */
  readonly step: string;
  /** Component the step was for, `logicalPath\componentName`. */
  readonly component?: string;
  /** Service the step was for. */
  readonly service?: string;
  /** Absent for what is not a COM call. */
  readonly hresult?: number;
  /** Text of the COM error information, or what the step brought. */
  readonly detail?: string;
  readonly failed: boolean;
}
