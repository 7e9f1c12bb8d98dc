import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { expect } from "vitest";

import { parseObject, readObject, repository } from "../generator/generator.ts";

/** The published schema of what commands print with `--json`. */
export const outputSchema: Readonly<Record<string, unknown>> = readObject(
  repository,
  "schemas",
  "cli-output.schema.json",
);

/** Name of a command's definition in the schema. */
export function definitionOf(command: string): string {
  return command.replaceAll(" ", "-");
}

/** The same schema with every object closed: a field that is not described does not pass. */
function close(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(close);
  if (typeof schema !== "object" || schema === null) return schema;
  const closed = Object.fromEntries(
    Object.entries(schema).map(([name, one]) => [name, close(one)]),
  );
  return "properties" in closed && !("additionalProperties" in closed)
    ? { ...closed, additionalProperties: false }
    : closed;
}

const ID = "closed";
const ajv = new Ajv2020({ allErrors: true });
ajv.addSchema(Object(close(outputSchema)), ID);
const validators = new Map<string, ValidateFunction>();

function validatorOf(definition: string): ValidateFunction {
  const known = validators.get(definition);
  if (known !== undefined) return known;
  const validator = ajv.compile({ $ref: `${ID}#/$defs/${definition}` });
  validators.set(definition, validator);
  return validator;
}

/** Parses what a command printed with `--json` and holds it against its published schema. */
export function checkOutput(stdout: string): Record<string, unknown> {
  const document = parseObject(stdout);
  const isValid = validatorOf(
    "error" in document ? "failure" : definitionOf(String(document["command"])),
  );
  expect(isValid(document), `${stdout}\n${JSON.stringify(isValid.errors, undefined, 2)}`).toBe(
    true,
  );
  return document;
}
