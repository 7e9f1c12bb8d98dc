import { describe, expect, it } from "vitest";

import { duplicateFields } from "../../../../src/runtime/manifest/duplicates.ts";

function find(text: string): readonly string[] {
  // What JSON.parse refuses is none of its business.
  JSON.parse(text);
  return duplicateFields(text, (name) => name);
}

describe("duplicateFields", () => {
  it.each([
    ["a field", '{"a": 1, "a": 1}', ["a"]],
    ["a field of an object", '{"a": {"b": 1, "c": 2, "b": 3}}', ["a.b"]],
    ["a field of an item", '[0, [], [{}, {"b": 1, "b": 2}]]', ["[2][1].b"]],
    ["a field three times", '{"a":1,"a":2,"a":3}', ["a", "a"]],
    ["two fields", '{"a":1,"b":1,"a":2,"b":2}', ["a", "b"]],
    ["a name with escapes", String.raw`{"na\u006de":1,"name":2}`, ["name"]],
    ["a name with a quote in it", String.raw`{"a\"b":1,"a\"b":2}`, ['a"b']],
    ["an empty name", '{"":1,"":2}', [""]],
    ["a name that every object has", '{"__proto__":1,"__proto__":2}', ["__proto__"]],
    ["a name and a colon on another line", '{"a"\n\t:1,"a"\r\n:2}', ["a"]],
    ["what comes after an inner object", '{"a":{"x":1},"b":[{"x":1}],"a":{}}', ["a"]],
  ])("finds %s", (_, text, paths) => {
    expect(find(text)).toEqual(paths);
  });

  it.each([
    ["nothing twice", '{"a":1,"b":{"a":1},"c":[{"a":1},{"a":1}]}'],
    ["names in another case", '{"a":1,"A":2}'],
    ["values that look like names", String.raw`{"a":"\"b\":","c":"b","d":["b","b"],"b":"{"}`],
    ["brackets in texts", '{"a":"}{","b":"[","c":1}'],
    ["a backslash at the end of a text", String.raw`{"a":"\\","b":"\\"}`],
    ["a text alone", '"a"'],
    ["a number alone", "5"],
  ])("finds nothing in %s", (_, text) => {
    expect(find(text)).toEqual([]);
  });
});
