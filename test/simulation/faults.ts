/** The faults of the kit that were found, each as a switch that brings it back. */
import { noFault, type Switch } from "./switches.ts";

export interface KnownFault {
  /** The fault in a few words. */
  readonly name: string;
  readonly fault: Switch;
}

export const knownFaults: readonly KnownFault[] = [
  {
    name: "A1: half-restored data is started",
    fault: {
      ...noFault,
      settings: (settings) => ({ ...settings, onAbandonedRestore: "startServices" }),
    },
  },
];
