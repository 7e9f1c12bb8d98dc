import { describe, expect, it } from "vitest";

import {
  stopOrder,
  type ServiceDependencies,
} from "../../../../src/runtime/restore/service-order.ts";

/** `A>B` is a service A that depends on B; `A` alone depends on nothing. */
function services(...texts: readonly string[]): readonly ServiceDependencies[] {
  return texts.map((text) => {
    const [name = "", ...dependsOn] = text.split(">");
    return { name, dependsOn };
  });
}

describe("stopOrder", () => {
  it.each([
    { what: "a service alone", names: ["A"], has: services("A"), order: ["A"] },
    { what: "nothing", names: [], has: services("A"), order: [] },
    {
      what: "services in the order given",
      names: ["B", "A"],
      has: services("A", "B"),
      order: ["B", "A"],
    },
    {
      what: "a chain from its end",
      names: ["C"],
      has: services("A>B", "B>C", "C"),
      order: ["A", "B", "C"],
    },
    {
      what: "a chain from its middle",
      names: ["B"],
      has: services("A>B", "B>C", "C"),
      order: ["A", "B"],
    },
    {
      what: "a chain given the wrong way round",
      names: ["B", "A"],
      has: services("A>B", "B"),
      order: ["A", "B"],
    },
    {
      what: "two dependents",
      names: ["C"],
      has: services("A>C", "B>C", "C"),
      order: ["A", "B", "C"],
    },
    {
      what: "a diamond",
      names: ["D"],
      has: services("A>B>C", "B>D", "C>D", "D"),
      order: ["A", "B", "C", "D"],
    },
    {
      what: "names in other case",
      names: ["ledger"],
      has: services("Web>LEDGER", "Ledger"),
      order: ["Web", "ledger"],
    },
    {
      what: "a name given twice in other case",
      names: ["A", "a"],
      has: services("A"),
      order: ["A"],
    },
    { what: "a name nobody knows", names: ["X", "A"], has: services("A"), order: ["X", "A"] },
    {
      what: "a dependent of a name nobody knows",
      names: ["X"],
      has: services("A>X"),
      order: ["A", "X"],
    },
    { what: "a service that depends on itself", names: ["A"], has: services("A>A"), order: ["A"] },
  ])("stops $what", ({ names, has, order }) => {
    expect(stopOrder(names, has)).toEqual(order);
  });

  it("terminates for services that depend on each other, each listed once", () => {
    expect(stopOrder(["A"], services("A>B", "B>C", "C>A")).toSorted()).toEqual(["A", "B", "C"]);
  });

  it("lists every dependent before its dependencies", () => {
    const has = services("A>B>D", "B>C", "C", "D>C", "E>A", "F");
    const order = stopOrder(["C", "F"], has);
    expect(order.toSorted()).toEqual(["A", "B", "C", "D", "E", "F"]);
    for (const { name, dependsOn } of has) {
      for (const other of dependsOn) expect(order.indexOf(name)).toBeLessThan(order.indexOf(other));
    }
  });
});
