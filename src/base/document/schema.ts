import {
  Definition,
  type AnyDefinition,
  type JsonSchema,
  type SharedSchemas,
} from "./definition.ts";

/** Names a part, so that a published schema holds it only once, under `$defs`. */
export function shared<T>(name: string, part: Definition<T>): Definition<T> {
  return new Definition(part.read, (schemas) => {
    if (!schemas.has(name)) {
      // Takes its place in the list before the parts it contains.
      schemas.set(name, {});
      schemas.set(name, part.schema(schemas));
    }
    return { $ref: `#/$defs/${name}` };
  });
}

/** Returns the JSON Schema of a whole document. */
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
