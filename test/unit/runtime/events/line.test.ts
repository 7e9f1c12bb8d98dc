import { describe, expect, it } from "vitest";

import type { AddinEvent } from "../../../../src/runtime/events/definitions.ts";
import { Ajv2020 } from "ajv/dist/2020.js";

import { jsonSchemaOf } from "../../../../src/base/document/schema.ts";
import { formatLine, lineDefinition } from "../../../../src/runtime/events/line.ts";
import { parseLine } from "../../../../src/runtime/events/line.ts";
import { abandonedLines, lineAt, restoreLines } from "../../../helpers/event-lines.ts";

const check = { id: 1, method: "checkConsistency", durationMs: 1, hresult: 0x807a0001 } as const;
const others: readonly AddinEvent[] = [
  { event: "checkFinished", ...check },
  { event: "message", level: "error", text: 'a\nb \uD83D \u{1F4D2} {"schemaVersion":1}' },
  { event: "sessionClosed", outcome: "recovered", leftStopped: [] },
];

describe("parseLine", () => {
  it("reads each written event", () => {
    const lines = [...restoreLines, ...abandonedLines, ...others.map((event) => lineAt(0, event))];
    expect(lines.map((line) => parseLine(formatLine(line)))).toEqual(lines);
    expect(new Set(lines.map(({ event }) => event)).size).toBe(15);
  });

  const text = formatLine(lineAt(0, { event: "checkFinished", ...check }));
  it.each([
    ["nothing", ""],
    ["half of a line", text.slice(0, 60)],
    ["another document", "[1]"],
    ["null", "null"],
    ["an event of another version", text.replace('"schemaVersion":1', '"schemaVersion":2')],
    ["an unknown event", text.replace("checkFinished", "checkBegun")],
    ["an event of the prototype", text.replace("checkFinished", "toString")],
    ["a time that is none", text.replace("2025-08", "2025-99")],
    ["a field of another type", text.replace('"id":1', '"id":"1"')],
    ["a field that is missing", text.replace('"id":1,', "")],
    ["a method that is none", text.replace("checkConsistency", "restore")],
    ["an HRESULT that is none", text.replace("0x807A0001", "0x807A0001F")],
    ["a role that is none", text.replace('"server"', '"client"')],
  ])("reads nothing from %s", (_, damaged) => {
    expect(damaged).not.toBe(text);
    expect(parseLine(damaged)).toBeUndefined();
  });

  it("accepts a line with an additional field of a later version", () => {
    expect(parseLine(text.replace('"id":1', '"id":1,"more":[{}]'))).toMatchObject({ id: 1 });
  });
});

describe("the published schema of a line", () => {
  const schema: object = jsonSchemaOf(lineDefinition, "line");
  const validate = new Ajv2020({ formats: { "date-time": true } }).compile(schema);

  it("accepts each written line", () => {
    for (const line of [...restoreLines, ...abandonedLines]) {
      expect(validate(JSON.parse(formatLine(line))), JSON.stringify(validate.errors)).toBe(true);
    }
  });

  it("refuses an invalid line", () => {
    const [line] = restoreLines;
    expect(validate({ ...line, role: "client" })).toBe(false);
    expect(validate({ ...line, event: "checkBegun" })).toBe(false);
  });
});
