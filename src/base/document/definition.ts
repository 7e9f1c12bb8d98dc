import { isValid, type Invalid, type Place } from "./place.ts";

/** A JSON Schema (2020-12) of a document or of a part of one. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The parts that a published schema holds once, below `$defs`, by their names. */
export type SharedSchemas = Map<string, JsonSchema>;

/** Makes the JSON Schema of a definition. */
export type SchemaOf = (shared: SharedSchemas) => JsonSchema;

/** Reads a value, or reports its problems to the place and returns {@link Invalid}. */
export type Reader<T> = (value: unknown, place: Place) => T | Invalid;

/** A part of a document: its type, its reader and its JSON Schema. */
export class Definition<T> {
  /** Never set: a definition fits a written type only when both have the same field names. */
  declare readonly exact?: (key: keyof T) => keyof T;
  readonly read: Reader<T>;
  readonly schema: SchemaOf;

  constructor(read: Reader<T>, schema: SchemaOf) {
    this.read = read;
    this.schema = schema;
  }

  /** Adds a description to the JSON Schema, and other keywords that annotate. */
  about(description: string, annotations: JsonSchema = {}): Definition<T> {
    const schema: SchemaOf = (shared) => ({ description, ...this.schema(shared), ...annotations });
    return new Definition(this.read, schema);
  }

  /**
   * Adds a rule.
   *
   * @param ruleOf Returns the rule that a value breaks.
   * @param keywords The part of the rule that JSON Schema can express.
   */
  check(ruleOf: (value: T) => string | undefined, keywords: JsonSchema = {}): Definition<T> {
    const read: Reader<T> = (given, place) => {
      const value = this.read(given, place);
      const rule = isValid(value) ? ruleOf(value) : undefined;
      return rule === undefined ? value : place.refuseValue(rule, given);
    };
    return new Definition(read, (shared) => ({ ...this.schema(shared), ...keywords }));
  }

  /** Changes the value that is read; the JSON Schema stays. */
  map<Other>(convert: (value: T, place: Place) => Other | Invalid): Definition<Other> {
    const read: Reader<Other> = (given, place) => {
      const value = this.read(given, place);
      return isValid(value) ? convert(value, place) : value;
    };
    return new Definition(read, this.schema);
  }

  /** A field of this kind that may be absent. */
  optional(): OptionalField<T | undefined> {
    const read: Reader<T | undefined> = (value, place) =>
      value === undefined ? undefined : this.read(value, place);
    return { isOptional: true, read, schema: this.schema };
  }

  /**
   * A field of this kind that has a default.
   *
   * @param shown The default as a person writes it.
   */
  or(fallback: T, shown: unknown = fallback): OptionalField<T> {
    const read: Reader<T> = (value, place) =>
      value === undefined ? fallback : this.read(value, place);
    const schema: SchemaOf = (shared) => ({ ...this.schema(shared), default: shown });
    return { isOptional: true, read, schema };
  }
}

/** A definition of whatever type. */
export type AnyDefinition = Pick<Definition<unknown>, "read" | "schema">;

/** A field that may be absent. */
export interface OptionalField<T> {
  readonly isOptional: true;
  readonly read: Reader<T>;
  readonly schema: SchemaOf;
}

/** The type of what a definition reads. */
export type TypeOf<D extends { readonly read: Reader<unknown> }> = Exclude<
  ReturnType<D["read"]>,
  Invalid
>;
