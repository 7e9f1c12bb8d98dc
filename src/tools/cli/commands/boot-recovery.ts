import { Command } from "commander";

import { boolean, list, literal, string } from "../../../base/document/kinds.ts";
import { WsbError } from "../../../base/errors.ts";
import { parseGuid } from "../../../base/guid.ts";
import { loadManifest } from "../../../runtime/manifest/load.ts";
import { loadBinding } from "../../../runtime/native/binding.ts";
import {
  bootTaskName,
  bootTaskXml,
  createBootTask,
  hasBootTask,
  needsBootTask,
  removeBootTask,
} from "../../registration/boot-task.ts";
import { readClsid, readInstallation } from "../../registration/read-installation.ts";
import { checkPlaces } from "../shared/check-places.ts";
import { setAction, type ContextOf } from "../shared/command.ts";
import { commandDocument } from "../shared/document.ts";
import { EXIT } from "../shared/exit-code.ts";
import { manifestPath } from "../shared/installation.ts";
import { requireElevation } from "../shared/require-elevation.ts";
import { findSessionOwner, refuseDuringSession } from "../shared/session.ts";

interface OffOptions {
  readonly manifest: string;
  readonly dryRun?: boolean;
}

interface OnOptions extends OffOptions {
  readonly allowWritableFolder?: boolean;
}

const changed = boolean.about("Whether anything was changed.");

const onDocument = commandDocument(
  "The start-up task was made or replaced, unless the add-in needs none.",
  {
    ok: literal(true),
    changed,
    warnings: list(string).about("Others than administrators could change these.").optional(),
  },
);

const offDocument = commandDocument("The start-up task is gone.", { ok: literal(true), changed });

/** The task runs what COM runs: the installation that is registered, wherever the manifest lies. */
async function turnOn(
  options: OnOptions,
  { output }: ContextOf<typeof onDocument>,
): Promise<number> {
  const manifest = loadManifest(manifestPath(options.manifest));
  const { addin, name, writerId } = manifest;
  if (addin === undefined || !needsBootTask(manifest)) {
    const text = `${name} stops no services, so there is nothing to start again; nothing changed.`;
    output.line(text);
    output.json({ ok: true, changed: false });
    return EXIT.done;
  }
  const binding = loadBinding();
  const clsid = readClsid(binding, writerId);
  if (clsid !== undefined && parseGuid(clsid) !== addin.clsid) {
    throw new WsbError(
      "ERR_WSB_CONFLICT",
      `Writer ${writerId} has the class ${clsid} registered, and the manifest says ${addin.clsid}; nothing was changed. Register this add-in first, or name the other's manifest with --manifest.`,
    );
  }
  const installation = readInstallation(binding, writerId);
  if (installation === undefined) {
    throw new WsbError(
      "ERR_WSB_INVALID_ARGUMENT",
      `Writer ${writerId} has no add-in registered that a task could run; nothing was changed. Register it first: wsb-addin register makes the task too.`,
    );
  }
  const warnings = checkPlaces(binding, installation, {
    allow: options.allowWritableFolder === true,
  });
  for (const warning of warnings) output.note(`Warning: ${warning}`);
  requireElevation(binding);
  const task = `"${bootTaskName(addin.clsid)}", which runs ${installation.nodeExe}`;
  if (options.dryRun === true) {
    output.line(`Would make or replace the start-up task ${task}`);
    output.json({ ok: true, changed: false, warnings });
    return EXIT.done;
  }
  await createBootTask(binding, addin.clsid, bootTaskXml(manifest, installation));
  const text = `A restore of ${name} that the end of Windows breaks off is ended at its start: ${task}`;
  output.line(text);
  output.json({ ok: true, changed: true, warnings });
  return EXIT.done;
}

async function turnOff(
  options: OffOptions,
  { output }: ContextOf<typeof offDocument>,
): Promise<number> {
  const answer = (text: string, isChanged: boolean): number => {
    output.line(text);
    output.json({ ok: true, changed: isChanged });
    return EXIT.done;
  };
  const { addin } = loadManifest(manifestPath(options.manifest));
  const binding = loadBinding();
  requireElevation(binding);
  const owner = findSessionOwner(binding, options);
  // Its services would stay stopped if Windows ended now.
  if (owner !== undefined) refuseDuringSession(owner);
  if (addin === undefined || !hasBootTask(addin.clsid)) {
    return answer("There is no start-up task, nothing changed.", false);
  }
  if (options.dryRun === true) {
    return answer("Would remove the start-up task.", false);
  }
  await removeBootTask(addin.clsid);
  return answer("Removed the start-up task.", true);
}

function onCommand(): Command {
  const command = new Command("on")
    .description("make the start-up task, or point it to what is registered now")
    .option("--manifest <file>", "manifest of the add-in", "wsb-addin.json")
    .option("--dry-run", "say what would change, and change nothing")
    .option("--allow-writable-folder", "accept that others could change what runs as LocalSystem");
  return setAction(command, "windows", onDocument, turnOn);
}

function offCommand(): Command {
  const command = new Command("off")
    .description("remove the start-up task")
    .option("--manifest <file>", "manifest of the add-in", "wsb-addin.json")
    .option("--dry-run", "say what would change, and change nothing");
  return setAction(command, "windows", offDocument, turnOff);
}

export function bootRecoveryCommand(): Command {
  return new Command("boot-recovery")
    .description("the start-up task that register makes, for add-ins that are registered otherwise")
    .addCommand(onCommand())
    .addCommand(offCommand());
}
