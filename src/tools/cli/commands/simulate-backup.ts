import { existsSync } from "node:fs";
import { resolve } from "node:path";

import { Command, InvalidArgumentError, Option } from "commander";

import { WsbError } from "../../../base/errors.ts";
import { BACKUP_EVENTS, type BackupEvent } from "../../../base/handler-name.ts";
import type { Manifest } from "../../../runtime/manifest/manifest.ts";
import type { MetadataComponent } from "../../../runtime/metadata/writer-metadata.ts";
import { loadBinding } from "../../../runtime/native/binding.ts";
import { WriterSwitch } from "../../../runtime/writer/switch.ts";
import { simulateBackup, type BackupSimulationOptions } from "../../simulate/backup.ts";
import { diskshadowOf, hasDiskshadow } from "../../diskshadow/program.ts";
import { backupFolderOf } from "../../simulate/file-places.ts";
import type { SimulatedVolume } from "../../simulate/parts.ts";
import { startRequester, type Requester } from "../../simulate/requester.ts";
import { requireNewFolder, volumesOf } from "../../simulate/shadow-copy.ts";
import type { Screen } from "../shared/output.ts";
import { setAction } from "../shared/command.ts";
import { timelineHeading } from "../shared/show-timeline.ts";
import {
  type Context,
  type CommonOptions,
  type Prepared,
  addCommonOptions,
  collect,
  prepare,
  report,
  simulationDocument,
} from "../shared/simulation.ts";
import { isServiceOutdated, serviceNameOf } from "../../registration/writer-service.ts";
import { ownCommand } from "../../../base/own-command.ts";
import { isPackedExe } from "../../../base/packed.ts";

const backupDocument = simulationDocument("A simulated backup.");

interface BackupOptions extends CommonOptions {
  readonly volume?: readonly SimulatedVolume[];
  readonly to?: string;
  readonly writer: boolean;
  readonly withoutVolume?: readonly string[];
  readonly freezeFor: number;
  readonly dieIn?: BackupEvent;
  readonly abortAfter?: number;
  readonly poll: number;
}

type GivenBackup = BackupOptions & { readonly withoutWriter?: boolean };

function parseMilliseconds(text: string): number {
  if (/^\d{1,9}$/u.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a number of milliseconds.");
}

function parseVolume(text: string): SimulatedVolume {
  const [source, snapshot, ...rest] = text.split("=");
  if (source && snapshot && rest.length === 0) return { source, snapshot };
  throw new InvalidArgumentError("It must be <source path>=<snapshot path>.");
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

type WriterParts = Pick<BackupSimulationOptions, "writer" | "shadowCopy" | "diskshadow">;

/** Refuses options that would do nothing. */
function requireMeaning(options: BackupOptions, { document }: Prepared): void {
  const { to, writer, dieIn, freezeFor, withoutVolume = [] } = options;
  const isWriterPlayed = dieIn !== undefined || freezeFor > 0 || withoutVolume.length > 0;
  if (isWriterPlayed && !writer) {
    throw new WsbError(
      "ERR_WSB_INVALID_ARGUMENT",
      "--die-in, --freeze-for and --without-volume are for the writer, which --without-writer leaves out. Omit one of them.",
    );
  }
  if (!loadBinding().isWine()) requireWindows(options, isWriterPlayed);
  if (document !== undefined || (to === undefined && !isWriterPlayed)) return;
  throw new WsbError(
    "ERR_WSB_INVALID_ARGUMENT",
    "--to, --die-in, --freeze-for and --without-volume need the writer's components. Add writer with components to the manifest, or its document with --metadata.",
  );
}

/** On Windows, VSS itself makes the backup, for a program that only Windows Server has. */
function requireWindows({ to, volume }: BackupOptions, isWriterPlayed: boolean): void {
  if (isWriterPlayed) {
    throw new WsbError(
      "ERR_WSB_UNSUPPORTED_PLATFORM",
      "Only the lab plays --die-in, --freeze-for and --without-volume: on Windows, VSS itself makes the backup. Omit them, or use the lab.",
    );
  }
  if (to === undefined) return;
  if (volume !== undefined) {
    throw new WsbError(
      "ERR_WSB_INVALID_ARGUMENT",
      "--volume names shadow copies, and --to makes them. Omit one of them.",
    );
  }
  if (isPackedExe() || !hasDiskshadow(loadBinding())) {
    throw new WsbError(
      "ERR_WSB_UNSUPPORTED_PLATFORM",
      isPackedExe()
        ? "A packed program makes no shadow copies. Omit --to, or run the wsb-addin command of the project."
        : "This Windows has no diskshadow.exe, which makes shadow copies: it comes with Windows Server. Omit --to, or use the lab.",
    );
  }
}

const ONLY_CHECK =
  "On Windows, nobody is asked to freeze without --to: only the consistency check is played.";

/** Finds who makes the backup, whom it asks, and what is copied. */
async function writerParts(
  options: BackupOptions,
  prepared: Prepared,
  { output }: Context,
): Promise<WriterParts> {
  const { document, writerMetadata, components, manifest } = prepared;
  const api = loadBinding();
  if (!api.isWine() && options.to === undefined) {
    if (manifest.writer.kind !== "external") output.note(ONLY_CHECK);
    return {};
  }
  if (document === undefined || writerMetadata === null) return {};
  const chosen = components.flatMap((one) => document.findComponent(one) ?? []);
  const backup: Backup = {
    prepared,
    document: writerMetadata,
    components: chosen,
    volumes: volumesInSet(chosen, options.withoutVolume ?? []),
  };
  const backupFolder = options.to === undefined ? undefined : resolve(options.to);
  if (backupFolder !== undefined) requireNewFolder(backupFolder);
  if (options.writer && manifest.writer.kind === "service") {
    await noteOlderService(manifest.writerId, output);
  }
  return {
    ...(api.isWine() ? await inLab(options, backup, output) : onWindows(options, backup, output)),
    ...(backupFolder !== undefined && {
      shadowCopy: {
        api,
        backupFolder,
        document: writerMetadata,
        components: chosen,
        excluded: document.excludedFiles,
      },
    }),
  };
}

/** What is backed up. */
interface Backup {
  readonly prepared: Prepared;
  readonly document: string;
  readonly components: readonly MetadataComponent[];
  readonly volumes: readonly string[];
}

async function inLab(
  { writer, freezeFor, dieIn }: BackupOptions,
  { prepared, ...backup }: Backup,
  output: Screen,
): Promise<WriterParts> {
  const { manifest, signal } = prepared;
  const requester = writer ? await findRequester(manifest, output) : undefined;
  if (requester === undefined) return {};
  return { writer: { requester, ...backup, freezeForMs: freezeFor, dieIn, signal } };
}

function onWindows(
  { writer }: BackupOptions,
  { prepared, volumes }: Backup,
  output: Screen,
): WriterParts {
  const { manifest, signal } = prepared;
  if (volumes.length === 0) {
    throw new WsbError(
      "ERR_WSB_INVALID_ARGUMENT",
      "The components have no files on a drive, so there is nothing to copy. Omit --to, or name other components.",
    );
  }
  if (writer)
    output.note(`Every writer with files on ${volumes.join(", ")} freezes its application now.`);
  return {
    diskshadow: diskshadowOf(loadBinding(), {
      writerId: writer ? manifest.writerId : undefined,
      volumes,
      report: (text) => output.note(text),
      signal,
    }),
  };
}

/** Returns the volumes of the shadow copy: all with files of components but those left out. */
function volumesInSet(
  components: readonly MetadataComponent[],
  leftOut: readonly string[],
): readonly string[] {
  const all = volumesOf(components);
  const left = leftOut.map((one) => `${one.replace(/\\$/u, "")}\\`.toUpperCase());
  const unknown = left.find((one) => !all.includes(one));
  if (unknown === undefined) return all.filter((one) => !left.includes(one));
  throw new WsbError(
    "ERR_WSB_INVALID_ARGUMENT",
    `--without-volume names ${unknown}, where no component has files. They are on ${all.join(", ")}.`,
  );
}

/** Says when the writer answers with other code than the last build's. */
async function noteOlderService(writerId: string, output: Screen): Promise<void> {
  const binding = loadBinding();
  const service = await binding.queryService(serviceNameOf(writerId));
  if (service?.state !== "RUNNING") return;
  if (!isServiceOutdated(binding, writerId, service.processId)) return;
  output.note(
    `The writer's service was started before the last build, and answers with older code. Start it again: ${ownCommand("register")}`,
  );
}

/** @throws {@link WsbError} `ERR_WSB_SERVICE` for a writer in a service that does not run. */
async function findRequester(
  { writer, writerId }: Manifest,
  output: Screen,
): Promise<Requester | undefined> {
  const requester = await startRequester(writerId);
  if (requester !== undefined || writer.kind === "declared") return requester;
  if (writer.kind === "service") {
    throw new WsbError(
      "ERR_WSB_SERVICE",
      `The writer ${writerId} takes no part in backups: ${await whyAbsent(writerId)} Or copy without it: --without-writer.`,
    );
  }
  output.note(`No process in the lab has the writer ${writerId}, so nobody is asked.`);
  return undefined;
}

/** Says why the service of a writer answers nobody, and what to do. */
async function whyAbsent(writerId: string): Promise<string> {
  const binding = loadBinding();
  if (new WriterSwitch(binding, writerId).read() !== "on") {
    return `it is off. Turn it on: ${ownCommand("writer on")}.`;
  }
  const name = serviceNameOf(writerId);
  const service = await binding.queryService(name);
  if (service === null) return `it has no service. Install it: ${ownCommand("register")}.`;
  if (service.state !== "RUNNING") {
    return `its service ${name} is ${service.state}. Start it: ${ownCommand("register")}.`;
  }
  return `its service ${name} runs, but has just started, or cannot thaw what it found frozen. Look: ${ownCommand("log")}; and start it anew, in the lab with: ${ownCommand("lab restart")}.`;
}

/** Where an add-in finds the shadow copy: on the given volumes, or in the backup folder. */
function shadowVolumes(
  { volume = [] }: BackupOptions,
  { shadowCopy }: WriterParts,
): readonly SimulatedVolume[] {
  if (volume.length > 0 || shadowCopy === undefined) return volume;
  return volumesOf(shadowCopy.components).map((source) => ({
    source,
    snapshot: backupFolderOf(shadowCopy.backupFolder, source),
  }));
}

export function backupCommand(): Command {
  const command = addCommonOptions(new Command("backup"))
    .description(
      "simulate a backup: freeze the application, copy its files, thaw it, check the consistency of each component",
    )
    .option(
      "--to <folder>",
      "new folder for the files and the writer's metadata document; on Windows Server, of a real backup by diskshadow.exe",
    )
    .option("--without-writer", "freeze nothing")
    .option(
      "--without-volume <volume>",
      "volume to leave out of the shadow copy (lab); repeatable",
      collect(String),
    )
    .option(
      "--freeze-for <ms>",
      "time between freeze and thaw, at least (lab)",
      parseMilliseconds,
      0,
    )
    .addOption(
      new Option("--die-in <event>", "let the backup program die in this event (lab)").choices(
        BACKUP_EVENTS,
      ),
    )
    .option(
      "--volume <source=snapshot>",
      "volume and its shadow copy; repeatable",
      collect(parseVolume),
    )
    .option("--abort-after <ms>", "abort a check after this time", parseMilliseconds)
    .option("--poll <ms>", "time between two QueryStatus calls", parseMilliseconds, 250);
  return setAction(command, "windows", backupDocument, async (given: GivenBackup, context) => {
    const options = { ...given, writer: given.withoutWriter !== true };
    requireVolumes(options);
    const simulation = prepare(options, context);
    requireMeaning(options, simulation);
    const parts = await writerParts(options, simulation, context);
    context.output.line(`Simulated backup of ${simulation.manifest.name}`);
    context.output.line(timelineHeading());
    try {
      const result = await simulateBackup({
        ...simulation,
        ...parts,
        volumes: shadowVolumes(options, parts),
        pollMs: options.poll,
        ...(options.abortAfter === undefined ? {} : { abortAfterMs: options.abortAfter }),
      });
      return report(context, simulation.manifest, result);
    } finally {
      await parts.writer?.requester.end();
    }
  });
}
