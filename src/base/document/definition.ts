import { isValid, type Invalid, type Place } from "./place.ts";

/** The JSON Schema (2020-12) of a document or of a part of a document. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The parts that a published schema holds once, under `$defs`, by name. */
export type SharedSchemas = Map<string, JsonSchema>;

/** Makes the JSON Schema of a definition. */
export type SchemaOf = (shared: SharedSchemas) => JsonSchema;

/** Reads a value, or reports its problems to the place and returns {@link Invalid}. */
export type Reader<T> = (value: unknown, place: Place) => T | Invalid;

/** The fields of a type, at every depth, and whether they may be absent. */
type Shape<T> = T extends object
  ? { readonly [K in keyof T]-?: [undefined extends T[K] ? 0 : 1, Shape<T[K]>] }
  : T;

/** A part of a document: its type, its reader and its JSON Schema. */
export class Definition<T> {
  /** Never set. Makes the compiler refuse a type with other fields than the definition's. */
  declare readonly exact?: (shape: Shape<T>) => Shape<T>;
  readonly read: Reader<T>;
  readonly schema: SchemaOf;

  constructor(read: Reader<T>, schema: SchemaOf) {
    this.read = read;
    this.schema = schema;
  }

  /** Adds a description and other annotations to the JSON Schema. */
  about(description: string, annotations: JsonSchema = {}): Definition<T> {
    const schema: SchemaOf = (shared) => ({ ...this.schema(shared), description, ...annotations });
    return new Definition(this.read, schema);
  }

  /**
   * Adds a rule.
   *
   * @param ruleOf Returns the rule that a value breaks, or `undefined`.
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

  /** Converts the value that was read; the JSON Schema stays the same. */
  map<Other>(convert: (value: T, place: Place) => Other | Invalid): Definition<Other> {
    const read: Reader<Other> = (given, place) => {
      const value = this.read(given, place);
      return isValid(value) ? convert(value, place) : value;
    };
    return new Definition(read, this.schema);
  }

  /** Makes a field that may be absent. */
  optional(): OptionalField<T | undefined> {
    const read: Reader<T | undefined> = (value, place) =>
      value === undefined ? undefined : this.read(value, place);
    return { isOptional: true, read, schema: this.schema };
  }

  /**
   * Makes a field that has a default.
   *
   * @param shown The default as a person writes it in the document.
   */
  or(fallback: T, shown: unknown = fallback): OptionalField<T> {
    const read: Reader<T> = (value, place) =>
      value === undefined ? fallback : this.read(value, place);
    const schema: SchemaOf = (shared) => ({ ...this.schema(shared), default: shown });
    return { isOptional: true, read, schema };
  }
}

/** A definition of any type. */
export type AnyDefinition = Pick<Definition<unknown>, "read" | "schema">;

/** A field that may be absent. */
export interface OptionalField<T> {
  readonly isOptional: true;
  readonly read: Reader<T>;
  readonly schema: SchemaOf;
}

/** The type of the values that a definition reads. */
export type TypeOf<D extends { readonly read: Reader<unknown> }> = Exclude<
  ReturnType<D["read"]>,
  Invalid
>;
