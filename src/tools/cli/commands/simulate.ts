import { existsSync, statSync } from "node:fs";
import { sep } from "node:path";

import { Command, InvalidArgumentError } from "commander";

import { dictionary } from "../../../base/document/fields.ts";
import { boolean, list, string } from "../../../base/document/kinds.ts";
import { WsbError } from "../../../base/errors.ts";
import { loadManifest } from "../../../runtime/manifest/load.ts";
import type { Manifest } from "../../../runtime/manifest/manifest.ts";
import { decodeDocument } from "../../../runtime/metadata/decode.ts";
import { parseWriterMetadata } from "../../../runtime/metadata/parse.ts";
import { HRESULT } from "../../../base/hresult.ts";
import { loadBinding } from "../../../runtime/native/binding.ts";
import { emitTo } from "../../../runtime/events/emit.ts";
import { eventFile } from "../../../runtime/events/event-file.ts";
import { readEvents } from "../../../runtime/events/read-events.ts";
import { changedSinceBuild } from "../../build/changed-since-build.ts";
import { healActivation } from "../../lab/heal-activation.ts";
import { readInstallation } from "../../registration/read-installation.ts";
import { simulateBackup, type SimulatedVolume } from "../../simulate/backup.ts";
import { chooseComponents, componentsOf, type SimulationOptions } from "../../simulate/parts.ts";
import { backupFolderOf, expandVariables } from "../../simulate/file-places.ts";
import { simulateRestore, type RestoreSimulationOptions } from "../../simulate/restore.ts";
import { findFailure } from "../../simulate/find-failure.ts";
import type { FindFailure, SimulationResult } from "../../simulate/steps.ts";
import { setAction, type ContextOf } from "../shared/command.ts";
import { commandDocument } from "../shared/document.ts";
import { EXIT } from "../shared/exit-code.ts";
import { manifestPath, readInput } from "../shared/installation.ts";
import { serviceState } from "../shared/service-state.ts";
import { require64Bit } from "../shared/serving-node.ts";
import { entryLines, timelineEntryDefinition, timelineHeading } from "../shared/show-timeline.ts";
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

const restoreDocument = commandDocument("A simulated restore.", simulated);
const backupDocument = commandDocument("A simulated backup.", simulated);

type Context = ContextOf<typeof restoreDocument>;

interface CommonOptions {
  readonly manifest: string;
  readonly metadata?: string;
  readonly component?: readonly string[];
}

interface RestoreOptions extends CommonOptions {
  readonly from?: string;
  readonly rollForward: boolean;
  readonly addin: boolean;
}

interface BackupOptions extends CommonOptions {
  readonly volume?: readonly SimulatedVolume[];
  readonly abortAfter?: number;
  readonly poll: number;
}

function collect<T>(
  parse: (text: string) => T,
): (text: string, before?: readonly T[]) => readonly T[] {
  return (text, before = []) => [...before, parse(text)];
}

function parseMilliseconds(text: string): number {
  if (/^\d{1,9}$/u.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a number of milliseconds.");
}

function parseVolume(text: string): SimulatedVolume {
  const [source, snapshot, ...rest] = text.split("=");
  if (source && snapshot && rest.length === 0) return { source, snapshot };
  throw new InvalidArgumentError("It must be <source path>=<snapshot path>.");
}

function addCommonOptions(command: Command): Command {
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

type Prepared = SimulationOptions & Pick<RestoreSimulationOptions, "document">;

function prepare(options: CommonOptions, context: Context): Prepared {
  require64Bit();
  const { output, signal } = context;
  const manifestFile = manifestPath(options.manifest);
  const manifest = loadManifest(manifestFile);
  noteOlderBuild(manifestFile, manifest, context);
  const writerMetadata =
    options.metadata === undefined ? null : decodeDocument(readInput(options.metadata));
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

/** Checks the backup folder before any service is stopped. */
function requireBackupFolder(options: RestoreOptions, { components }: SimulationOptions): void {
  if (options.from === undefined) return;
  if (options.metadata === undefined) {
    throw new WsbError(
      "ERR_WSB_INVALID_ARGUMENT",
      "--from needs --metadata, which has the paths of the files. Add --metadata.",
    );
  }
  if (options.from === "" || !existsSync(options.from) || !statSync(options.from).isDirectory()) {
    throw new WsbError(
      "ERR_WSB_INVALID_ARGUMENT",
      `--from ${JSON.stringify(options.from)} is not a folder. Name the folder that holds the backup.`,
    );
  }
  for (const { files, logFiles } of components) {
    for (const { path } of [...files, ...logFiles])
      backupFolderOf(options.from, expandVariables(path, process.env));
  }
}

/** Checks that a handler can read what it is told to check. */
function requireVolumes({ volume = [] }: BackupOptions): void {
  for (const path of volume.flatMap(({ source, snapshot }) => [source, snapshot])) {
    if (existsSync(path)) continue;
    throw new WsbError(
      "ERR_WSB_INVALID_ARGUMENT",
      `--volume names ${JSON.stringify(path)}, which does not exist. Name a folder that stands for the volume, and one for its shadow copy.`,
    );
  }
}

function report({ output }: Context, manifest: Manifest, result: SimulationResult): number {
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
  }
  output.json({ ok: succeeded, ...result });
  return succeeded ? EXIT.done : EXIT.failed;
}

function restoreCommand(): Command {
  const command = addCommonOptions(new Command("restore"))
    .description("simulate a restore: PreRestore, copy the files, PostRestore")
    .option("--from <folder>", "backup folder; <folder>\\C\\… has the files of C:\\…")
    .option("--no-roll-forward", "simulate a point-in-time recovery")
    .option(
      "--without-addin",
      "copy the files without calls, as for an application without an add-in",
    );
  return setAction(
    command,
    "windows",
    restoreDocument,
    async (options: RestoreOptions & { withoutAddin?: boolean }, context) => {
      const simulation = prepare(options, context);
      requireBackupFolder(options, simulation);
      context.output.line(`Simulated restore of ${simulation.manifest.name}`);
      context.output.line(timelineHeading());
      const result = await simulateRestore({
        ...simulation,
        noRollForward: !options.rollForward,
        withAddin: options.withoutAddin !== true,
        ...(options.from === undefined ? {} : { backupFolder: options.from }),
      });
      return report(context, simulation.manifest, result);
    },
  );
}

function backupCommand(): Command {
  const command = addCommonOptions(new Command("backup"))
    .description("simulate a backup: check the consistency of each component")
    .option(
      "--volume <source=snapshot>",
      "volume and its shadow copy; repeatable",
      collect(parseVolume),
    )
    .option("--abort-after <ms>", "abort a check after this time", parseMilliseconds)
    .option("--poll <ms>", "time between two QueryStatus calls", parseMilliseconds, 250);
  return setAction(command, "windows", backupDocument, async (options: BackupOptions, context) => {
    requireVolumes(options);
    const simulation = prepare(options, context);
    context.output.line(`Simulated backup of ${simulation.manifest.name}`);
    context.output.line(timelineHeading());
    const result = await simulateBackup({
      ...simulation,
      volumes: options.volume ?? [],
      pollMs: options.poll,
      ...(options.abortAfter === undefined ? {} : { abortAfterMs: options.abortAfter }),
    });
    return report(context, simulation.manifest, result);
  });
}

export function simulateCommand(): Command {
  return new Command("simulate")
    .description("call the registered add-in as Windows Server Backup does")
    .addCommand(restoreCommand())
    .addCommand(backupCommand());
}
