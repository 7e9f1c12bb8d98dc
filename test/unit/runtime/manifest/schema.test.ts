import { join } from "node:path";

import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";

import { MANIFEST_DEFAULTS } from "../../../../src/runtime/manifest/manifest.ts";
import { readManifest } from "../../../../src/runtime/manifest/parse.ts";
import { readObject, repository } from "../../../generator/generator.ts";
import { minimalFields } from "../../../helpers/manifest.ts";
import { beyondSchema, invalidManifests, invalidSecurity, validManifests } from "./verdicts.ts";
import { invalidWriters, validWriters, writersBeyondSchema } from "./writer-verdicts.ts";

const schema = readObject(join(repository, "schemas", "manifest.schema.json"));
// An undefined value is an absent field, because JSON has no undefined.
const isValid = new Ajv2020({ allErrors: true }).compile(schema);
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("manifest.schema.json", () => {
  it.each([...validManifests, ...validWriters])("accepts %s, like the kit", (_, value) => {
    expect(isValid(asJson(value)), JSON.stringify(isValid.errors)).toBe(true);
  });

  it.each([...invalidManifests, ...invalidSecurity, ...invalidWriters])(
    "refuses %s, like the kit",
    (_, value) => {
      expect(isValid(asJson(value))).toBe(false);
    },
  );

  it.each([...beyondSchema, ...writersBeyondSchema])("cannot refuse %s", (_, value) => {
    expect(isValid(asJson(value))).toBe(true);
  });

  it("has the defaults of the kit", () => {
    const {
      timeoutsMs,
      serviceTimeoutMs,
      onPreRestoreFailure,
      abandonAfterMs,
      lingerMs,
      security,
      log,
    } = MANIFEST_DEFAULTS;
    const defaults = Object.entries(timeoutsMs).map(([name, limit]) => [name, { default: limit }]);
    expect(schema).toMatchObject({
      properties: {
        services: { default: [] },
        timeoutsMs: { properties: Object.fromEntries(defaults) },
        serviceTimeoutMs: { default: serviceTimeoutMs },
        onPreRestoreFailure: { default: onPreRestoreFailure },
        abandonAfterMs: { default: abandonAfterMs },
        lingerMs: { default: lingerMs },
        security: {
          properties: { allow: { default: ["SYSTEM", "Administrators", "Backup Operators"] } },
        },
        log: { properties: { maxBytes: { default: log.maxBytes }, files: { default: log.files } } },
      },
    });
    // The schema's names are the kit's SIDs.
    const named = readManifest({
      ...minimalFields,
      security: { allow: ["SYSTEM", "Administrators", "Backup Operators"] },
    });
    expect(named).toMatchObject({ value: { security } });
  });

  it("marks the old names", () => {
    expect(schema).toMatchObject({
      properties: {
        onFailure: { enum: ["restart", "leave"], deprecated: true },
        onPreRestoreFailure: {
          anyOf: [
            { enum: ["startServices", "keepStopped"] },
            { enum: ["restart", "leave"], deprecated: true },
          ],
        },
      },
    });
  });

  it("describes every field", () => {
    const fields = Object.entries(Object(schema["properties"]));
    expect(fields).toHaveLength(17);
    for (const [, field] of fields) expect(field).toHaveProperty("description");
  });
});
