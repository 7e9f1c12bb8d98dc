import type { Definition, JsonSchema } from "../../base/document/definition.ts";
import { fields } from "../../base/document/fields.ts";
import { boolean, string } from "../../base/document/kinds.ts";
import { guid } from "../../base/document/parts.ts";
import { jsonSchemaOf } from "../../base/document/schema.ts";

/** An instance of the resource: the registration of one writer, and how it should be. */
export interface DscInstance {
  readonly writerId: string;
  readonly applicationIdentifier?: string;
  readonly clsid?: string;
  readonly manifest?: string;
  readonly node?: string;
  /** Whether it is registered. */
  readonly _exist: boolean;
  /** DSC sends back what `dsc test` said; nobody reads it. */
  readonly _inDesiredState?: boolean;
}

/** The input of `wsb-addin dsc`. */
export const dscInstanceDefinition: Definition<DscInstance> = fields({
  writerId: guid.about("Class id of the application's VSS writer."),
  applicationIdentifier: string.about("Name that the recovery wizard and wbadmin show.").optional(),
  clsid: guid.about("Class id of the add-in's COM class, where there is one.").optional(),
  manifest: string
    .about("Path of the installed add-in's wsb-addin.json, which says what is to be registered.")
    .optional(),
  node: string
    .about("Path of the node.exe that runs the add-in; by default the one running wsb-addin.")
    .optional(),
  _exist: boolean.about("Whether it is registered.").or(true),
  _inDesiredState: boolean.about("Whether it is as it should be.", { readOnly: true }).optional(),
});

/** JSON Schema of an instance, as `wsb-addin dsc schema` prints it. */
export const dscInstanceSchema: JsonSchema = jsonSchemaOf(
  dscInstanceDefinition,
  "Registration with Windows Server Backup",
);
