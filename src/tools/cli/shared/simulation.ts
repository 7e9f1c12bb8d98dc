import { existsSync } from "node:fs";
import { sep, win32 } from "node:path";

import { Command } from "commander";

import { dictionary } from "../../../base/document/fields.ts";
import { boolean, list, string } from "../../../base/document/kinds.ts";
import { loadManifest } from "../../../runtime/manifest/load.ts";
import type { Manifest } from "../../../runtime/manifest/manifest.ts";
import { decodeDocument } from "../../../runtime/metadata/decode.ts";
import { parseWriterMetadata } from "../../../runtime/metadata/parse.ts";
import type { WriterMetadata } from "../../../runtime/metadata/writer-metadata.ts";
import { HRESULT } from "../../../base/hresult.ts";
import { loadBinding } from "../../../runtime/native/binding.ts";
import { emitTo } from "../../../runtime/events/emit.ts";
import { eventFile } from "../../../runtime/events/event-file.ts";
import { readEvents } from "../../../runtime/events/read-events.ts";
import { changedSinceBuild } from "../../build/changed-since-build.ts";
import { healActivation } from "../../lab/heal-activation.ts";
import { readInstallation } from "../../registration/read-installation.ts";
import { chooseComponents, componentsOf, type SimulationOptions } from "../../simulate/parts.ts";
import { METADATA_FILE } from "../../simulate/shadow-copy.ts";
import { writerDocument } from "../../writer/document.ts";
import { findFailure } from "../../simulate/find-failure.ts";
import type { FindFailure, SimulationResult } from "../../simulate/steps.ts";
import type { ContextOf } from "./command.ts";
import { commandDocument } from "./document.ts";
import { EXIT } from "./exit-code.ts";
import { manifestPath, readInput } from "./installation.ts";
import { serviceState } from "./service-state.ts";
import { require64Bit } from "./serving-node.ts";
import { entryLines, timelineEntryDefinition } from "./show-timeline.ts";
import { ownCommand } from "../../../base/own-command.ts";

const simulated = {
  ok: boolean.about(
    "Whether no step failed, no service was left stopped and nobody interrupted it.",
  ),
  succeeded: boolean.about("The same as ok."),
  timeline: list(timelineEntryDefinition).about("The steps, in order."),
  services: dictionary(serviceState).about("State of the manifest's services at the end."),
  leftStopped: list(string).about("Services of the manifest that ran before and do not run now."),
};

/** Describes the document of a simulation. */
export function simulationDocument(
  description: string,
): ReturnType<typeof commandDocument<typeof simulated>> {
  return commandDocument(description, simulated);
}

export type Context = ContextOf<ReturnType<typeof simulationDocument>>;

export interface CommonOptions {
  readonly manifest: string;
  readonly metadata?: string;
  /** Of a restore: the backup folder, which may have the document. */
  readonly from?: string;
  readonly component?: readonly string[];
}

export function collect<T>(
  parse: (text: string) => T,
): (text: string, before?: readonly T[]) => readonly T[] {
  return (text, before = []) => [...before, parse(text)];
}

export function addCommonOptions(command: Command): Command {
  return command
    .option("--manifest <file>", "manifest of the add-in", "wsb-addin.json")
    .option(
      "--metadata <file>",
      "writer metadata document for the add-in; simulates its components",
    )
    .option(
      "--component <path>",
      "logicalPath\\componentName to simulate; repeatable (default: all in the document)",
      collect(String),
    );
}

/** Says when the add-in's build is older than its sources: it would answer with other code. */
function noteOlderBuild(manifestFile: string, { writerId }: Manifest, { output }: Context): void {
  const serverScript = readInstallation(loadBinding(), writerId)?.serverScript;
  if (serverScript === undefined) return;
  const changed = changedSinceBuild({ serverScript, manifestFile });
  if (changed.length === 0) return;
  output.note(
    `The add-in runs an older build: ${changed.join(", ")} changed after it. Build again: ${ownCommand("build")}`,
  );
}

export type Prepared = SimulationOptions & { readonly document?: WriterMetadata };

export function prepare(options: CommonOptions, context: Context): Prepared {
  require64Bit();
  const { output, signal } = context;
  const manifestFile = manifestPath(options.manifest);
  const manifest = loadManifest(manifestFile);
  noteOlderBuild(manifestFile, manifest, context);
  const writerMetadata = metadataOf(options, manifest);
  const document = writerMetadata === null ? undefined : parseWriterMetadata(writerMetadata);
  if (document === undefined) {
    const invented = options.component?.join(", ") ?? manifest.name;
    output.note(
      `Without a document nobody knows whether the application has ${invented}: this component is made up. Give the writer's document with --metadata.`,
    );
  }
  return {
    api: healActivation(loadBinding()),
    manifest,
    writerMetadata,
    ...(document === undefined ? {} : { document }),
    components: chooseComponents(
      document && componentsOf(document),
      options.component ?? [],
      manifest.name,
    ),
    signal,
    emit: emitTo((event) => {
      if (event.event === "stepTaken") for (const line of entryLines(event)) output.line(line);
    }),
    findFailure: failuresOf(manifest),
  };
}

/** Returns the metadata document of the writer; `null` where nobody knows it. */
function metadataOf({ metadata, from }: CommonOptions, manifest: Manifest): string | null {
  const inBackup = from === undefined ? undefined : win32.join(from, METADATA_FILE);
  const file = metadata ?? (inBackup !== undefined && existsSync(inBackup) ? inBackup : undefined);
  if (file !== undefined) return decodeDocument(readInput(file));
  const { writer } = manifest;
  return writer.kind === "external" ? null : writerDocument(manifest, writer);
}

/** Searches the add-in's event file for failures; this user may not be allowed to read it. */
function failuresOf({ addin }: Manifest): FindFailure {
  const calls = { clientPid: process.pid, sinceMs: Date.now() };
  return (call) => {
    if (addin === undefined) return undefined;
    try {
      const { lines } = readEvents(loadBinding(), addin.clsid, (read) => read.length > 0);
      return findFailure(lines, call, calls);
    } catch {
      return undefined;
    }
  };
}

/** Returns where to look for the reason, because COM hides the output of a server. */
function startHint({ addin }: Manifest): string {
  const log = addin === undefined ? "" : eventFile(addin.clsid);
  return `COM could not start the add-in. Look for the reason in its event file ${log}, or start the server by hand: node dist${sep}server.js`;
}

export function report({ output }: Context, manifest: Manifest, result: SimulationResult): number {
  const { succeeded, timeline } = result;
  output.line(succeeded ? "Succeeded." : "Failed.");
  for (const name of result.leftStopped) {
    output.note(
      `Service ${name} was running before and is not running now. Start it: sc.exe start "${name}"`,
    );
  }
  const activation = timeline.find(({ step }) => step === "activate");
  if (activation?.hresult === HRESULT.REGDB_E_CLASSNOTREG) {
    output.note(`The add-in's class is not registered. Run: ${ownCommand("register")}`);
  } else if (activation?.failed === true) {
    output.note(startHint(manifest));
  } else if (!succeeded && manifest.writer.kind === "service") {
    output.note(`To see what failed, and where: ${ownCommand("log")}`);
  }
  output.json({ ok: succeeded, ...result });
  return succeeded ? EXIT.done : EXIT.failed;
}
