import fc from "fast-check";
import { expect } from "vitest";

import { describeError, errorSentence } from "../../src/base/error-chain.ts";
import type { Property } from "./property.ts";

const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    "",
    " ",
    "fetch failed",
    "Cannot flush.",
    "a: b",
    "\n    at f (a.ts:1:1)",
    "a\0b",
  ),
);

/** Generates errors with causes, aggregates, and any other thrown value. */
const { thrown } = fc.letrec<{ thrown: unknown; cause: unknown }>((tie) => ({
  cause: fc.oneof({ depthSize: "medium", withCrossShrink: true }, fc.anything(), tie("thrown")),
  thrown: fc.oneof(
    { depthSize: "medium" },
    fc.anything({ withNullPrototype: true, withObjectString: true }),
    fc.tuple(text, tie("cause")).map(([message, cause]) => new Error(message, { cause })),
    fc
      .tuple(text, fc.array(tie("cause"), { maxLength: 3 }))
      .map(([message, errors]) => new AggregateError(errors, message)),
    fc
      .tuple(text, fc.object())
      .map(([message, fields]) => Object.assign(new Error(message), fields)),
  ),
}));

/** Any thrown value can be written as a line of JSON and described in one sentence. */
export const anyError: Property = {
  name: "any thrown value is described, and summarized in one bounded line",
  check(runs) {
    fc.assert(
      fc.property(thrown, (error) => {
        const description = describeError(error);
        const sentence = errorSentence(error);
        expect(JSON.parse(JSON.stringify(description))).toEqual(description);
        expect(description.causes.length).toBeLessThanOrEqual(8);
        expect(sentence).toMatch(/^[^\0\r\n]+$/u);
        expect(sentence.length).toBeLessThanOrEqual(4096);
      }),
      { numRuns: runs },
    );
  },
};
