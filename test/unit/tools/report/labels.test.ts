import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { joinNear, placeLabels, thinOut } from "../../../../src/tools/report/labels.ts";

describe("placeLabels", () => {
  it("gives a label the space up to the next bar", () => {
    const bars = [
      { from: 10, to: 12 },
      { from: 40, to: 60 },
    ];
    expect(placeLabels(bars)).toEqual([
      { from: 10, to: 40, side: "start" },
      { from: 40, to: 100, side: "start" },
    ]);
  });

  it("puts the label of a late bar before it", () => {
    expect(placeLabels([{ from: 97, to: 99 }])).toEqual([{ from: 0, to: 99, side: "end" }]);
  });

  it("gives two bars that begin together one label, that of the first", () => {
    const [first, second] = placeLabels([
      { from: 0, to: 50 },
      { from: 0, to: 1 },
    ]);
    expect([first?.side, second]).toEqual(["start", undefined]);
  });

  it("never lets two labels share space", () => {
    const bar = fc
      .tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 100 }))
      .map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));
    fc.assert(
      fc.property(fc.array(bar, { maxLength: 12 }), (bars) => {
        const labels = placeLabels(bars).filter((label) => label !== undefined);
        for (const [index, one] of labels.entries()) {
          expect([one.from >= 0, one.to <= 100]).toEqual([true, true]);
          for (const other of labels.slice(index + 1)) {
            expect(Math.min(one.to, other.to)).toBeLessThanOrEqual(Math.max(one.from, other.from));
          }
        }
      }),
    );
  });
});

describe("thinOut", () => {
  it("keeps what is far enough from the last one that was kept", () => {
    const placed = [0, 3, 10, 12, 20].map((at) => ({ at }));
    expect([...thinOut(placed, 10)].map(({ at }) => at)).toEqual([0, 10, 20]);
  });
});

describe("joinNear", () => {
  it("joins what is near to the first of a group", () => {
    const placed = [9, 0, 4, 5, 20].map((at) => ({ at }));
    expect(joinNear(placed, 5).map((group) => group.map(({ at }) => at))).toEqual([
      [0, 4],
      [5, 9],
      [20],
    ]);
  });
});
