import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { withTable } from "../../../bench/readme.ts";
import type { Report } from "../../../bench/table.ts";
import { repository } from "../../generator/generator.ts";

const report: Report = JSON.parse(readFileSync(join(repository, "bench", "results.json"), "utf8"));
const readme = readFileSync(join(repository, "README.md"), "utf8");

describe("the README's table", () => {
  it("is made of bench/results.json", () => {
    expect(readme).toBe(withTable(readme, report));
  });

  it("changes with the measurements", () => {
    const [first, ...others] = report.results;
    if (first === undefined) throw new Error("nothing was measured");
    const changed = { ...report, results: [{ ...first, value: first.value + 1 }, ...others] };
    expect(withTable(readme, changed)).not.toBe(readme);
  });

  it("has its own section in the README", () => {
    expect(() => withTable("# no markers\n", report)).toThrow("README.md has no");
  });
});

describe("bench/results.json", () => {
  it("has the ratio of ours to the peer's for each result with a peer", () => {
    for (const { name, value, peer, ratio } of report.results) {
      if (peer === null) expect(ratio, name).toBeNull();
      else expect(ratio, name).toBeCloseTo(value / peer, 1);
    }
  });

  it("has unique names", () => {
    const names = report.results.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)]);
  });
});
