import { beforeEach, describe, expect, it } from "vitest";

import { decodeString, encodeString } from "../../../../src/tools/registration/registry-value.ts";
import {
  flushChanges,
  putBack,
  readBefore,
  takeStep,
  type Step,
} from "../../../../src/tools/registration/step.ts";
import { FakeRegistry } from "../../../helpers/fakes/fake-registry.ts";

const KEY = "SOFTWARE\\Classes\\Ledger";
const ACCESS_DENIED = 0x80070005;

let registry: FakeRegistry;

beforeEach(() => {
  registry = new FakeRegistry();
});

function setting(name: string, text: string | null): Extract<Step, { readonly kind: "setValue" }> {
  return { kind: "setValue", key: KEY, name, value: text === null ? null : encodeString(text) };
}

/** Gives the key values that nobody has written by a step. */
function write(...texts: readonly string[]): void {
  registry.createRegistryKey(KEY);
  for (const text of texts) {
    const { type, data } = encodeString(text);
    registry.writeRegistryValue(KEY, text, type, data);
  }
  registry.writes.length = 0;
}

describe("takeStep", () => {
  it("asks nothing of a key that has the value already", () => {
    write("Name");
    registry.fault = ({ api }) => (api.startsWith("read") ? undefined : ACCESS_DENIED);
    takeStep(registry, setting("Name", "Name"));
    takeStep(registry, setting("Other", null));
    expect(registry.writes).toEqual([]);
  });

  it.each([
    ["create", { kind: "createKey", key: KEY }],
    ["remove", { kind: "deleteKey", key: KEY }],
    ["write", setting("Name", "other")],
    ["remove", setting("Name", null)],
  ] as const)("says what it could not %s", (verb, step) => {
    if (step.kind !== "createKey") registry.createRegistryKey(KEY);
    if (step.kind === "setValue") write("Name");
    registry.fault = ({ api }) =>
      api.startsWith("read") || api === "hasRegistryKey" ? undefined : ACCESS_DENIED;
    expect(() => takeStep(registry, step)).toThrow(
      expect.objectContaining({
        code: "ERR_WSB_ACCESS_DENIED",
        message: expect.stringContaining(`Cannot ${verb} HKLM\\${KEY}`),
      }),
    );
  });
});

describe("flushChanges", () => {
  it("says which part of the registry could not be written", () => {
    registry.fault = () => ACCESS_DENIED;
    expect(() => flushChanges(registry, [KEY])).toThrow(
      expect.objectContaining({
        code: "ERR_WSB_ACCESS_DENIED",
        message: expect.stringContaining("Cannot write HKLM\\SOFTWARE to the disk"),
      }),
    );
  });
});

describe("putBack", () => {
  it("knows of a slot that changes twice what it was before", () => {
    write("Name");
    const steps = [setting("Name", "first"), setting("NAME", "second")];
    const values = readBefore(registry, steps).values;
    expect(values.map(({ name, value }) => [name, decodeString(value)])).toEqual([
      ["Name", "Name"],
    ]);
  });

  it("restores values last first, and touches nothing that was not changed yet", () => {
    write("A", "B", "C");
    const steps = ["A", "B", "C"].map((name) => setting(name, "new"));
    const before = readBefore(registry, steps);
    for (const step of steps.slice(0, 2)) takeStep(registry, step);
    registry.writes.length = 0;
    const kept: string[] = [];
    expect(putBack(registry, before, (value) => kept.push(value))).toEqual([]);
    expect([registry.writes.map(({ name }) => name), kept]).toEqual([["B", "A"], []]);
  });

  it("leaves a key that was there and empty, and creates none that was not there", () => {
    registry.createRegistryKey(KEY);
    const inner = `${KEY}\\Inner`;
    const steps = [KEY, inner].map((key): Step => ({ kind: "createKey", key }));
    const before = readBefore(registry, steps);
    registry.writes.length = 0;
    expect(putBack(registry, before)).toEqual([]);
    expect([registry.hasRegistryKey(KEY), registry.hasRegistryKey(inner)]).toEqual([true, false]);
    const created = registry.writes.filter(({ api }) => api === "createRegistryKey");
    expect(created.map(({ path }) => path)).toEqual([KEY]);
  });
});
