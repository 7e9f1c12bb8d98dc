import { readFileSync } from "node:fs";

import type { Mutant } from "./mutants.ts";

/** A mutant that no test can or need notice, with the reason. */
interface Entry {
  readonly file: string;
  readonly within: string;
  readonly change: string;
  readonly reason: string;
}

export interface Explained {
  readonly text: string;
  isFor(mutant: Mutant): boolean;
}

/** Reads the explained mutants. They have no line numbers, which change with every edit. */
export function readExplained(file: string): readonly Explained[] {
  const entries: readonly Entry[] = JSON.parse(readFileSync(file, "utf8"));
  return entries.map((entry) => ({
    text: `${entry.file} (${entry.within}) ${entry.change}`,
    isFor: ({ file: in_, within, change }) =>
      in_ === entry.file && within === entry.within && change === entry.change,
  }));
}
