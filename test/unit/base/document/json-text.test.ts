import { describe, expect, it } from "vitest";

import { readJson } from "../../../../src/base/document/json-text.ts";
import { Place, isValid, type Problem } from "../../../../src/base/document/place.ts";

function problemsIn(text: string): readonly Problem[] {
  const place = new Place("the text");
  const value = readJson(text, place);
  if (isValid(value)) expect(value).toEqual(JSON.parse(text));
  return place.problems;
}

function errorIn(text: string): string {
  return problemsIn(text)
    .map(({ field, rule }) => `${field} ${rule}`)
    .join("\n");
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("readJson", () => {
  it.each([
    ["a field", '{"a": 1, "a": 1}', ["a"]],
    ["a field of an object", '{"a": {"b": 1, "c": 2, "b": 3}}', ["a.b"]],
    ["a field of an item", '[0, [], [{}, {"b": 1, "b": 2}]]', ["[2][1].b"]],
    ["a field three times", '{"a":1,"a":2,"a":3}', ["a", "a"]],
    ["two fields", '{"a":1,"b":1,"a":2,"b":2}', ["a", "b"]],
    ["a name with escapes", String.raw`{"na\u006de":1,"name":2}`, ["name"]],
    ["a name with a quote in it", String.raw`{"a\"b":1,"a\"b":2}`, [String.raw`"a\"b"`]],
    ["an empty name", '{"":1,"":2}', ['""']],
    ["a name of an inherited property", '{"__proto__":1,"__proto__":2}', ["__proto__"]],
    ["a name and a colon on another line", '{"a"\n\t:1,"a"\r\n:2}', ["a"]],
    ["what comes after an inner object", '{"a":{"x":1},"b":[{"x":1}],"a":{}}', ["a"]],
  ])("finds %s twice", (_, text, paths) => {
    expect(problemsIn(text).map(({ field }) => field)).toEqual(paths);
  });

  it.each([
    ["fields of different objects", '{"a":1,"b":{"a":1},"c":[{"a":1},{"a":1}]}'],
    ["names in another case", '{"a":1,"A":2}'],
    ["values that look like names", String.raw`{"a":"\"b\":","c":"b","d":["b","b"],"b":"{"}`],
    ["brackets in strings", '{"a":"}{","b":"[","c":1}'],
    ["a backslash at the end of a string", String.raw`{"a":"\\","b":"\\"}`],
    ["a string alone", '"a"'],
    ["a number alone", "5"],
  ])("finds nothing twice in %s", (_, text) => {
    expect(problemsIn(text)).toEqual([]);
  });

  it.each([
    ["nothing", ""],
    ["white space", " \n"],
    ["two values", "1 2"],
    ["a comment", "{} // no"],
    ["a comma at the end of an object", '{"a":1,}'],
    ["a comma at the end of an array", "[1,]"],
    ["a comma alone", "[,]"],
    ["no comma", '{"a":1 "b":2}'],
    ["no colon", '{"a" 1}'],
    ["no value", '{"a":}'],
    ["a name without quotes", "{a:1}"],
    ["a name in single quotes", "{'a':1}"],
    ["a number as a name", "{1:1}"],
    ["the wrong bracket", '{"a":[1}'],
    ["an open object", '{"a":{"b":1}'],
    ["an open string", '{"a":"b'],
    ["a string over two lines", '"a\nb"'],
    ["a tab in a string", '"a\tb"'],
    ["an unknown escape", String.raw`"C:\Program Files"`],
    ["a cut escape", String.raw`"\u12"`],
    ["a leading zero", "01"],
    ["a plus sign", "+1"],
    ["a point without digits", "1."],
    ["a point without digits before it", ".5"],
    ["an exponent without digits", "1e"],
    ["a minus sign alone", "-"],
    ["NaN", "NaN"],
    ["undefined", "undefined"],
    ["a word that begins like true", "truer"],
    ["white space that JSON does not know", "\u00A0{}"],
    ["a second byte order mark", "\uFEFF\uFEFF{}"],
    ["a NUL", "\0"],
  ])("refuses %s, as JSON.parse does", (_, text) => {
    expect(errorIn(text)).not.toBe("");
    expect(parses(text.replace(/^\uFEFF/u, ""))).toBe(false);
  });

  it.each([
    ["with", "\uFEFF"],
    ["without", ""],
  ])("reads a text %s a byte order mark", (_, mark) => {
    const place = new Place("the text");
    const text = `${mark} {"a": [1, -0.5e+3, true, null, "\\u0041\\n"], "__proto__": 2} `;
    expect(readJson(text, place)).toEqual(
      JSON.parse('{"a": [1, -500, true, null, "A\\n"], "__proto__": 2}'),
    );
    expect(place.problems).toEqual([]);
  });

  it("limits the nesting of a text", () => {
    expect(errorIn(`${"[".repeat(500)}${"]".repeat(500)}`)).toBe("");
    expect(errorIn("[".repeat(100_000))).toContain("at most 500 levels");
  });

  it("reads a string of any length", () => {
    const long = "x\\n".repeat(1_000_000);
    expect(errorIn(`"${long}"`)).toBe("");
    expect(errorIn(`"${long}`)).toContain("double quote");
  });

  it("reports line, column and what was expected", () => {
    expect(errorIn('{\r\n  "name": "Ledger"\r\n  "services": []\r\n}')).toBe(
      'line 3, column 3: expected a comma or } after name; found "services": []',
    );
    expect(errorIn('{"a": {"b": [1 2]}}')).toContain("after a.b[0]; found 2");
    expect(errorIn('{\n"a": 1,\n}')).toBe(
      "line 3, column 1: expected a field name in double quotes; found } (remove the comma before it)",
    );
    expect(errorIn("[1, ]")).toContain("found ] (remove the comma before it)");
    for (const text of ['{"a":}', "[1}", "]", "{]"]) expect(errorIn(text)).toMatch(/found [}\]]$/u);
    expect(errorIn('{"path": "C:\\Ledger"}')).toContain("write a backslash as \\\\; found \\L");
    expect(errorIn("{} // no")).toContain("JSON has no comments");
    expect(errorIn("{'a': 1}")).toContain("use double quotes");
    expect(errorIn("{")).toContain("found the end of the text");
  });

  it("shows no control characters", () => {
    expect(errorIn("\u001b[31m")).toContain("found the character U+001B");
    expect(errorIn("\uFEFF\uFEFF{}")).toContain("found the character U+FEFF");
  });
});
