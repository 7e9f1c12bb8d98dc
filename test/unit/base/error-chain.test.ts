import { describe, expect, it } from "vitest";

import {
  describeError,
  errorSentence,
  type ErrorDescription,
} from "../../../src/base/error-chain.ts";
import { WsbError, windowsError } from "../../../src/base/errors.ts";
import { NativeError } from "../../helpers/fakes/native-error.ts";

function refused(): Error {
  const message = "connect ECONNREFUSED 127.0.0.1:8080";
  return Object.assign(new Error(message), { code: "ECONNREFUSED" });
}

function caused(message: string, cause: unknown): Error {
  return new Error(message, { cause });
}

/** Returns the texts of an error and its causes, innermost last. */
function chained(...texts: readonly string[]): unknown {
  return texts.reduceRight<unknown>(
    (cause, text) => (cause === undefined ? new Error(text) : caused(text, cause)),
    undefined,
  );
}

function numbered(count: number): unknown {
  return chained(...Array.from({ length: count }, (_, index) => `error ${index}`));
}

function cyclic(): Error {
  const outer = new Error("outer");
  outer.cause = caused("inner", outer);
  return outer;
}

function throwing(): never {
  throw new Error("a trap");
}

/** Objects that prevent reading their properties in every possible way. */
const hostile: readonly (readonly [string, unknown])[] = [
  ["an object without a prototype", Object.create(null)],
  ["a revoked proxy", revoked()],
  ["a proxy whose traps throw", new Proxy(new Error("x"), allTraps())],
  ["an error whose getters throw", withGetters(new Error("x"))],
  ["an aggregate whose getters throw", withGetters(new AggregateError([1], "x"))],
  ["an error whose cause is itself made anew each time", endless()],
  ["an aggregate of itself", ofItself()],
  ["an error whose stack is not a string", Object.assign(new Error("x"), { stack: [1, 2] })],
  ["an error whose name is not a string", Object.assign(new Error(""), { name: ["a"] })],
  [
    "an aggregate whose errors are not a list",
    Object.assign(new AggregateError([]), { errors: 5 }),
  ],
  ["a function", throwing],
  ["a symbol", Symbol("x")],
  ["a number", Number.NaN],
  ["undefined", undefined],
  ["null", null],
];

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function allTraps(): ProxyHandler<Error> {
  return { get: throwing, has: throwing, getPrototypeOf: throwing, ownKeys: throwing };
}

function withGetters(error: Error): Error {
  for (const name of ["stack", "name", "code", "message", "cause", "errors"]) {
    Object.defineProperty(error, name, { get: throwing });
  }
  return error;
}

function endless(): Error {
  return Object.defineProperty(new Error("again"), "cause", { get: endless });
}

function ofItself(): AggregateError {
  const error = new AggregateError([], "all failed");
  error.errors = [error];
  return error;
}

function textsOf({ text, causes }: ErrorDescription): readonly string[] {
  return [text, ...causes.map((cause) => cause.text)];
}

describe("describeError", () => {
  it("describes an error with its whole chain, nearest cause first", () => {
    const failure = new WsbError("ERR_WSB_HANDLER", "Cannot flush.", {
      cause: new TypeError("fetch failed", { cause: refused() }),
    });
    expect(describeError(failure)).toMatchObject({
      name: "WsbError",
      code: "ERR_WSB_HANDLER",
      text: "Cannot flush.",
      causes: [
        { name: "TypeError", text: "fetch failed" },
        { name: "Error", code: "ECONNREFUSED", text: "connect ECONNREFUSED 127.0.0.1:8080" },
      ],
    });
  });

  it.each<[string, unknown, readonly string[]]>([
    ["an error alone", new Error("a"), ["a"]],
    ["a text", "a", ["a"]],
    ["a cause that is not an error", caused("a", "b"), ["a", "b"]],
    ["a cause that is 0", caused("a", 0), ["a", "0"]],
    ["a cause that is null", caused("a", null), ["a"]],
    ["objects that are not errors", { message: "a", cause: { message: "b" } }, ["a", "b"]],
    ["a cycle", cyclic(), ["outer", "inner"]],
    ["an aggregate without errors", new AggregateError([], "a"), ["a"]],
    ["an aggregate of one", new AggregateError([new Error("b")], "a"), ["a", "b"]],
    [
      "an aggregate",
      new AggregateError([caused("b", "c"), new Error("d")], "a"),
      ["a", "b (the first of 2 errors)", "c"],
    ],
    [
      "an aggregate with a cause and no errors",
      new AggregateError([], "a", { cause: "b" }),
      ["a", "b"],
    ],
    [
      "validation errors, which are not a chain",
      Object.assign(new Error("a"), { errors: [1] }),
      ["a"],
    ],
    ["eight causes", numbered(9), Array.from({ length: 9 }, (_, index) => `error ${index}`)],
    [
      "a thousand causes",
      numbered(1001),
      [
        ...Array.from({ length: 8 }, (_, index) => `error ${index}`),
        "error 8 (which has further causes)",
      ],
    ],
  ])("follows %s", (_, thrown, expected) => {
    expect(textsOf(describeError(thrown))).toEqual(expected);
  });

  it("names an object by its name, and any other value by its type", () => {
    const names = ["a", 5, undefined, Symbol("x"), {}, new RangeError("x"), new DOMException("x")];
    expect(names.map((thrown) => describeError(thrown).name)).toEqual([
      "string",
      "number",
      "undefined",
      "symbol",
      "object",
      "RangeError",
      "Error",
    ]);
  });

  it("keeps a code that is a string, but not the number of a DOMException", () => {
    const aborted = describeError(new DOMException("The call has expired.", "AbortError"));
    expect(aborted).toMatchObject({ name: "AbortError", text: "The call has expired." });
    expect(aborted).not.toHaveProperty("code");
  });

  it("returns the frames of each stack without the message above them", () => {
    const [first = "", ...others] = describeError(caused("outer", refused())).stack ?? [];
    expect(first).toMatch(/^at caused \(.*error-chain\.test\.ts.*:\d+:\d+\)$/u);
    expect(others.every((frame) => frame.startsWith("at "))).toBe(true);
    expect(describeError(caused("outer", refused())).causes[0]?.stack?.[0]).toMatch(
      /^at refused /u,
    );
  });

  it.each([
    [
      "lines of the text that look like frames",
      "x\n    at b (c.ts:1:1)",
      "Error: x\n    at b (c.ts:1:1)",
    ],
    ["a name that was set later", "x", "TypeError: x"],
    ["a text that was set later", "at", "Error: x"],
    ["a text that was set later and ends like a frame", "f (a.ts:1:1)", "Error: x"],
    ["no text", "", "Error"],
    ["a text that is part of the name", "Error", "Error: Error"],
  ])("returns only real frames with %s", (_, message, head) => {
    const frames = ["at f (a.ts:1:1)", "at g (a.ts:2:1)"];
    const stack = [head, ...frames.map((frame) => `    ${frame}`)].join("\n");
    const error = Object.assign(new Error("x"), { message, stack });
    expect(describeError(error)).toMatchObject({ stack: frames });
  });

  it.each([
    ["a text", "a"],
    ["an error whose stack was taken away", Object.assign(new Error("a"), { stack: undefined })],
    ["an error whose stack has no frames", Object.assign(new Error("a"), { stack: "Error: a" })],
  ])("has no stack for %s", (_, thrown) => {
    expect(describeError(thrown)).not.toHaveProperty("stack");
  });

  it("maps the frames of each error", () => {
    const error = Object.assign(
      caused("a", Object.assign(new Error("b"), { stack: "Error: b\n    at b" })),
      {
        stack: "Error: a\n    at a1\n    at a2",
      },
    );
    const shown = describeError(error, (frames) => frames.map((frame) => `${frame}!`));
    expect(shown).toMatchObject({ stack: ["at a1!", "at a2!"], causes: [{ stack: ["at b!"] }] });
  });

  it("keeps the frames when mapping them fails", () => {
    const error = Object.assign(new Error("a"), { stack: "Error: a\n    at a1" });
    expect(describeError(error, throwing)).toMatchObject({ stack: ["at a1"] });
  });

  it("cuts long texts without splitting a surrogate pair", () => {
    const stack = `Error: x\n${`    at ${"f".repeat(9000)}\n`.repeat(99)}`;
    const long = "😀".repeat(100_000);
    const error = Object.assign(new Error(`x${long}`), { name: long, code: long, stack });
    const { name, code, text, stack: frames = [] } = describeError(error);
    expect(text).toHaveLength(4096);
    expect(Buffer.from(text).toString()).toBe(text);
    for (const short of [name, code ?? ""]) expect(short.length).toBeLessThanOrEqual(200);
    expect(frames.length).toBeLessThanOrEqual(20);
    for (const frame of frames) expect(frame.length).toBeLessThanOrEqual(500);
  });

  it("keeps twenty frames of a deep stack", () => {
    const lines = Array.from({ length: 200 }, (_, index) => `    at f${index}`);
    const stack = ["Error: a", ...lines].join("\n");
    const { stack: frames } = describeError(Object.assign(new Error("a"), { stack }));
    expect(frames).toEqual(Array.from({ length: 20 }, (_, index) => `at f${index}`));
  });

  it.each(hostile)("describes %s", (_, thrown) => {
    const { name, text, causes } = describeError(thrown);
    for (const one of [name, text]) {
      expect(one).toBeTypeOf("string");
      expect(one).not.toBe("");
    }
    expect(causes.length).toBeLessThanOrEqual(8);
  });
});

const accessDenied = new NativeError(0x80070005, "RegCreateKeyExW", "Access is denied.\r\n");

describe("errorSentence", () => {
  it.each<[string, unknown, string]>([
    ["one error", new Error("broken"), "broken"],
    ["one error with a full stop", new Error("It is broken."), "It is broken."],
    ["a text", "broken", "broken"],
    ["no text", new RangeError(""), "RangeError"],
    [
      "a chain",
      chained("Cannot flush", "fetch failed", "connect ECONNREFUSED 127.0.0.1:8080"),
      "Cannot flush: fetch failed: connect ECONNREFUSED 127.0.0.1:8080",
    ],
    [
      "texts with a full stop",
      chained("Cannot flush.", "fetch failed.", "No route."),
      "Cannot flush: fetch failed: No route.",
    ],
    [
      "texts with a colon or blanks",
      chained("Cannot flush: ", " it failed\n"),
      "Cannot flush: it failed",
    ],
    [
      "a cause that the text has already",
      chained("Cannot flush: fetch failed", "fetch failed", "connect ECONNREFUSED"),
      "Cannot flush: fetch failed: connect ECONNREFUSED",
    ],
    ["a cause with the same text", chained("fetch failed", "fetch failed."), "fetch failed"],
    [
      "a cause whose text is only part of a word",
      chained("Cannot flush", "no"),
      "Cannot flush: no",
    ],
    ["a cause without a text", caused("a", new Error("", { cause: "b" })), "a: b"],
    ["only errors without a text", caused("", new RangeError("")), "Error"],
    ["a blank", new Error(" "), "an error without a message"],
    ["only full stops", chained("...", "."), "..."],
    [
      "the addresses that fetch has tried",
      caused(
        "fetch failed",
        Object.assign(new AggregateError([refused(), new Error("other")]), { code: "x" }),
      ),
      "fetch failed: connect ECONNREFUSED 127.0.0.1:8080 (the first of 2 errors)",
    ],
    [
      "an aggregate whose errors end with a full stop",
      new AggregateError([new Error("It is down."), new Error("b")], "All have failed."),
      "All have failed: It is down (the first of 2 errors)",
    ],
    [
      "a failed Windows call, whose text the kit has in its own",
      windowsError("Cannot create HKLM\\a", "Check the key.", accessDenied),
      "Cannot create HKLM\\a: Access is denied (RegCreateKeyExW, 0x80070005). Run the command from an elevated prompt.",
    ],
    [
      "a next step before the cause",
      new WsbError("ERR_WSB_TIMEOUT", "It took too long. Raise the limit.", { cause: refused() }),
      "It took too long. Raise the limit. Cause: connect ECONNREFUSED 127.0.0.1:8080",
    ],
    [
      "a next step without a full stop",
      chained("It took too long. Run: wsb-addin recover", "a", "b"),
      "It took too long. Run: wsb-addin recover. Cause: a: b",
    ],
    ["a question", chained("Is it there?", "a"), "Is it there? Cause: a"],
    ["a file name with dots", chained("Cannot read a.b.c", "d"), "Cannot read a.b.c: d"],
    ["lines", chained("Cannot build:\r\n  a\n  b", "c"), "Cannot build: a b: c"],
    ["a NUL", chained("a\0b", "c\0"), "a\uFFFDb: c\uFFFD"],
    ["a cycle", cyclic(), "outer: inner"],
    [
      "more causes than it follows",
      numbered(20),
      "error 0: error 1: error 2: error 3: error 4: error 5: error 6: error 7: error 8 (which has further causes)",
    ],
  ])("makes a sentence of %s", (_, thrown, expected) => {
    expect(errorSentence(thrown)).toBe(expected);
  });

  it("keeps the cause of a long text", () => {
    const sentence = errorSentence(chained("a ".repeat(50_000), "b".repeat(50_000), "the root"));
    expect(sentence.length).toBeLessThanOrEqual(4096);
    expect(sentence).toMatch(/: the root$/u);
  });

  it("does not cut a long text of the kit that contains its cause", () => {
    const text = `Cannot undo: ${"x".repeat(3000)}: fetch failed. Run: wsb-addin recover`;
    expect(errorSentence(caused(text, new Error("fetch failed")))).toBe(text);
  });

  it("does not split a surrogate pair", () => {
    for (const lead of ["", "x"]) {
      const sentence = errorSentence(new Error(lead + "😀".repeat(5000)));
      expect(sentence.length).toBeLessThanOrEqual(4096);
      expect(Buffer.from(sentence).toString()).toBe(sentence);
    }
  });

  it.each(hostile)("has some text for %s", (_, thrown) => {
    expect(errorSentence(thrown)).toMatch(/^[^\0\r\n]{1,4096}$/u);
  });
});
