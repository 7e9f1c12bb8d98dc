import { parseArgs } from "node:util";

/** What the command line of `npm run bench` says. */
export interface BenchOptions {
  readonly isQuick: boolean;
  /** Names of the measures to run; empty for all. */
  readonly only: readonly string[];
  /** Only put bench/results.json into the README. */
  readonly isReadme: boolean;
}

/** @throws TypeError for an option that there is not. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: [] },
      readme: { type: "boolean", default: false },
    },
  });
  return { isQuick: values.quick, only: values.only, isReadme: values.readme };
}
