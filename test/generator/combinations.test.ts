import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { completeAnswers } from "../../generator/answers.ts";
import { filesOf, layersOf } from "../../generator/layers.ts";
import { checkAnswers } from "../../generator/validate.ts";
import { allPairs, pairsOf } from "../helpers/all-pairs.ts";
import { combinations, matrix } from "./combinations.ts";
import { filesBelow, templates } from "./generator.ts";

// Layers that only wsb-addin generate makes use of.
const grown = ["check", "check-handler"];
// What the generator has no choice for yet.
const waiting = ["dotnet"];

describe("the combinations of choices", () => {
  it.each(matrix)("of kind $kind have every pair that makes sense", ({ factors, rows }) => {
    const covered = new Set(rows.flatMap(pairsOf));
    const missing = allPairs(factors).filter((pair) => !covered.has(pair));
    expect(
      missing.filter(
        (pair) => !/"ci","azure".*"part","ci"|"preRestore","yes".*"handler"/u.test(pair),
      ),
    ).toEqual([]);
  });

  it("are ones that the generator takes", () => {
    for (const { given } of combinations) expect(checkAnswers(given)).toEqual([]);
  });

  it("reach every template, and no two templates make the same file", () => {
    const reached = new Set<string>();
    for (const { given, userAgent } of combinations) {
      const answers = completeAnswers(given, { currentFolder: "/", userAgent });
      const files = filesOf(templates, layersOf(answers));
      expect(new Set(files.map(({ path }) => path)).size).toBe(files.length);
      for (const { template } of files) reached.add(template);
    }
    for (const { template } of filesOf(templates, [...grown, ...waiting])) reached.add(template);
    const all = filesBelow(templates).map((file) => join(templates, file));
    expect(all.filter((file) => !reached.has(file))).toEqual([]);
  });
});
