import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { expect } from "vitest";

import { parseObject, readObject, repository } from "../generator/generator.ts";

/** The published schema of the commands' output with `--json`. */
export const outputSchema: Readonly<Record<string, unknown>> = readObject(
  repository,
  "schemas",
  "cli-output.schema.json",
);

/** Returns the name of a command's definition in the schema. */
export function definitionOf(command: string): string {
  return command.replaceAll(" ", "-");
}

/** Returns the schema with every object closed: an undocumented field is refused. */
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
const OLD_ID = "0.1.0";
const oldSchema = readObject(
  repository,
  "test",
  "fixtures",
  "0.1.0",
  "schemas",
  "cli-output.schema.json",
);
const ajv = new Ajv2020({ allErrors: true });
ajv.addSchema(Object(close(outputSchema)), ID);
ajv.addSchema(oldSchema, OLD_ID);
const validators = new Map<string, ValidateFunction>();

function validatorOf(schema: string, definition: string): ValidateFunction {
  const reference = `${schema}#/$defs/${definition}`;
  const known = validators.get(reference);
  if (known !== undefined) return known;
  const validator = ajv.compile({ $ref: reference });
  validators.set(reference, validator);
  return validator;
}

/**
 * Parses a command's output with `--json` and checks it against the published schema, which must
 * describe every field, and against the schema of 0.1.0, on which existing programs rely.
 */
export function checkOutput(stdout: string): Record<string, unknown> {
  const document = parseObject(stdout);
  const name = "error" in document ? "failure" : definitionOf(String(document["command"]));
  // A newer command has no definition there.
  const isOld = Object.hasOwn(Object(oldSchema["$defs"]), name);
  for (const schema of isOld ? [ID, OLD_ID] : [ID]) {
    const isValid = validatorOf(schema, name);
    const shown = `${schema}: ${stdout}\n${JSON.stringify(isValid.errors, undefined, 2)}`;
    expect(isValid(document), shown).toBe(true);
  }
  return document;
}
