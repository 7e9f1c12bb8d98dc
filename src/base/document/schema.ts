import {
  Definition,
  type AnyDefinition,
  type JsonSchema,
  type SharedSchemas,
} from "./definition.ts";

/** Gives a part a name: a published schema holds it once, below `$defs`. */
export function shared<T>(name: string, part: Definition<T>): Definition<T> {
  return new Definition(part.read, (schemas) => {
    if (!schemas.has(name)) {
      // Before its own parts, which are then listed after it.
      schemas.set(name, {});
      schemas.set(name, part.schema(schemas));
    }
    return { $ref: `#/$defs/${name}` };
  });
}

/** Makes the JSON Schema of a whole document. */
export function jsonSchemaOf(definition: Pick<AnyDefinition, "schema">, title: string): JsonSchema {
  const schemas: SharedSchemas = new Map();
  const schema = definition.schema(schemas);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title,
    ...schema,
    ...(schemas.size > 0 && { $defs: Object.fromEntries(schemas) }),
  };
}
