import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { completeAnswers } from "../../generator/answers.ts";
import { filesOf, layersOf } from "../../generator/project-files.ts";
import { checkAnswers } from "../../generator/validate.ts";
import { allPairs, pairsOf } from "../helpers/all-pairs.ts";
import { combinations, matrix } from "./combinations.ts";
import { filesBelow, sources } from "./generator.ts";

// Layers that only wsb-addin generate uses.
const generated = ["check", "check-handler"];
// Layers that would make the same file twice.
const impossible =
  /"ci","azure".*"part","ci"|"writer","(?:declared|service)".*"part","writer"|"preRestore","(?:TypeScript|C#)".*"(?:handler|dotnet)"/u;

describe("the combinations of choices", () => {
  it.each(matrix)("of kind $kind have every pair that makes sense", ({ factors, rows }) => {
    const covered = new Set(rows.flatMap(pairsOf));
    const missing = allPairs(factors).filter((pair) => !covered.has(pair));
    expect(missing.filter((pair) => !impossible.test(pair))).toEqual([]);
  });

  it("are accepted by the generator", () => {
    for (const { given } of combinations) expect(checkAnswers(given)).toEqual([]);
  });

  it("use every template, and no two templates make the same file", () => {
    const reached = new Set<string>();
    for (const { given, userAgent } of combinations) {
      const answers = completeAnswers(given, { currentFolder: "/", userAgent });
      const files = filesOf(sources, layersOf(answers));
      expect(new Set(files.map(({ path }) => path)).size).toBe(files.length);
      for (const { template } of files) reached.add(template);
    }
    for (const { template } of filesOf(sources, generated)) reached.add(template);
    const all = Object.values(sources).flatMap((folder) =>
      filesBelow(folder).map((file) => join(folder, file)),
    );
    expect(all.filter((file) => !reached.has(file))).toEqual([]);
  });
});
