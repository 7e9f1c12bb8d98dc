import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { Command } from "commander";

import { decodeText } from "../../../base/decode-text.ts";
import type { Definition } from "../../../base/document/definition.ts";
import { dictionary, fields } from "../../../base/document/fields.ts";
import { anything, boolean, list, literal, string } from "../../../base/document/kinds.ts";
import { shared } from "../../../base/document/schema.ts";
import { readText, requireReading } from "../../../base/document/read.ts";
import { WsbError } from "../../../base/errors.ts";
import { parseGuid } from "../../../base/guid.ts";
import { loadManifest } from "../../../runtime/manifest/load.ts";
import { MANIFEST_FILE } from "../../../runtime/manifest/manifest.ts";
import { loadBinding } from "../../../runtime/native/binding.ts";
import {
  dscInstanceDefinition,
  dscInstanceSchema,
  type DscInstance,
} from "../../export/dsc-instance.ts";
import { APPLICATION_SUPPORT, writerKey } from "../../registration/keys.ts";
import { openMachine } from "../../registration/machine.ts";
import { inspectParts } from "../../registration/parts.ts";
import type { RegistrationMachine } from "../../registration/register.ts";
import type { RegistryApi } from "../../registration/registry-api.ts";
import { decodeString, sameValue } from "../../registration/registry-value.ts";
import { setAction } from "../shared/command.ts";
import { commandDocument, guid, open, type CommandDocument } from "../shared/document.ts";
import type { Screen } from "../shared/output.ts";
import { EXIT } from "../shared/exit-code.ts";
import { findInstallation } from "../shared/installation.ts";
import { expectedBy, type Expected } from "../shared/writer.ts";
import { readRequest, register } from "./register.ts";
import { unregister } from "./unregister.ts";

interface DscOptions {
  readonly input?: string;
}

/** The values in the registry, in the form for DSC. */
interface State {
  readonly writerId: string;
  readonly applicationIdentifier?: string;
  readonly clsid?: string;
  readonly _exist: boolean;
  readonly _inDesiredState?: boolean;
}

interface StatesDocument {
  readonly ok: true;
  readonly states: readonly State[];
}

const state: Definition<State> = shared(
  "dscState",
  fields(
    {
      writerId: guid,
      applicationIdentifier: string.optional(),
      clsid: string.about("The value in the registry.").optional(),
      _exist: boolean,
      _inDesiredState: boolean.about("Only of dsc test.").optional(),
    },
    open,
  ).about("A registration in the form for DSC."),
);

function statesDocument(description: string, states: string): CommandDocument<StatesDocument> {
  return commandDocument(description, { ok: literal(true), states: list(state).about(states) });
}

const getDocument = statesDocument(
  "Output of dsc get: the state of a registration.",
  "One element.",
);
const testDocument = statesDocument(
  "Output of dsc test: whether a registration has the desired state.",
  "One element, with _inDesiredState.",
);
const setDocument = statesDocument(
  "Output of dsc set: the new state of a registration.",
  "One element.",
);
const exportDocument = statesDocument(
  "Output of dsc export: all registrations of the machine.",
  "One element per registration.",
);
const schemaDocument = commandDocument("Output of dsc schema: the JSON Schema of an instance.", {
  ok: literal(true),
  states: list(shared("jsonSchema", dictionary(anything))).about("One element."),
});

function usage(message: string): WsbError {
  return new WsbError("ERR_WSB_INVALID_ARGUMENT", message);
}

function readInstance({ input }: DscOptions): DscInstance {
  const text =
    input ?? decodeText(readFileSync(0), { file: "stdin", code: "ERR_WSB_INVALID_ARGUMENT" });
  return requireReading(readText(dscInstanceDefinition, text, "the input"), {
    code: "ERR_WSB_INVALID_ARGUMENT",
    heading:
      "The input (stdin or --input) is not a valid instance; wsb-addin dsc schema prints its schema",
  });
}

function readState(api: RegistryApi, writerId: string, subkey = writerId): State {
  const key = subkey === writerId ? writerKey(writerId) : `${APPLICATION_SUPPORT}\\${subkey}`;
  const applicationIdentifier = decodeString(api.readRegistryValue(key, "Application Identifier"));
  const clsid = decodeString(api.readRegistryValue(key, "CLSID"));
  return {
    writerId,
    ...(applicationIdentifier === undefined ? {} : { applicationIdentifier }),
    ...(clsid === undefined ? {} : { clsid: parseGuid(clsid) ?? clsid }),
    _exist: api.hasRegistryKey(key),
  };
}

/** Returns what the manifest that the instance names says; `undefined` if it names none. */
function readWanted(instance: DscInstance): Expected | undefined {
  if (instance.manifest === undefined) return undefined;
  const file = resolve(instance.manifest);
  const manifest = loadManifest(file);
  const { applicationIdentifier: identifier, clsid } = instance;
  const isSame =
    manifest.writerId === instance.writerId &&
    (identifier === undefined || identifier === manifest.applicationIdentifier) &&
    (clsid === undefined || clsid === manifest.addin?.clsid);
  if (!isSame) {
    throw usage(
      `writerId, applicationIdentifier or clsid of the input differs from ${file}. Export the configuration again from this manifest.`,
    );
  }
  return expectedBy(manifest, findInstallation(file, manifest, instance.node));
}

function isAsWanted(machine: RegistrationMachine, instance: DscInstance, found: State): boolean {
  const { _exist: exists } = found;
  const { _exist: wanted } = instance;
  if (!wanted || !exists) return wanted === exists;
  const { applicationIdentifier: identifier, clsid } = instance;
  const { plan, parts } = readWanted(instance) ?? { plan: [], parts: {} };
  const conditions = Object.values(inspectParts(machine, instance.writerId, parts));
  return (
    (identifier === undefined || identifier === found.applicationIdentifier) &&
    (clsid === undefined || clsid === found.clsid) &&
    plan.every(({ key, name, value }) =>
      sameValue(machine.api.readRegistryValue(key, name), value),
    ) &&
    conditions.every((condition) => condition === "registered")
  );
}

/** Registers or removes, like `register --update` and `unregister`; prints nothing on stdout. */
async function setRegistration(instance: DscInstance, output: Screen): Promise<State> {
  const { _exist: exist, manifest, node, writerId } = instance;
  const binding = loadBinding();
  const report = (text: string): void => output.note(`Warning: ${text}`);
  const machine = openMachine(binding, report);
  if (exist) {
    if (readWanted(instance) === undefined || manifest === undefined) {
      throw usage("The input has no manifest. Add the path of the manifest to register.");
    }
    // The desired state replaces other values.
    const options = {
      manifest,
      update: true,
      activate: true,
      bootRecovery: true,
      ...(node && { node }),
    };
    await register(await readRequest(options, report), { ...output, line: () => {} });
  } else {
    await unregister(binding, { manifest: manifest ?? MANIFEST_FILE, writerId }, output);
  }
  return readState(machine.api, writerId);
}

/** Prints a JSON line for DSC. */
function printLines(output: Screen, states: readonly object[]): void {
  for (const one of states) output.line(JSON.stringify(one));
}

interface Subcommand {
  readonly name: string;
  readonly description: string;
  readonly document: CommandDocument<StatesDocument>;
  readonly run: (options: DscOptions, output: Screen) => Promise<readonly State[]>;
}

function subcommand({ name, description, document, run }: Subcommand): Command {
  const command = new Command(name)
    .description(description)
    .option(
      "--input <json>",
      "the input document, instead of stdin; programs in the lab have no stdin",
    );
  return setAction(command, "windows", document, async (options: DscOptions, { output }) => {
    const states = await run(options, output);
    printLines(output, states);
    output.json({ ok: true, states });
    return EXIT.done;
  });
}

function schemaCommand(): Command {
  const command = new Command("schema").description("print the JSON Schema of an instance");
  return setAction(command, "anywhere", schemaDocument, async (_: object, { output }) => {
    printLines(output, [dscInstanceSchema]);
    output.json({ ok: true, states: [dscInstanceSchema] });
    return EXIT.done;
  });
}

/** The commands of the DSC v3 resource that `wsb-addin export --format dsc` describes. */
export function dscCommand(): Command {
  return new Command("dsc")
    .description("run a command of the Microsoft DSC v3 resource; reads JSON, prints JSON lines")
    .addCommand(
      subcommand({
        name: "get",
        description: "print the state of a registration",
        document: getDocument,
        run: async (options) => {
          const { writerId } = readInstance(options);
          return [readState(openMachine(loadBinding(), () => {}).api, writerId)];
        },
      }),
    )
    .addCommand(
      subcommand({
        name: "test",
        description: "print whether a registration has the desired state",
        document: testDocument,
        run: async (options) => {
          const instance = readInstance(options);
          const machine = openMachine(loadBinding(), () => {});
          const found = readState(machine.api, instance.writerId);
          return [{ ...found, _inDesiredState: isAsWanted(machine, instance, found) }];
        },
      }),
    )
    .addCommand(
      subcommand({
        name: "set",
        description: "register or remove, and print the new state",
        document: setDocument,
        run: async (options, output) => [await setRegistration(readInstance(options), output)],
      }),
    )
    .addCommand(
      // DSC may send a filter; the command ignores it and prints every registration.
      subcommand({
        name: "export",
        description: "print all registrations of this machine",
        document: exportDocument,
        run: async () => {
          const { api } = openMachine(loadBinding(), () => {});
          return (api.readRegistryKey(APPLICATION_SUPPORT)?.subkeys ?? []).flatMap((subkey) => {
            const writerId = parseGuid(subkey);
            return writerId === undefined ? [] : [readState(api, writerId, subkey)];
          });
        },
      }),
    )
    .addCommand(schemaCommand());
}
