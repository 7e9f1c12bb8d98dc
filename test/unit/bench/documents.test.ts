import { describe, expect, it } from "vitest";

import { withTable, worstOf } from "../../../bench/documents.ts";
import type { Report } from "../../../bench/table.ts";
import { readDocument } from "../../helpers/documents.ts";

const report: Report = JSON.parse(readDocument("bench/results.json"));

describe.each(["README.md", "docs/bench.md"] as const)("the table in %s", (name) => {
  const text = readDocument(name);

  it("shows the results in bench/results.json", () => {
    expect(text).toBe(withTable(name, text, report));
  });

  it("changes with the results", () => {
    const [first, ...others] = report.results;
    if (first === undefined) throw new Error("bench/results.json has no results");
    const changed = { ...report, results: [{ ...first, value: first.value + 1 }, ...others] };
    expect(withTable(name, text, changed)).not.toBe(text);
  });

  it("needs its markers", () => {
    expect(() => withTable(name, "# no markers\n", report)).toThrow(`${name} has no`);
  });
});

describe("the README's table", () => {
  it("has at most seven rows, the worst result among them", () => {
    const table = readDocument("README.md").split("<!-- bench:")[1]?.split("<!-- /bench")[0] ?? "";
    const names = [...table.matchAll(/^\| (.*?) \|/gmu)].map(([, name]) => name);
    expect(names.length).toBeLessThanOrEqual(2 + 7);
    expect(names).toContain(worstOf(report.results)?.name);
  });
});

describe("the worst result", () => {
  const result = { value: 1, unit: "ms", peer: 1, goal: null, samples: 1, spread: 0 };

  it("has the highest ratio of a time, or the lowest of a throughput", () => {
    const slow = { ...result, name: "slow", ratio: 3 };
    const few = { ...result, name: "few calls", unit: "calls/s", ratio: 0.25 };
    const many = { ...few, name: "many calls", ratio: 0.5 };
    expect(worstOf([slow, few, many])?.name).toBe("few calls");
    expect(worstOf([many, slow])?.name).toBe("slow");
    expect(worstOf([{ ...slow, peer: null, ratio: null }])).toBeUndefined();
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
