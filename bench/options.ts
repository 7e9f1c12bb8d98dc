import { parseArgs } from "node:util";

/** The options of `npm run bench`. */
export interface BenchOptions {
  readonly isQuick: boolean;
  /** The names of the measures to run; empty for all. */
  readonly only: readonly string[];
  /** `true` to only write the tables of bench/results.json. */
  readonly isTables: boolean;
}

/** Parses the options. @throws TypeError for an unknown option. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: [] },
      tables: { type: "boolean", default: false },
    },
  });
  return { isQuick: values.quick, only: values.only, isTables: values.tables };
}
