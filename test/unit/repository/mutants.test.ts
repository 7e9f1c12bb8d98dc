import { describe, expect, it } from "vitest";

import { findMutants, instrument } from "../../mutation/mutants.ts";

/** Runs a piece of code with one of its mutants, or with none, and returns what it leaves in `out`. */
function outOf(source: string, active: number | undefined): unknown {
  const code = instrument(source, findMutants("one.ts", source), 0);
  const isMutant = "const globalThis = { mutationSwitch: (id) => id === active };";
  // oxlint-disable-next-line no-implied-eval, no-new-func -- it runs code that it has just made
  return new Function("active", `const out = []; ${isMutant} { ${code} } return out.join();`)(
    active,
  );
}

describe("the mutants of a source file", () => {
  it.each([
    ["if (1 < 1) out.push('a');", "", ["a", "", "a"]],
    ["const f = () => { out.push('a'); out.push('b'); }; f();", "a,b", ["b", "a", ""]],
    ["const f = () => !true; out.push(f());", "false", ["true", "true", ""]],
    ["let i = 2; for (; i <= 2; i += 2) out.push('a');", "a", ["", "", ""]],
    [
      "const f = (a) => { switch (a) { case 'x': return 1; } return 5; }; out.push(f('x'));",
      "1",
      ["5", ""],
    ],
    [
      "const f = (a) => a.filter((b) => b === 'b')[0] ?? 'c'; out.push(f(['a', 'b']));",
      "b",
      ["c", "a", "a", ""],
    ],
  ])("each change what the code does, one at a time: %s", (source, original, outs) => {
    const mutants = findMutants("one.ts", source);
    const changed = mutants.map((_, id) => outOf(source, id));
    expect([outOf(source, undefined), ...changed]).toEqual([original, ...outs]);
  });

  it("leave texts and types alone", () => {
    const source = "const a: 1 | true = b; const c = `${1 < 2}`; import type { D } from 'd';";
    expect(findMutants("one.ts", source)).toEqual([]);
  });
});
