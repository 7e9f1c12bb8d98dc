import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";

import type { AnyDefinition, TypeOf } from "../../../../src/base/document/definition.ts";
import { fields, forms, dictionary } from "../../../../src/base/document/fields.ts";
import {
  anything,
  choice,
  integer,
  list,
  literal,
  orNull,
  string,
  boolean,
} from "../../../../src/base/document/kinds.ts";
import { canonicalGuid, guid, hresultText } from "../../../../src/base/document/parts.ts";
import { readText, readValue, requireReading } from "../../../../src/base/document/read.ts";
import { jsonSchemaOf, shared } from "../../../../src/base/document/schema.ts";

const GUID = "{CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B}";

const order = fields({
  id: guid,
  state: choice(["open", "closed"], { shut: "closed" }),
  lines: list(string, { least: 1, most: 3, of: "lines", distinctBy: (line) => line.toUpperCase() }),
  urgent: boolean.or(false),
  notes: dictionary(integer({ least: 0, most: 9, unit: "stars" })).optional(),
  client: fields({ name: string, age: integer({ least: 0, most: 150 }).optional() }).optional(),
});

const valid = { id: GUID, state: "open", lines: ["a"] };

function problemsOf(definition: AnyDefinition, value: unknown): readonly string[] {
  const reading = readValue(definition, value, "the order");
  if ("value" in reading) return [];
  return reading.problems.map(({ field, rule }) => `${field} ${rule}`);
}

describe("a definition", () => {
  it("reads a value, with defaults for absent fields", () => {
    expect(readValue(order, valid, "the order")).toEqual({ value: { ...valid, urgent: false } });
  });

  it("converts GUIDs to canonical form and old words to new words", () => {
    const given = { ...valid, id: GUID.slice(1, -1).toLowerCase(), state: "shut" };
    expect(readValue(order, given, "the order")).toEqual({
      value: { ...valid, state: "closed", urgent: false },
    });
  });

  it("reports all problems at once, each with its path", () => {
    const given = {
      id: "none",
      state: "opn",
      lines: ["a", 1, "A"],
      urgent: null,
      notes: { first: 10, "the\u001b second": "x" },
      client: { age: -1, Name: "Ada" },
      stat: "open",
    };
    expect(problemsOf(order, given)).toEqual([
      "stat is not a field of the order; did you mean state?",
      `id must be a GUID such as ${GUID}, but not all zeros; it is "none"`,
      'state must be "open" or "closed"; it is "opn"; did you mean open?',
      "lines[1] must be a string; it is 1",
      'lines[2] is named twice; it is "A"',
      "urgent must be true or false; it is null",
      "notes.first must be an integer from 0 to 9 (stars); it is 10",
      String.raw`notes."the\u001b second" must be an integer from 0 to 9 (stars); it is "x"`,
      "client.Name is not a field of client; did you mean name?",
      "client.name must be a string; it is missing",
      "client.age must be an integer from 0 to 150; it is -1",
    ]);
  });

  it.each([
    ["no object", []],
    ["a string", "order"],
    ["null", null],
    ["nothing", undefined],
  ])("refuses %s", (_, value) => {
    expect(problemsOf(order, value)).toEqual([
      expect.stringMatching(/^the order must be an object; it is/u),
    ]);
  });

  it.each([
    ["too few", []],
    ["too many", ["a", "b", "c", "d"]],
  ])("counts a list of %s", (_, lines) => {
    expect(problemsOf(order, { ...valid, lines })).toEqual([
      `lines must be an array of 1 to 3 lines; it has ${lines.length}`,
    ]);
  });

  it("ignores inherited properties", () => {
    expect(problemsOf(fields({ toString: string }), {})).toEqual([
      "toString must be a string; it is missing",
    ]);
    expect(problemsOf(fields({}), { constructor: 1 })).toHaveLength(1);
    expect(problemsOf(fields({}), JSON.parse('{"__proto__":{}}'))).toHaveLength(1);
    expect(problemsOf(choice(["a"], {}), "constructor")).toHaveLength(1);
  });

  it("ignores unknown fields if configured", () => {
    const open = fields({ a: string }, { others: "ignored" });
    expect(readValue(open, { a: "", b: 1 }, "it")).toEqual({ value: { a: "" } });
    expect(jsonSchemaOf(open, "Open")).not.toHaveProperty("additionalProperties");
  });

  it("checks the rules between fields", () => {
    const related = fields(
      { a: string.optional(), b: string.optional(), c: string.optional() },
      { together: ["a", "b"], apart: { names: ["b", "c"], rule: "excludes c" } },
    );
    const isValid = new Ajv2020().compile(jsonSchemaOf(related, "Related"));
    const verdicts = [
      [{}, []],
      [{ a: "" }, ["b is missing, and a needs it"]],
      [{ b: "" }, ["a is missing, and b needs it"]],
      [{ a: "", b: "" }, []],
      [{ a: "", b: "", c: "" }, ["b excludes c"]],
      [{ c: "" }, []],
    ] as const;
    for (const [value, problems] of verdicts) {
      expect(problemsOf(related, value)).toEqual(problems);
      expect(isValid(value)).toBe(problems.length === 0);
    }
  });

  it("reads the form that a field names", () => {
    const shape = forms("kind", { circle: { radius: string }, square: { side: string } });
    const isValid = new Ajv2020().compile(jsonSchemaOf(shape, "Shape"));
    const read: TypeOf<typeof shape> = { kind: "circle", radius: "1" };
    expect(readValue(shape, read, "the shape")).toEqual({ value: read });
    expect(isValid(read)).toBe(true);
    for (const [value, problem] of [
      [{ kind: "circel", radius: "1" }, 'kind must be "circle" or "square"; it is "circel"; did'],
      [{ kind: "square", radius: "1" }, "radius is not a field of the order"],
      [{ radius: "1" }, "kind must be"],
      ["circle", "the order must be an object"],
    ] as const) {
      expect(problemsOf(shape, value)[0]).toContain(problem);
      expect(isValid(value)).toBe(false);
    }
  });

  it.each([
    [canonicalGuid, GUID, GUID.toLowerCase()],
    [hresultText, "0x80070005", "0x8007000a"],
    [literal(1), 1, 2],
    [orNull(string), null, 5],
    [orNull(string), "", undefined],
    [dictionary(string), { a: "" }, { a: 1 }],
    [anything, {}, undefined],
  ])("agrees with its schema", (definition, right, wrong) => {
    const isValid = new Ajv2020().compile(jsonSchemaOf(definition, "Part"));
    expect(problemsOf(definition, right)).toEqual([]);
    expect(isValid(right)).toBe(true);
    if (wrong === undefined) return;
    expect(problemsOf(definition, wrong)).toHaveLength(1);
    expect(isValid(wrong)).toBe(false);
  });

  it("returns a schema with each shared part once", () => {
    const part = shared("part", fields({ a: shared("inner", string) }));
    expect(jsonSchemaOf(fields({ one: part, two: part.optional() }), "Whole")).toEqual({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      title: "Whole",
      type: "object",
      required: ["one"],
      additionalProperties: false,
      properties: { one: { $ref: "#/$defs/part" }, two: { $ref: "#/$defs/part" } },
      $defs: {
        part: {
          type: "object",
          required: ["a"],
          additionalProperties: false,
          properties: { a: { $ref: "#/$defs/inner" } },
        },
        inner: { type: "string" },
      },
    });
  });
});

describe("readText", () => {
  it("reports duplicate fields together with other problems", () => {
    const text = `{"id":"${GUID}","state":"open","state":"opn","lines":["a"]}`;
    expect(readText(order, text, "the order")).toMatchObject({
      problems: [{ field: "state", rule: "appears twice" }, { field: "state" }],
    });
  });

  it("reports only a syntax error", () => {
    expect(readText(order, "{", "the order")).toMatchObject({
      problems: [{ field: "line 1, column 2:" }],
    });
  });
});

describe("requireReading", () => {
  it("throws the given code with every problem", () => {
    const refusal = { code: "ERR_WSB_INVALID_ARGUMENT", heading: "It is not valid" } as const;
    expect(() => requireReading(readValue(order, {}, "the order"), refusal)).toThrow(
      expect.objectContaining({
        code: "ERR_WSB_INVALID_ARGUMENT",
        message: expect.stringMatching(/^It is not valid:\n {2}id .*\n {2}state .*\n {2}lines /u),
      }),
    );
  });
});
