/** What the tests may replace in the parts of the kit, to bring a fault back. */
import type { Emit } from "../../../src/runtime/events/emit.ts";
import { Freezer, type FreezerOptions } from "../../../src/runtime/writer/freezer.ts";
import type { FreezeGuardianOptions } from "../../../src/runtime/writer/guardian.ts";
import { HeldEvents } from "../../../src/runtime/events/held-events.ts";

export interface WriterSwitchboard {
  readonly freezer: (options: FreezerOptions) => Freezer;
  readonly guardian: (options: FreezeGuardianOptions) => FreezeGuardianOptions;
  readonly events: (emit: Emit) => HeldEvents;
  /** Identifies a boot. */
  readonly boot: (boot: string) => string | null;
}

/** The kit as it is. */
export const noFault: WriterSwitchboard = {
  freezer: (options) => new Freezer(options),
  guardian: (options) => options,
  events: (emit) => new HeldEvents(emit),
  boot: (boot) => boot,
};
