import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { Command } from "commander";

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
import { planRegistration, type PlanEntry } from "../../registration/plan.ts";
import type { RegistryApi } from "../../registration/registry-api.ts";
import { decodeString, sameValue } from "../../registration/registry-value.ts";
import { setAction, type ActionContext } from "../shared/command.ts";
import { EXIT } from "../shared/exit-code.ts";
import { findInstallation } from "../shared/installation.ts";
import { readRequest, register } from "./register.ts";
import { unregister } from "./unregister.ts";

interface DscOptions {
  readonly input?: string;
}

/** What stands in the registry, as DSC reads it. */
interface State {
  readonly writerId: string;
  readonly applicationIdentifier?: string;
  readonly clsid?: string;
  readonly _exist: boolean;
}

function usage(message: string): WsbError {
  return new WsbError("ERR_WSB_INVALID_ARGUMENT", message);
}

function readInstance({ input }: DscOptions): DscInstance {
  const text = input ?? readFileSync(0, "utf8");
  return requireReading(readText(dscInstanceDefinition, text, "the input"), {
    code: "ERR_WSB_INVALID_ARGUMENT",
    heading:
      "The input (stdin or --input) is not one instance as wsb-addin dsc schema describes it",
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

/** The plan of the manifest that the instance names; nothing where it names none. */
function readWanted(instance: DscInstance): readonly PlanEntry[] | undefined {
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
      `writerId, applicationIdentifier or clsid of the input is not that of ${file}. Export the configuration again from this manifest.`,
    );
  }
  return planRegistration(manifest, findInstallation(file, manifest, instance.node));
}

function isAsWanted(api: RegistryApi, instance: DscInstance, state: State): boolean {
  const { _exist: exists } = state;
  const { _exist: wanted } = instance;
  if (!wanted || !exists) return wanted === exists;
  const { applicationIdentifier: identifier, clsid } = instance;
  const plan = readWanted(instance) ?? [];
  return (
    (identifier === undefined || identifier === state.applicationIdentifier) &&
    (clsid === undefined || clsid === state.clsid) &&
    plan.every(({ key, name, value }) => sameValue(api.readRegistryValue(key, name), value))
  );
}

/** Registers or removes, as `register --update` and `unregister` do; says nothing on stdout. */
async function setRegistration(instance: DscInstance, context: ActionContext): Promise<State> {
  const { _exist: exist, manifest, node, writerId } = instance;
  const binding = loadBinding();
  const machine = openMachine(binding);
  if (exist) {
    if (readWanted(instance) === undefined || manifest === undefined) {
      throw usage("manifest of the input is missing: it says what is to be registered.");
    }
    // Desired state: what is registered with other values is to move.
    const options = {
      manifest,
      update: true,
      activate: true,
      bootRecovery: true,
      ...(node && { node }),
    };
    const output = { ...context.output, line: () => {}, json: () => {} };
    await register(await readRequest(options), { ...context, output });
  } else {
    await unregister(binding, { manifest: manifest ?? MANIFEST_FILE, writerId });
  }
  return readState(machine.api, writerId);
}

/** A JSON line for DSC; with --json the command's own document. */
function print({ output }: ActionContext, states: readonly object[]): void {
  for (const state of states) output.line(JSON.stringify(state));
  output.json({ ok: true, states });
}

function subcommand(
  name: string,
  description: string,
  run: (options: DscOptions, context: ActionContext) => Promise<readonly object[]>,
): Command {
  const command = new Command(name)
    .description(description)
    .option("--input <json>", "the document, instead of stdin; programs in the lab have no stdin");
  return setAction<DscOptions>(command, "windows", async (options, context) => {
    print(context, await run(options, context));
    return EXIT.done;
  });
}

function schemaCommand(): Command {
  const command = new Command("schema").description("print the JSON Schema of an instance");
  return setAction<object>(command, "anywhere", async (_, context) => {
    print(context, [dscInstanceSchema]);
    return EXIT.done;
  });
}

/** The commands of the DSC v3 resource that `wsb-addin export --format dsc` describes. */
export function dscCommand(): Command {
  return new Command("dsc")
    .description("be the resource of Microsoft DSC v3: JSON in, JSON lines out")
    .addCommand(
      subcommand("get", "print how a registration is", async (options) => {
        const { writerId } = readInstance(options);
        return [readState(openMachine(loadBinding()).api, writerId)];
      }),
    )
    .addCommand(
      subcommand("test", "print whether a registration is as it should be", async (options) => {
        const instance = readInstance(options);
        const { api } = openMachine(loadBinding());
        const state = readState(api, instance.writerId);
        return [{ ...state, _inDesiredState: isAsWanted(api, instance, state) }];
      }),
    )
    .addCommand(
      subcommand(
        "set",
        "register or remove, and print how it is then",
        async (options, context) => [await setRegistration(readInstance(options), context)],
      ),
    )
    .addCommand(
      // DSC may send a filter; every registration is an answer to it.
      subcommand("export", "print every registration of this machine", async () => {
        const { api } = openMachine(loadBinding());
        return (api.readRegistryKey(APPLICATION_SUPPORT)?.subkeys ?? []).flatMap((subkey) => {
          const writerId = parseGuid(subkey);
          return writerId === undefined ? [] : [readState(api, writerId, subkey)];
        });
      }),
    )
    .addCommand(schemaCommand());
}
