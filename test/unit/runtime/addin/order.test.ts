import { describe, expect, it } from "vitest";

import { inOrder, positionsOf } from "../../../../src/runtime/addin/order.ts";

const a = { componentName: "a", logicalPath: null };
const b = { componentName: "b", logicalPath: "x" };
const handlerError = expect.objectContaining({ code: "ERR_WSB_HANDLER" });

describe("positionsOf", () => {
  it.each([
    ["the same order", [a, b], [a, b], [0, 1]],
    ["another order", [a, b], [b, a], [1, 0]],
    ["copies", [a, b], [{ ...b }, { ...a, more: 1 }], [1, 0]],
    ["a copy beside the very one", [a, b], [{ ...b }, a], [1, 0]],
    ["nothing for nothing", [], [], []],
    ["a component asked about twice, returned twice", [a, b, a], [a, a, b], [0, 2, 1]],
    [
      "a component of two NULLs",
      [{ componentName: null, logicalPath: null }],
      [{ componentName: null, logicalPath: null }],
      [0],
    ],
  ])("finds %s", (_, components, order, positions) => {
    expect(positionsOf(components, order)).toEqual(Uint32Array.from(positions));
    expect(inOrder(components, Uint32Array.from(positions))).toEqual(
      order.map(({ componentName, logicalPath }) => ({ componentName, logicalPath })),
    );
  });

  it.each([
    ["a component left out", [a, b], [a]],
    ["a component twice", [a, b], [a, a]],
    ["a component once that was asked about twice", [a, a], [a]],
    ["a component too many", [a], [a, b]],
    ["a foreign component", [a, b], [a, { componentName: "c", logicalPath: "x" }]],
    ["an empty text for NULL", [a], [{ componentName: "a", logicalPath: "" }]],
    ["names the wrong way round", [b], [{ componentName: "x", logicalPath: "b" }]],
    ["undefined for NULL", [a], [{ componentName: "a" }]],
    ["a number that reads like NULL", [a], [{ componentName: "a", logicalPath: Number.NaN }]],
    ["an object that reads like a name", [a], [{ ...a, componentName: { toJSON: () => "a" } }]],
    ["null among the components", [a], [null]],
    ["a hole", [a], Array.from({ length: 1 })],
    ["names alone", [a], ["a"]],
    ["a text", [a], "a"],
    ["undefined", [a], undefined],
    ["an object like an array", [a], { 0: a, length: 1 }],
    ["a set", [a], new Set([a])],
  ])("refuses %s", (_, components, order) => {
    expect(() => positionsOf(components, order)).toThrow(handlerError);
  });

  it("compares ten thousand components in linear time", () => {
    let looks = 0;
    const many = Array.from({ length: 10_000 }, (_, index) => ({
      get componentName() {
        looks += 1;
        return `${index}`;
      },
      logicalPath: null,
    }));
    positionsOf(many, many.toReversed());
    const copies = many.map(({ componentName }) => ({ componentName, logicalPath: null }));
    positionsOf(many, copies.toReversed());
    expect(looks).toBeLessThan(10 * many.length);
  });
});
