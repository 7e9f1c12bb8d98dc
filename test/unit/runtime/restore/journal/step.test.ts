import { describe, expect, it } from "vitest";

import { SessionFold } from "../../../../../src/runtime/restore/journal/session.ts";
import { readStep, type Step } from "../../../../../src/runtime/restore/journal/step.ts";
import { CLSID } from "../../../../helpers/manifest.ts";
import { settingsWith } from "../../../../helpers/fakes/session-bed.ts";

const server = { pid: 1, startedAt: "133", image: "C:\\node.exe" };

const sample: Step = {
  at: new Date(0).toISOString(),
  changes: [
    { type: "opened", version: 2, sessionId: "s", clsid: CLSID, server, settings: settingsWith() },
    {
      type: "services",
      services: [
        {
          name: "Ledger",
          stateBefore: "RUNNING",
          startTypeBefore: "automatic",
          delayedStartBefore: true,
          isDependent: false,
          phase: "stopping",
        },
      ],
    },
    {
      type: "component",
      componentName: "lone \uD800",
      logicalPath: null,
      client: server,
      phase: "preparing",
      noRollForward: false,
    },
    { type: "ran", services: ["Ledger"] },
    { type: "server", server },
    { type: "phase", phase: "open" },
  ],
};

/** A step with one service, and something else in it. */
function withService(changes: object): object {
  const service = {
    name: "Ledger",
    stateBefore: "RUNNING",
    startTypeBefore: "automatic",
    delayedStartBefore: true,
    isDependent: false,
    phase: "stopping",
  };
  return { at: sample.at, changes: [{ type: "services", services: [{ ...service, ...changes }] }] };
}

/** Every path of a value, so that new fields are covered automatically. */
function pathsOf(value: unknown, path: readonly (string | number)[] = []): (string | number)[][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const step = path.concat(Array.isArray(value) ? Number(key) : key);
    return [step].concat(pathsOf(inner, step));
  });
}

describe("a step of a journal", () => {
  it("is read as it was written, lone surrogates included", () => {
    expect(readStep(JSON.parse(JSON.stringify(sample)))).toEqual(sample);
    expect(SessionFold.of([sample])?.components.all).toMatchObject([
      { componentName: "lone \uD800", phase: "preparing" },
    ]);
  });

  it("is refused when a field is of another kind, and never read as something else", () => {
    const paths = pathsOf(sample);
    expect(paths.length).toBeGreaterThan(40);
    for (const path of paths) {
      for (const wrong of [1.5, true, {}]) {
        const broken: unknown = structuredClone(sample);
        let owner: unknown = broken;
        for (const step of path.slice(0, -1)) owner = Reflect.get(Object(owner), step);
        const last = path.at(-1) ?? "";
        if (typeof Reflect.get(Object(owner), last) === typeof wrong) continue;
        Reflect.set(Object(owner), last, wrong);
        expect(readStep(broken), `${path.join(".")} ${typeof wrong}`).toBeUndefined();
      }
    }
  });

  it.each([
    ["no time", { ...sample, at: "yesterday" }],
    [
      "no start of a process",
      { at: sample.at, changes: [{ type: "server", server: { ...server, startedAt: "1x" } }] },
    ],
    ["no name of a service", withService({ name: "" })],
  ])("is refused when a text is %s", (_, record) => {
    expect(readStep(record)).toBeUndefined();
  });

  it("of an early journal has no delayed start", () => {
    const early = withService({ delayedStartBefore: undefined });
    expect(readStep(JSON.parse(JSON.stringify(early)))).toEqual(
      withService({ delayedStartBefore: false }),
    );
  });

  it.each([
    ["nothing", undefined],
    ["null", null],
    ["a list", []],
    ["no change", { at: "x" }],
  ])("is refused when it is %s", (_, record) => {
    expect(readStep(record)).toBeUndefined();
  });
});
