import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";

import { readValue } from "../../../src/base/document/read.ts";
import { jsonSchemaOf } from "../../../src/base/document/schema.ts";
import { providerDefinition } from "../../../src/tools/cloud/provider.ts";
import { statusDefinition } from "../../../src/tools/cloud/status.ts";
import { dscInstanceDefinition } from "../../../src/tools/export/dsc-instance.ts";
import { CLSID, WRITER_ID } from "../../helpers/manifest.ts";

const provider = providerDefinition({ driveType: () => "fixed" }, () => true);
const isProvider = new Ajv2020().compile(jsonSchemaOf(provider, "Provider"));
const isStatus = new Ajv2020().compile(jsonSchemaOf(statusDefinition, "Status"));
const isInstance = new Ajv2020().compile(jsonSchemaOf(dscInstanceDefinition, "Instance"));

const GUID_OF_ZEROS = "{00000000-0000-0000-0000-000000000000}";
const leastProvider = { snapinId: CLSID, resourceDll: "C:\\a.dll", nameId: 1, iconId: 1 };
const entry = { nameId: 1, valueId: 2 };

function withValue(type: string, value: unknown): object {
  return { snapinId: CLSID, entries: [{ ...entry, values: [{ type, value }] }] };
}

describe("the reader and the schema of a provider", () => {
  it.each([
    ["accept", "the least", {}],
    ["accept", "everything", { $schema: 5, supportsRemoting: true, iconId: 65_535 }],
    ["accept", "an id in another spelling", { snapinId: CLSID.slice(1, -1).toLowerCase() }],
    ["accept", "a folder and letters of any kind", { resourceDll: "z:\\Größe \u{1F4D2}\\x.dll" }],
    ["refuse", "an unknown field", { icon: 5 }],
    ["refuse", "no id", { snapinId: undefined }],
    ["refuse", "the id of zeros", { snapinId: GUID_OF_ZEROS }],
    ["refuse", "a relative path", { resourceDll: "a.dll" }],
    ["refuse", "a path of the network", { resourceDll: "\\\\server\\share\\a.dll" }],
    ["refuse", "a path with a slash", { resourceDll: "C:\\a/b.dll" }],
    ["refuse", "a path with two backslashes", { resourceDll: "C:\\\\a.dll" }],
    ["refuse", "a path with a stream", { resourceDll: "C:\\a.dll:stream" }],
    ["refuse", "a path with NUL", { resourceDll: "C:\\a\0.dll" }],
    ["refuse", "a path that is a number", { resourceDll: 5 }],
    ["refuse", "resource 0", { nameId: 0 }],
    ["refuse", "resource 65536", { iconId: 65_536 }],
    ["refuse", "half a resource", { iconId: 1.5 }],
    ["refuse", "remoting that is a word", { supportsRemoting: "yes" }],
    ["refuse", "remoting that is null", { supportsRemoting: null }],
  ])("%s %s", (verdict, _, fields) => {
    const value: unknown = JSON.parse(JSON.stringify({ ...leastProvider, ...fields }));
    const isAccepted = verdict === "accept";
    expect("value" in readValue(provider, value, "the provider")).toBe(isAccepted);
    expect(isProvider(value)).toBe(isAccepted);
  });
});

describe("the reader and the schema of a status", () => {
  it.each([
    ["accept", "one entry", { snapinId: CLSID, entries: [entry] }],
    ["accept", "an entry without icon", { snapinId: CLSID, entries: [{ ...entry, iconId: 0 }] }],
    ["accept", "a string", withValue("string", "\u{1F4D2}")],
    ["accept", "a number", withValue("number", -5)],
    ["accept", "a number in digits", withValue("number", "-9223372036854775808")],
    ["accept", "a size", withValue("size", "18446744073709551615")],
    ["accept", "a moment", withValue("dateTime", "2025-03-30T01:30:00Z")],
    ["accept", "a moment with an offset", withValue("dateTime", "2025-03-30T01:30:00.5+02:00")],
    ["accept", "a time of day", withValue("time", "01:30")],
    ["refuse", "no entries", { snapinId: CLSID, entries: [] }],
    ["refuse", "six entries", { snapinId: CLSID, entries: Array.from({ length: 6 }, () => entry) }],
    ["refuse", "an unknown type", withValue("date", "2025-03-30")],
    ["refuse", "a type that every object has", withValue("toString", "")],
    ["refuse", "no value", withValue("string", undefined)],
    ["refuse", "a string with NUL", withValue("string", "a\0")],
    ["refuse", "half a number", withValue("number", 1.5)],
    ["refuse", "a number in words", withValue("number", "five")],
    ["refuse", "a negative size", withValue("size", "-1")],
    ["refuse", "a moment without offset", withValue("dateTime", "2025-03-30T01:30:00")],
    ["refuse", "a time of day with a zone", withValue("time", "01:30Z")],
  ])("%s %s", (verdict, _, given) => {
    const value: unknown = JSON.parse(JSON.stringify(given));
    const isAccepted = verdict === "accept";
    expect("value" in readValue(statusDefinition, value, "the status")).toBe(isAccepted);
    expect(isStatus(value)).toBe(isAccepted);
  });
});

describe("the reader and the schema of an instance for DSC", () => {
  it.each([
    ["accept", "an id", {}],
    ["accept", "everything", { manifest: "a", node: "b", clsid: CLSID, applicationIdentifier: "" }],
    ["accept", "what DSC adds", { _exist: false, _inDesiredState: true }],
    ["refuse", "no id", { writerId: undefined }],
    ["refuse", "an id that is none", { writerId: "none" }],
    ["refuse", "a class that is none", { clsid: "{}" }],
    ["refuse", "a manifest that is an object", { manifest: {} }],
    ["refuse", "an unknown field", { exist: true }],
    ["refuse", "a word for false", { _exist: "false" }],
    ["refuse", "null", { _exist: null }],
  ])("%s %s", (verdict, _, fields) => {
    const value: unknown = JSON.parse(JSON.stringify({ writerId: WRITER_ID, ...fields }));
    const isAccepted = verdict === "accept";
    expect("value" in readValue(dscInstanceDefinition, value, "the input")).toBe(isAccepted);
    expect(isInstance(value)).toBe(isAccepted);
  });

  it("exists by default", () => {
    expect(readValue(dscInstanceDefinition, { writerId: WRITER_ID }, "the input")).toEqual({
      value: { writerId: WRITER_ID, _exist: true },
    });
  });
});
