import type { Command } from "commander";

import type { AnyDefinition, Definition, TypeOf } from "../../../base/document/definition.ts";
import { fields, type Fields, type TypeOfFields } from "../../../base/document/fields.ts";
import { boolean, integer, literal, string } from "../../../base/document/kinds.ts";
import { canonicalGuid, hresultText } from "../../../base/document/parts.ts";
import { shared } from "../../../base/document/schema.ts";

/** Objects of a document are open: a reader ignores unknown fields. */
export const open = { others: "ignored" } as const;

/** A GUID in a document. */
export const guid: Definition<string> = shared("guid", canonicalGuid);

/** Whether the machine was changed. */
export const whetherChanged: Definition<boolean> = boolean.about(
  "Whether the machine was changed; false if it already had the desired state.",
);

/** A number of things. */
export const count: Definition<number> = integer({ least: 0, most: Number.MAX_SAFE_INTEGER });

/** Version of the JSON documents that commands print. */
export const JSON_SCHEMA_VERSION = 1;

const schemaVersion = shared(
  "schemaVersion",
  literal(JSON_SCHEMA_VERSION).about(
    "Version of these documents. It changes when a field is removed or gets another meaning, not when a field or a value is added.",
  ),
);

/** The document that a command prints with `--json`; `T` has its own fields, without the common ones. */
export interface CommandDocument<T> {
  readonly description: string;
  readonly own: Fields;
  /** Never set; it carries the type. */
  readonly values?: T;
}

/** The fields of a command's document. */
export type DocumentOf<D> = D extends CommandDocument<infer T> ? T : never;

/** Defines the document of a command. */
export function commandDocument<const F extends Fields>(
  description: string,
  own: F,
): CommandDocument<TypeOfFields<F>> {
  return { description, own };
}

const documents = new WeakMap<Command, CommandDocument<unknown>>();

/** Sets the document of a command. */
export function setDocument(command: Command, document: CommandDocument<unknown>): void {
  documents.set(command, document);
}

/** A document that a command prints instead of its own, with one of its options. */
interface Variant {
  readonly option: string;
  readonly document: CommandDocument<unknown>;
}

const variants = new WeakMap<Command, Variant>();

/** Sets the document that a command prints with an option: that of `status all`. */
export function setVariant(
  command: Command,
  option: string,
  document: CommandDocument<unknown>,
): void {
  variants.set(command, { option, document });
}

/** Returns the full name of a command without the program's name: `lab up`. */
export function nameOf(command: Command): string {
  const { parent } = command;
  if (parent === null) return "";
  return `${nameOf(parent)} ${command.name()}`.trim();
}

const error = shared(
  "error",
  fields(
    {
      code: string
        .check((code) => (code.startsWith("ERR_WSB_") ? undefined : "must be a code"), {
          pattern: "^ERR_WSB_[A-Z_]+$",
          examples: ["ERR_WSB_CONFLICT"],
        })
        .about(
          "Stable code; test this one. The list of codes is open. Absent for an unexpected error.",
        )
        .optional(),
      message: string.about("The failure and the next step, for people."),
      docs: string
        .about("Page about the code, in the package wsb-addin. Absent for an unexpected error.", {
          examples: ["docs/errors.md#err_wsb_conflict"],
        })
        .optional(),
      hresult: hresultText
        .about("HRESULT of the failed Windows function, in Windows' form.")
        .optional(),
      api: string.about("Windows function that failed.").optional(),
      errno: string
        .about("The system's error name of a failed file operation.", {
          examples: ["ENOSPC"],
        })
        .optional(),
    },
    open,
  ).about("Why a command failed."),
);

/** An error in a document. */
export type ErrorDocument = TypeOf<typeof error>;

/** The fields of a failed command, without its name. */
export interface CommandFailure {
  readonly ok: false;
  readonly error: ErrorDocument;
}

const failure = shared(
  "failure",
  fields(
    {
      schemaVersion,
      command: string.about("Name of the command; empty if the command line is invalid."),
      ok: literal(false),
      error,
    },
    open,
  ).about("The output of any command that failed; the exit code gives the kind of failure.", {
    title: "A failed command",
  }),
);

function named(name: string, { description, own }: CommandDocument<unknown>): AnyDefinition {
  const whole = fields({ schemaVersion, command: literal(name), ...own }, open).about(description, {
    title: `wsb-addin ${name} --json`,
  });
  return shared(name.replaceAll(" ", "-"), whole);
}

function wholeDocument(command: Command): readonly AnyDefinition[] {
  const document = documents.get(command);
  if (document === undefined) return command.commands.flatMap(wholeDocument);
  const name = nameOf(command);
  const variant = variants.get(command);
  const other = variant && named(`${name} ${variant.option}`, variant.document);
  return [named(name, document), ...(other === undefined ? [] : [other])];
}

/** Returns the definitions of all documents that the commands of a program print with `--json`. */
export function outputDefinition(program: Command): Pick<AnyDefinition, "schema"> {
  const all = [failure, ...wholeDocument(program)];
  return { schema: (schemas) => ({ anyOf: all.map(({ schema }) => schema(schemas)) }) };
}
