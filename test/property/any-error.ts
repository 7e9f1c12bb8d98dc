import fc from "fast-check";
import { expect } from "vitest";

import { describeError, errorSentence } from "../../src/base/error-chain.ts";
import { nativeFailure, windowsError } from "../../src/base/errors.ts";
import {
  codedFileError,
  fileError,
  isMissingFile,
  protectedFileError,
  systemErrorName,
} from "../../src/base/file-error.ts";
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

/** Makes an error that answers some questions and then throws, whatever is asked. */
function hostileError(answers: number): Error {
  let left = answers;
  const answer = (): void => {
    left -= 1;
    if (left < 0) throw new Error("asked too much");
  };
  const fields = { hresult: 5, api: "OpenProcess", code: "ENOENT", syscall: "open" };
  return new Proxy(Object.assign(new Error("hostile"), fields), {
    get(error, name) {
      answer();
      const value: unknown = Reflect.get(error, name);
      return value;
    },
    has(error, name) {
      answer();
      return Reflect.has(error, name);
    },
    getPrototypeOf(error) {
      answer();
      return Reflect.getPrototypeOf(error);
    },
  });
}

const questions: readonly ((error: unknown) => unknown)[] = [
  nativeFailure,
  (error) => windowsError("Cannot open x", "Try again.", error),
  systemErrorName,
  isMissingFile,
  (error) => fileError("Cannot open x", "Try again.", error),
  (error) => protectedFileError("Cannot open x", "Try again.", error),
  codedFileError,
];

/** What is caught can be looked at, whatever it is. */
export const anyCaught: Property = {
  name: "any thrown value can be asked for a failure of Windows or of a file",
  check(runs) {
    fc.assert(
      fc.property(thrown, fc.nat({ max: 12 }), (plain, answers) => {
        for (const ask of questions) {
          expect(() => ask(plain)).not.toThrow();
          // Made here, because fast-check too asks the values that it generates.
          expect(() => ask(hostileError(answers))).not.toThrow();
        }
      }),
      { numRuns: runs },
    );
  },
};

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
