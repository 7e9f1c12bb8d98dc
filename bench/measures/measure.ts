import type { Bed } from "../bed.ts";
import type { Result } from "../result.ts";

/** What a measure gets. */
export interface Context {
  readonly root: string;
  readonly bed: Bed;
  /** Fewer rounds, and the smaller half of what is slow. */
  readonly isQuick: boolean;
}

/** A part of the bench, by the name that `--only` takes. */
export interface Measure {
  readonly name: string;
  /** What stands beside ours, for the heading of its table. */
  readonly peer: string;
  /** Whether everything in the lab shares one core meanwhile. @defaultValue false */
  readonly isOnOneCore?: boolean;
  run(context: Context): Promise<readonly Result[]>;
}
