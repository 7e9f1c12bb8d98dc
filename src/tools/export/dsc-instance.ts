import type { Definition, JsonSchema } from "../../base/document/definition.ts";
import { fields } from "../../base/document/fields.ts";
import { boolean, string } from "../../base/document/kinds.ts";
import { guid } from "../../base/document/parts.ts";
import { jsonSchemaOf } from "../../base/document/schema.ts";

/** An instance of the resource: the desired registration of a writer. */
export interface DscInstance {
  readonly writerId: string;
  readonly applicationIdentifier?: string;
  readonly clsid?: string;
  readonly manifest?: string;
  readonly node?: string;
  /** `true` when the writer is registered. */
  readonly _exist: boolean;
  /** The result of `dsc test`. DSC sends it back; it is not read. */
  readonly _inDesiredState?: boolean;
}

/** The definition of the input of `wsb-addin dsc`. */
export const dscInstanceDefinition: Definition<DscInstance> = fields({
  writerId: guid.about("Class id of the application's VSS writer."),
  applicationIdentifier: string.about("Name in the recovery wizard and wbadmin.").optional(),
  clsid: guid.about("Class id of the add-in's COM class, if it has one.").optional(),
  manifest: string
    .about("Path of the installed add-in's wsb-addin.json, which defines the registration.")
    .optional(),
  node: string
    .about("Path of the node.exe that runs the add-in; by default the one that runs wsb-addin.")
    .optional(),
  _exist: boolean.about("True when the writer is registered.").or(true),
  _inDesiredState: boolean
    .about("True when the registration is as desired.", { readOnly: true })
    .optional(),
});

/** The JSON Schema of an instance, which `wsb-addin dsc schema` prints. */
export const dscInstanceSchema: JsonSchema = jsonSchemaOf(
  dscInstanceDefinition,
  "Registration with Windows Server Backup",
);
