import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";

import { dscInstanceSchema } from "../../../../src/tools/export/dsc-instance.ts";
import { dsc } from "../../../../src/tools/export/dsc.ts";
import { CLSID, WRITER_ID } from "../../../helpers/manifest.ts";
import { contextOf, planOf } from "./context.ts";

const method = {
  type: "object",
  required: ["executable", "input"],
  properties: {
    executable: { type: "string" },
    args: { type: "array", items: { type: "string" } },
    input: { enum: ["env", "stdin"] },
    implementsPretest: { type: "boolean" },
    handlesExist: { type: "boolean" },
    return: { enum: ["state", "stateAndDiff"] },
  },
};

/**
 * The requirements of DSC v3 for the parts of a command resource's manifest that this one uses.
 *
 * @see https://learn.microsoft.com/powershell/dsc/reference/schemas/resource/manifest/root
 */
const manifestRules = {
  type: "object",
  required: ["$schema", "type", "version", "get"],
  properties: {
    $schema: { const: "https://aka.ms/dsc/schemas/v3/bundled/resource/manifest.json" },
    type: { type: "string", pattern: "^\\w+(\\.\\w+){0,3}\\/\\w+$" },
    version: { type: "string", pattern: "^\\d+\\.\\d+\\.\\d+$" },
    description: { type: "string" },
    tags: { type: "array", uniqueItems: true, items: { type: "string", pattern: "^\\w+$" } },
    get: method,
    set: method,
    test: method,
    export: method,
    schema: {
      type: "object",
      required: ["command"],
      additionalProperties: false,
      properties: {
        command: {
          type: "object",
          required: ["executable"],
          properties: {
            executable: { type: "string" },
            args: { type: "array", items: { type: "string" } },
          },
        },
      },
    },
    exitCodes: {
      type: "object",
      propertyNames: { pattern: "^-?[0-9]+$" },
      additionalProperties: { type: "string" },
    },
  },
  additionalProperties: false,
};

function parsed(role: string, fields: Parameters<typeof contextOf>[0] = {}): unknown {
  const file = dsc.write(planOf(fields), contextOf(fields)).find((one) => one.role === role);
  return JSON.parse(Buffer.from(file?.content ?? []).toString("utf8"));
}

describe("dsc", () => {
  it("describes a resource in DSC's form", () => {
    const isValid = new Ajv2020({ allErrors: true }).compile(manifestRules);
    expect(isValid(parsed("main")), JSON.stringify(isValid.errors)).toBe(true);
  });

  it("is found by the extension of its file", () => {
    const [main] = dsc.write(planOf(), contextOf());
    expect(main?.fileName).toMatch(/\.dsc\.resource\.json$/u);
  });

  it("configures instances that follow the resource's schema", () => {
    const isValid = new Ajv2020({ allErrors: true }).compile(dscInstanceSchema);
    for (const fields of [{}, { addin: undefined }]) {
      for (const role of ["extra", "undo"]) {
        const configuration = parsed(role, fields);
        expect(configuration).toMatchObject({
          resources: [{ type: "WsbAddin/Registration", properties: { writerId: WRITER_ID } }],
        });
        const { resources }: { resources: [{ properties: object }] } = JSON.parse(
          JSON.stringify(configuration),
        );
        expect(isValid(resources[0].properties), JSON.stringify(isValid.errors)).toBe(true);
      }
    }
  });

  it("names the class of an add-in, if there is one", () => {
    expect(JSON.stringify(parsed("extra"))).toContain(CLSID);
    expect(JSON.stringify(parsed("extra", { addin: undefined }))).not.toContain("clsid");
  });
});
