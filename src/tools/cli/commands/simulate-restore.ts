import { existsSync, statSync } from "node:fs";

import { Command } from "commander";

import { WsbError } from "../../../base/errors.ts";
import { type SimulationOptions } from "../../simulate/parts.ts";
import { backupFolderOf, expandVariables } from "../../simulate/file-places.ts";
import { simulateRestore } from "../../simulate/restore.ts";
import { requireFinished } from "../../simulate/shadow-copy.ts";
import { setAction } from "../shared/command.ts";
import { timelineHeading } from "../shared/show-timeline.ts";
import {
  type CommonOptions,
  addCommonOptions,
  prepare,
  report,
  simulationDocument,
} from "../shared/simulation.ts";

const restoreDocument = simulationDocument("A simulated restore.");

interface RestoreOptions extends CommonOptions {
  readonly rollForward: boolean;
  readonly addin: boolean;
}

/** Checks the backup folder before any service is stopped. */
function requireBackupFolder(
  options: RestoreOptions,
  { components, writerMetadata }: SimulationOptions,
): void {
  if (options.from === undefined) return;
  if (writerMetadata === null) {
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
  requireFinished(options.from);
  for (const { files, logFiles } of components) {
    for (const { path } of [...files, ...logFiles])
      backupFolderOf(options.from, expandVariables(path, process.env));
  }
}

export function restoreCommand(): Command {
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
