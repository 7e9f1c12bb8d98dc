import type { Bed } from "../bed.ts";
import type { Result } from "../result.ts";

/** The arguments of a measure. */
export interface Context {
  readonly root: string;
  readonly bed: Bed;
  /** `true` for fewer rounds and smaller sizes of slow measures. */
  readonly isQuick: boolean;
}

/** A part of the bench, with the name for `--only`. */
export interface Measure {
  readonly name: string;
  /** The peer, for the heading of the table. */
  readonly peer: string;
  /** `true` when everything in the lab runs on one core. @defaultValue false */
  readonly isOnOneCore?: boolean;
  run(context: Context): Promise<readonly Result[]>;
}
