import fc from "fast-check";
import { expect } from "vitest";

import { readManifest } from "../../src/runtime/manifest/parse.ts";
import { findConflicts } from "../../src/tools/registration/conflicts.ts";
import { planRegistration } from "../../src/tools/registration/plan.ts";
import {
  applyRegistration,
  inspectRegistration,
  removeRegistration,
} from "../../src/tools/registration/register.ts";
import { INSTALLATION, fakeMachine } from "../helpers/fakes/registration.ts";
import type { Property } from "./property.ts";

const guid = fc.uuid().chain((uuid) => fc.constantFrom(uuid, `{${uuid}}`, uuid.toUpperCase()));
// Letters with one or more code units and points; fast-check's table of all letters takes seconds.
const grapheme = fc.oneof(
  fc.string({ minLength: 1, maxLength: 1 }),
  fc.constantFrom("ß", "Ö", "O\u0308", "İ", "漢", "ﷺ", "न\u093F", "😀", "👩🏽‍🔬", "🇩🇪", "\u{10FFFD}"),
);
const name = fc.oneof(
  fc.string({ unit: grapheme, minLength: 1, maxLength: 40 }),
  fc.string({ unit: "binary", maxLength: 300 }),
);
const service = fc.oneof(fc.string({ minLength: 1, maxLength: 20 }), fc.constant("Contoso"));

/** Generates mostly valid values, sometimes anything. */
function orAnything<T>(usual: fc.Arbitrary<T>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 40, arbitrary: usual }, { weight: 1, arbitrary: fc.anything() });
}

const shapes = {
  name: orAnything(name),
  writerId: orAnything(guid),
  applicationIdentifier: orAnything(name),
  clsid: orAnything(guid),
  appId: orAnything(guid),
  services: orAnything(fc.array(service, { maxLength: 3 })),
  timeoutsMs: orAnything(fc.record({ preRestore: fc.integer({ min: -1, max: 2 ** 31 }) })),
  lingerMs: orAnything(fc.integer({ min: -10, max: 100_000 })),
};
const fieldNames = Object.keys(shapes);
const manifest = fc.record(shapes, { requiredKeys: ["name", "writerId", "applicationIdentifier"] });

export const anyManifest: Property = {
  name: "any manifest is registered and removed without a trace, or rejected by field",
  check: async (runs) => {
    let accepted = 0;
    let rejected = 0;
    await fc.assert(
      fc.asyncProperty(manifest, async (fields) => {
        const result = readManifest(fields);
        if ("problems" in result) {
          rejected += 1;
          expect(result.problems.length).toBeGreaterThan(0);
          for (const { field, rule } of result.problems) {
            expect(fieldNames).toContain(/^\w+/u.exec(field)?.[0]);
            expect(rule).not.toBe("");
          }
          return;
        }
        accepted += 1;
        const machine = fakeMachine();
        const { writerId } = result.value;
        const plan = planRegistration(result.value, INSTALLATION);
        const before = machine.api.snapshot();
        const search = { ...machine, manifest: result.value, plan, service: null };
        expect(findConflicts({ ...search, owned: null })).toEqual([]);
        expect((await applyRegistration(machine, writerId, plan)).changed).toBe(true);
        expect(inspectRegistration(machine, writerId)).toEqual({ state: "registered", drift: [] });
        expect((await applyRegistration(machine, writerId, plan)).changed).toBe(false);
        expect(await removeRegistration(machine, writerId)).toEqual({ changed: true, kept: [] });
        expect(machine.api.snapshot()).toEqual(before);
      }),
      { numRuns: runs },
    );
    // Both halves of the property were tested.
    expect(accepted).toBeGreaterThan(runs / 10);
    expect(rejected).toBeGreaterThan(runs / 10);
  },
};
