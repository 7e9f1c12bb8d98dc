import { describe, expect, it } from "vitest";

import {
  Components,
  isActive,
  showComponents,
} from "../../../../../src/runtime/restore/journal/components.ts";
import type {
  ComponentPhase,
  ComponentProgress,
} from "../../../../../src/runtime/restore/journal/step.ts";

const first = { pid: 7, startedAt: "133", image: "C:\\one.exe" };
const second = { pid: 8, startedAt: "133", image: "C:\\two.exe" };

function component(
  componentName: string | null,
  phase: ComponentPhase = "prepared",
  client: ComponentProgress["client"] = first,
): ComponentProgress {
  return { componentName, logicalPath: "Ledger", client, phase };
}

function componentsOf(...all: readonly ComponentProgress[]): Components {
  const components = new Components();
  for (const one of all) components.set(one);
  return components;
}

function namesOf(all: readonly ComponentProgress[]): readonly unknown[] {
  return all.map(({ componentName }) => componentName);
}

const phases = ["preparing", "prepared", "left", "finished", "abandoned"] as const;

describe("services that ran", () => {
  it("are still known of a component that was given up, and not of one that begins anew", () => {
    const components = componentsOf(component("a"));
    components.addRan(["Ledger"]);
    const restoring = { component: component("a"), client: first };
    components.set(component("a", "abandoned"));
    expect(components.ranDuring(restoring)).toEqual(["Ledger"]);
    components.set(component("a", "preparing"));
    expect(components.ranDuring(restoring)).toEqual([]);
  });
});

describe("the components of a session", () => {
  it.each([
    ["preparing", true, true, 0],
    ["prepared", true, true, 0],
    ["left", false, true, 0],
    ["finished", false, false, 0],
    ["abandoned", false, false, 1],
  ] as const)("are counted by their phase: %s", (phase, active, awaited, abandoned) => {
    const components = componentsOf(component("A", phase));
    expect(isActive(component("A", phase))).toBe(active);
    expect(components.isAwaited).toBe(awaited);
    expect(components.awaited.length).toBe(awaited ? 1 : 0);
    expect(components.roomBytes > 0).toBe(awaited);
    expect(components.abandoned.length).toBe(abandoned);
  });

  it.each(phases.flatMap((from) => phases.map((to) => [from, to] as const)))(
    "that go from %s to %s are as if they had begun there",
    (from, to) => {
      const moved = componentsOf(component("A", from), component("A", to));
      const begun = componentsOf(component("A", to));
      for (const one of [moved, begun]) expect(one.all).toEqual([component("A", to)]);
      expect([moved.awaited, moved.abandoned, moved.roomBytes]).toEqual([
        begun.awaited,
        begun.abandoned,
        begun.roomBytes,
      ]);
    },
  );

  it("need room that grows with their names and shrinks when they end", () => {
    const short = componentsOf(component("A"));
    const long = componentsOf(component("A".repeat(11)));
    expect(long.roomBytes - short.roomBytes).toBe(10 * 12);
    const unnamed = componentsOf({ ...component(null), logicalPath: null });
    expect(short.roomBytes - unnamed.roomBytes).toBe(7 * 12);
    // Two more steps of 2 KiB.
    expect(unnamed.roomBytes).toBe(4096);
    short.set(component("B"));
    short.set(component("A", "finished"));
    expect(short.roomBytes).toBe(componentsOf(component("B")).roomBytes);
  });

  it("are those of one client each, by process and its start", () => {
    const later = { ...first, startedAt: "134" };
    const components = componentsOf(
      component("A"),
      component("A", "finished", second),
      component("A", "abandoned", later),
      component("A", "preparing", null),
      component("B", "prepared", first),
    );
    const found = [first, second, later, null].map(
      (client) => components.find({ component: component("A"), client })?.phase,
    );
    expect(found).toEqual(["prepared", "finished", "abandoned", "preparing"]);
    expect(components.find({ component: component("B"), client: second })).toBeUndefined();
    expect(
      components.awaited.map(({ client, components: own }) => [client, namesOf([...own.values()])]),
    ).toEqual([
      [first, ["A", "B"]],
      [null, ["A"]],
    ]);
    expect(components.sameComponent(component("A")).length).toBe(4);
    expect(components.sameComponent(component("C"))).toEqual([]);
    expect(components.distinct).toEqual([
      { componentName: "A", logicalPath: "Ledger" },
      { componentName: "B", logicalPath: "Ledger" },
    ]);
  });

  it("note the services that ran while they were prepared, until they begin anew", () => {
    const components = componentsOf(
      component("A"),
      component("B", "preparing"),
      component("C", "prepared", second),
    );
    components.addRan(["Ledger"]);
    components.addRan(["Own"]);
    const ran = (name: string, client = first): readonly string[] =>
      components.ranDuring({ component: component(name), client });
    expect([ran("A"), ran("B"), ran("C", second), ran("C")]).toEqual([
      ["Ledger", "Own"],
      [],
      ["Ledger", "Own"],
      [],
    ]);
    components.set({ ...component("A"), outcome: "ok" });
    expect(ran("A")).toEqual(["Ledger", "Own"]);
    components.set(component("A", "preparing"));
    expect([ran("A"), ran("C", second)]).toEqual([[], ["Ledger", "Own"]]);
  });

  it("count as noted once they are for each that is prepared, and never while none is", () => {
    const components = componentsOf(component("B", "preparing"));
    expect(components.isRanNoted("Ledger")).toBe(false);
    components.set(component("A"));
    expect(components.isRanNoted("Ledger")).toBe(false);
    components.addRan(["Ledger"]);
    expect([components.isRanNoted("Ledger"), components.isRanNoted("Own")]).toEqual([true, false]);
    components.set(component("C", "prepared", second));
    expect(components.isRanNoted("Ledger")).toBe(false);
  });

  it("are shown each once", () => {
    expect(showComponents([component("A"), component("A", "prepared", second)])).toEqual([
      "Ledger\\A",
    ]);
  });
});
