import { Command, InvalidArgumentError } from "commander";

import { loadManifest } from "../../manifest/load.ts";
import { decodeDocument, readComponents } from "../../metadata/components.ts";
import { HRESULT } from "../../hresult.ts";
import { loadBinding } from "../../native/binding.ts";
import { simulateBackup, type SimulatedVolume } from "../../simulate/backup.ts";
import { chooseComponents, type SimulationOptions } from "../../simulate/parts.ts";
import { simulateRestore } from "../../simulate/restore.ts";
import type { SimulationResult } from "../../simulate/timeline.ts";
import { setAction, type ActionContext } from "../command.ts";
import { EXIT } from "../exit-code.ts";
import { manifestPath, readInput } from "../installation.ts";
import type { Output } from "../output.ts";
import { showEntry, timelineHeading } from "../show-timeline.ts";

interface CommonOptions {
  readonly manifest: string;
  readonly metadata?: string;
  readonly component: readonly string[];
}

interface RestoreOptions extends CommonOptions {
  readonly from?: string;
  readonly rollForward: boolean;
  readonly addin: boolean;
}

interface BackupOptions extends CommonOptions {
  readonly volume: readonly SimulatedVolume[];
  readonly abortAfter?: number;
  readonly poll: number;
}

function collect<T>(
  parse: (text: string) => T,
): (text: string, before: readonly T[]) => readonly T[] {
  return (text, before) => [...before, parse(text)];
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
    .option("--metadata <file>", "writer metadata document to hand over; its components are played")
    .option(
      "--component <path>",
      "logicalPath\\componentName to play; repeatable (default: all of the document)",
      collect(String),
      [],
    );
}

function prepare(options: CommonOptions, { output, signal }: ActionContext): SimulationOptions {
  const manifest = loadManifest(manifestPath(options.manifest));
  const writerMetadata =
    options.metadata === undefined ? null : decodeDocument(readInput(options.metadata));
  const document = writerMetadata === null ? undefined : readComponents(writerMetadata);
  return {
    api: loadBinding(),
    manifest,
    writerMetadata,
    components: chooseComponents(document, options.component, manifest.name),
    signal,
    onEntry: (entry) => output.line(showEntry(entry)),
  };
}

function report(output: Output, result: SimulationResult): number {
  const { succeeded, timeline } = result;
  output.line(succeeded ? "Succeeded." : "Failed.");
  if (timeline.some(({ hresult }) => hresult === HRESULT.REGDB_E_CLASSNOTREG)) {
    output.note("The add-in's class is not registered. Run: wsb-addin register");
  }
  output.json({ ok: succeeded, ...result });
  return succeeded ? EXIT.done : EXIT.failed;
}

function restoreCommand(): Command {
  const command = addCommonOptions(new Command("restore"))
    .description("play a restore: pre-restore, copy the files, post-restore")
    .option("--from <folder>", "backup: <folder>\\C\\… holds the files of C:\\…")
    .option("--no-roll-forward", "a point-in-time recovery")
    .option(
      "--without-addin",
      "copy the files and call nobody, as for an application without add-in",
    );
  return setAction<RestoreOptions & { withoutAddin?: boolean }>(
    command,
    "windows",
    async (options, context) => {
      const simulation = prepare(options, context);
      context.output.line(`Simulated restore of ${simulation.manifest.name}`);
      context.output.line(timelineHeading());
      const result = await simulateRestore({
        ...simulation,
        noRollForward: !options.rollForward,
        withAddin: options.withoutAddin !== true,
        ...(options.from === undefined ? {} : { backupFolder: options.from }),
      });
      return report(context.output, result);
    },
  );
}

function backupCommand(): Command {
  const command = addCommonOptions(new Command("backup"))
    .description("play a backup: the consistency check of each component")
    .option(
      "--volume <source=snapshot>",
      "volume and its shadow copy; repeatable",
      collect(parseVolume),
      [],
    )
    .option("--abort-after <ms>", "give a check up after this time", parseMilliseconds)
    .option("--poll <ms>", "time between two QueryStatus calls", parseMilliseconds, 250);
  return setAction<BackupOptions>(command, "windows", async (options, context) => {
    const simulation = prepare(options, context);
    context.output.line(`Simulated backup of ${simulation.manifest.name}`);
    context.output.line(timelineHeading());
    const result = await simulateBackup({
      ...simulation,
      volumes: options.volume,
      pollMs: options.poll,
      ...(options.abortAfter === undefined ? {} : { abortAfterMs: options.abortAfter }),
    });
    return report(context.output, result);
  });
}

export function simulateCommand(): Command {
  return new Command("simulate")
    .description("play Windows Server Backup's part against the registered add-in")
    .addCommand(restoreCommand())
    .addCommand(backupCommand());
}
