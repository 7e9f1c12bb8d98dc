import {
  Definition,
  type AnyDefinition,
  type JsonSchema,
  type OptionalField,
  type Reader,
  type SharedSchemas,
  type TypeOf,
} from "./definition.ts";
import { choice, literal } from "./kinds.ts";
import { INVALID, isValid, type Place } from "./place.ts";
import { suggestion } from "./suggest.ts";

type Field = AnyDefinition | OptionalField<unknown>;

/** The fields of an object, by name. */
export type Fields = Readonly<Record<string, Field>>;

type AbsentNames<F extends Fields> = {
  [K in keyof F]: undefined extends TypeOf<F[K]> ? K : never;
}[keyof F];

type Flat<T> = { readonly [K in keyof T]: T[K] };

/** Fields that are accepted and not read have the type `undefined`. */
type ReadNames<F extends Fields> = {
  [K in keyof F]: [TypeOf<F[K]>] extends [undefined] ? never : K;
}[keyof F];

/** The type of an object with these fields. */
export type TypeOfFields<F extends Fields> = Flat<
  { readonly [K in Exclude<ReadNames<F>, AbsentNames<F>>]: TypeOf<F[K]> } & {
    readonly [K in Extract<ReadNames<F>, AbsentNames<F>>]?: Exclude<TypeOf<F[K]>, undefined>;
  }
>;

/** The rules between the fields of an object, and the treatment of unknown fields. */
export interface FieldsOptions<Name> {
  /** The treatment of fields that are not defined. @defaultValue `"refused"` */
  readonly others?: "refused" | "ignored";
  /** Fields that need each other: all are present or none is. */
  readonly together?: readonly Name[];
  /** Fields that exclude each other, and the rule that a document with both breaks. */
  readonly apart?: { readonly names: readonly [Name, Name]; readonly rule: string };
}

type Values = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Reads a field; an inherited field counts as absent. */
function valueOf(values: Values, name: string): unknown {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

function refuseOthers(values: Values, names: readonly string[], place: Place): void {
  for (const name of Object.keys(values)) {
    if (names.includes(name)) continue;
    place.field(name).refuse(`is not a field of ${place.shown}${suggestion(name, names)}`);
  }
}

function relate<Name extends string>(
  values: Values,
  { together = [], apart }: FieldsOptions<Name>,
  place: Place,
): void {
  const isPresent = (name: string): boolean => valueOf(values, name) !== undefined;
  const present = together.find(isPresent);
  for (const name of together) {
    if (present === undefined || isPresent(name)) continue;
    place.field(name).refuse(`is missing, and ${present} needs it`);
  }
  if (apart?.names.every(isPresent) === true) place.field(apart.names[0]).refuse(apart.rule);
}

function schemaOf<Name extends string>(
  fieldsByName: Fields,
  { others = "refused", together = [], apart }: FieldsOptions<Name>,
  shared: SharedSchemas,
): JsonSchema {
  const entries = Object.entries(fieldsByName);
  const required = entries.filter(([, field]) => !("isOptional" in field)).map(([name]) => name);
  const needed = together.map((name) => [name, together.filter((other) => other !== name)]);
  return {
    type: "object",
    ...(required.length > 0 && { required }),
    ...(needed.length > 0 && { dependentRequired: Object.fromEntries(needed) }),
    ...(apart !== undefined && { not: { required: apart.names } }),
    ...(others === "refused" && { additionalProperties: false }),
    properties: Object.fromEntries(entries.map(([name, field]) => [name, field.schema(shared)])),
  };
}

/** Defines an object with these fields. */
export function fields<const F extends Fields>(
  fieldsByName: F,
  options: FieldsOptions<keyof F & string> = {},
): Definition<TypeOfFields<F>> {
  const names = Object.keys(fieldsByName);
  const read: Reader<TypeOfFields<F>> = (value, place) => {
    if (!isObject(value)) return place.refuseValue("must be an object", value);
    const before = place.problems.length;
    if (options.others !== "ignored") refuseOthers(value, names, place);
    relate(value, options, place);
    const result: Record<string, unknown> = {};
    for (const [name, field] of Object.entries(fieldsByName)) {
      const one = field.read(valueOf(value, name), place.field(name));
      if (one !== undefined) result[name] = one;
    }
    return place.problems.length === before ? (result as TypeOfFields<F>) : INVALID;
  };
  return new Definition(read, (shared) => schemaOf(fieldsByName, options, shared));
}

/** The fields of an object that takes one of several forms, by the name of the form. */
export type Forms = Readonly<Record<string, Fields>>;

/** The type of an object that takes one of these forms, which its field `Tag` names. */
export type TypeOfForms<Tag extends string, F extends Forms> = {
  [K in keyof F]: Flat<{ readonly [T in Tag]: K } & TypeOfFields<F[K]>>;
}[keyof F];

/** Defines an object that takes one of several forms; its field `tag` names the form. */
export function forms<const Tag extends string, const F extends Forms>(
  tag: Tag,
  fieldsByForm: F,
  options: Pick<FieldsOptions<string>, "others"> = {},
): Definition<TypeOfForms<Tag, F>> {
  const names = Object.keys(fieldsByForm);
  const word = choice(names);
  const objects = new Map(
    names.map((name) => [name, fields({ [tag]: literal(name), ...fieldsByForm[name] }, options)]),
  );
  const read: Reader<TypeOfForms<Tag, F>> = (value, place) => {
    if (!isObject(value)) return place.refuseValue("must be an object", value);
    const name = word.read(valueOf(value, tag), place.field(tag));
    const object = isValid(name) ? objects.get(name) : undefined;
    return object === undefined ? INVALID : (object.read(value, place) as TypeOfForms<Tag, F>);
  };
  return new Definition(read, (shared) => ({
    oneOf: [...objects.values()].map((object) => object.schema(shared)),
  }));
}

/** Defines an object with any field names and values of one kind. */
export function dictionary<T>(values: Definition<T>): Definition<Readonly<Record<string, T>>> {
  const read: Reader<Readonly<Record<string, T>>> = (value, place) => {
    if (!isObject(value)) return place.refuseValue("must be an object", value);
    const entries = Object.entries(value).map(
      ([name, one]) => [name, values.read(one, place.field(name))] as const,
    );
    const valid = entries.flatMap(([name, one]) => (isValid(one) ? [[name, one] as const] : []));
    return valid.length === entries.length ? Object.fromEntries(valid) : INVALID;
  };
  return new Definition(read, (shared) => ({
    type: "object",
    additionalProperties: values.schema(shared),
  }));
}
