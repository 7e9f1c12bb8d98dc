import { expect, it } from "vitest";

import type { Definition } from "../../../../src/base/document/definition.ts";
import { dictionary, fields, forms } from "../../../../src/base/document/fields.ts";
import { list, string } from "../../../../src/base/document/kinds.ts";

// The compiler compares a written type with its definition, at every depth.

interface Ab {
  readonly a: string;
  readonly b?: string;
}

interface Whole {
  readonly inner: Ab;
  readonly list: readonly Ab[];
  readonly map: Readonly<Record<string, Ab>>;
  readonly form:
    | { readonly kind: "x"; readonly a: string }
    | { readonly kind: "y"; readonly b?: Ab };
}

const ab: Definition<Ab> = fields({ a: string, b: string.optional() });
const b = ab.optional();
const x = { a: string };
const a = fields({ a: string });
const parts = {
  inner: ab,
  list: list(ab),
  map: dictionary(ab),
  form: forms("kind", { x, y: { b } }),
};

const whole: Definition<Whole> = fields(parts);
// @ts-expect-error b is missing
const lacking: Definition<Ab> = fields({ a: string });
// @ts-expect-error c is extra
const exceeding: Definition<Ab> = fields({ a: string, b: string.optional(), c: string.optional() });
// @ts-expect-error b may be absent
const requiring: Definition<Ab> = fields({ a: string, b: string });
// @ts-expect-error a is required
const lenient: Definition<Ab> = fields({ a: string.optional(), b: string.optional() });
// @ts-expect-error inner lacks b
const inner: Definition<Whole> = fields({ ...parts, inner: a });
// @ts-expect-error the list's items lack b
const items: Definition<Whole> = fields({ ...parts, list: list(a) });
// @ts-expect-error the map's values lack b
const values: Definition<Whole> = fields({ ...parts, map: dictionary(a) });
// @ts-expect-error a form lacks b
const form: Definition<Whole> = fields({ ...parts, form: forms("kind", { x, y: {} }) });

it("compiles", () => {
  const wrong = [lacking, exceeding, requiring, lenient, inner, items, values, form];
  expect([ab, whole, ...wrong]).toHaveLength(10);
});
