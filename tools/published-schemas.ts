import { scaffoldRecordDefinition } from "../generator/scaffold-record.ts";
import type { JsonSchema } from "../src/base/document/definition.ts";
import { jsonSchemaOf } from "../src/base/document/schema.ts";
import { lineDefinition } from "../src/runtime/events/line.ts";
import { manifestDefinition } from "../src/runtime/manifest/definition.ts";
import { createProgram } from "../src/tools/cli/program.ts";
import { outputDefinition } from "../src/tools/cli/shared/document.ts";
import { providerDefinition } from "../src/tools/cloud/provider.ts";
import { statusDefinition } from "../src/tools/cloud/status.ts";
import { dscInstanceSchema } from "../src/tools/export/dsc-instance.ts";

// A schema does not inspect drives.
const anyDrive = { driveType: (): "fixed" => "fixed" };

/** The published JSON Schemas, by their file in `schemas/`; `npm run schemas` writes them. */
export const SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  "manifest.schema.json": {
    ...jsonSchemaOf(
      manifestDefinition,
      "Manifest of a Windows Server Backup add-in (wsb-addin.json)",
    ),
    description:
      "Identity and settings of an application in Windows Server Backup. The kit checks some things beyond this schema: no field may appear twice; lengths count UTF-16 code units, so that a character outside the Basic Multilingual Plane counts twice (JSON Schema counts it once); two service names that differ only in case are the same service, and a name equals its SID; a number in a SID is at most 4294967295.",
  },
  "event-line.schema.json": jsonSchemaOf(
    lineDefinition,
    "Line of an add-in's event file (addin.jsonl)",
  ),
  "cloud-provider.schema.json": jsonSchemaOf(
    providerDefinition(anyDrive),
    "Cloud backup provider (wsb-addin cloud register --provider)",
  ),
  "cloud-status.schema.json": jsonSchemaOf(
    statusDefinition,
    "Status of a cloud backup provider (wsb-addin cloud update-status --status)",
  ),
  "cli-output.schema.json": {
    ...jsonSchemaOf(outputDefinition(createProgram()), "Output of wsb-addin with --json"),
    description:
      "One document a command, on stdout. #/$defs has one definition for each command, its words joined by hyphens: #/$defs/lab-up. Ignore fields that you do not know: new ones come without a new version.",
  },
  "dsc-input.schema.json": dscInstanceSchema,
  "scaffold-record.schema.json": jsonSchemaOf(
    scaffoldRecordDefinition,
    "Scaffold record of a project (.wsb-addin-scaffold.json)",
  ),
};
