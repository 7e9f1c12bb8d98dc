/** Faults that a writer's kit could have, each as a switch that brings it back. */
import { HeldEvents } from "../../../src/runtime/events/held-events.ts";
import { Freezer, type FreezerOptions } from "../../../src/runtime/writer/freezer.ts";
import type { KnownFault } from "../test-simulation.ts";
import type { DeedKind } from "./schedule.ts";
import { noFault, type WriterSwitchboard } from "./switches.ts";

/** A freezer with another part of its guardian or journal. */
function withParts(
  change: (options: FreezerOptions) => Partial<FreezerOptions>,
): WriterSwitchboard {
  return { ...noFault, freezer: (options) => new Freezer({ ...options, ...change(options) }) };
}

function guardianOf(
  { guardian }: FreezerOptions,
  watch: FreezerOptions["guardian"]["watch"],
): FreezerOptions["guardian"] {
  return {
    get isReady() {
      return guardian.isReady;
    },
    start: (thawAfterMs) => guardian.start(thawAfterMs),
    watch,
    end: () => guardian.end(),
  };
}

/** A freezer that does not wait for a handler that exceeds its limit. */
class Forgetful extends Freezer {
  override freeze(...[set, run]: Parameters<Freezer["freeze"]>): Promise<void> {
    return super.freeze(set, () => ({ ...run(), ended: Promise.resolve() }));
  }
}

class Talkative extends HeldEvents {
  override hold(): void {}
}

export const knownFaults: readonly KnownFault<WriterSwitchboard, DeedKind>[] = [
  {
    name: "a freeze that is not on record",
    within: 300,
    invariant: "thawed in time",
    deed: "end both",
    fault: withParts(({ journal }) => ({
      journal: {
        read: () => journal.read(),
        begin: (failed) => journal.begin(failed),
        freezing: () => {},
        thawed: (failed) => journal.thawed(failed),
        close: () => journal.close(),
      },
    })),
  },
  {
    name: "a guardian that does not look whether a freeze has begun",
    within: 600,
    invariant: "thawed in time",
    fault: {
      ...noFault,
      guardian: (options) => ({ ...options, journal: { look: () => "none" } }),
    },
  },
  {
    name: "a guardian that nobody tells how long a freeze takes",
    within: 600,
    invariant: "frozen all the time",
    fault: withParts((options) => ({ guardian: guardianOf(options, async () => true) })),
  },
  {
    name: "a guardian that waits only for the end of its service",
    within: 600,
    invariant: "thawed in time",
    fault: { ...noFault, guardian: (options) => ({ ...options, after: () => () => {} }) },
  },
  {
    name: "a thaw of the guardian that its service does not notice",
    within: 600,
    invariant: "frozen all the time",
    fault: withParts((options) => ({
      guardian: guardianOf(options, async (ms) => {
        void options.guardian.watch(ms);
        return true;
      }),
      // The service's own limit would hide it.
      clock: { ...options.clock, now: () => 0 },
    })),
  },
  {
    name: "a freeze that ends after its limit and is not thawed",
    within: 300,
    invariant: "thawed in time",
    fault: { ...noFault, freezer: (options) => new Forgetful(options) },
  },
  {
    name: "events that are written while volumes are held",
    within: 20,
    invariant: "nothing is written while volumes are held",
    fault: { ...noFault, events: (sink) => new Talkative(sink) },
  },
  {
    name: "a freeze of an earlier boot that counts",
    within: 300,
    invariant: "no thaw of an earlier boot",
    deed: "cut power",
    fault: { ...noFault, boot: () => null },
  },
];
