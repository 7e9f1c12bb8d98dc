import fc from "fast-check";
import { expect } from "vitest";

import { formatCommandLine } from "../../src/runtime/addin/command-line.ts";
import type { Property } from "./property.ts";

/**
 * Splits a command line by the documented rules of CommandLineToArgvW: the first argument ends at
 * its quote. Before a quote, 2n backslashes mean n, and 2n + 1 mean n and a literal quote.
 */
function splitCommandLine(line: string): readonly string[] {
  const end = line.indexOf('"', 1);
  const args = [line.slice(1, end)];
  let rest = line.slice(end + 1).trimStart();
  while (rest !== "") {
    let argument = "";
    let quoted = false;
    let place = 0;
    while (place < rest.length && (quoted || rest[place] !== " ")) {
      const backslashes = /^\\*/u.exec(rest.slice(place))?.[0].length ?? 0;
      const isBeforeQuote = rest[place + backslashes] === '"';
      argument += "\\".repeat(isBeforeQuote ? Math.floor(backslashes / 2) : backslashes);
      place += backslashes;
      if (isBeforeQuote) {
        if (backslashes % 2 === 1) argument += '"';
        else quoted = !quoted;
        place += 1;
      } else if (backslashes === 0) {
        argument += rest[place] ?? "";
        place += 1;
      }
    }
    args.push(argument);
    rest = rest.slice(place).trimStart();
  }
  return args;
}

export const anyCommandLine: Property = {
  name: "a command line preserves every argument",
  check: (runs) => {
    const argument = fc.oneof(
      fc.string({ unit: fc.constantFrom("\\", '"', " ", "\t", "a", "%", "^", "\u{1F4D2}") }),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(argument), (args) => {
        const line = formatCommandLine("C:\\a b\\c.exe", args);
        expect(splitCommandLine(line)).toEqual(["C:\\a b\\c.exe", ...args]);
      }),
      { numRuns: runs },
    );
  },
};
