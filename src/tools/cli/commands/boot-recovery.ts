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
import { endSessionBeforeChange, findSessionOwner } from "../shared/session.ts";
import { ownCommand } from "../../../base/own-command.ts";

interface OffOptions {
  readonly manifest: string;
  readonly dryRun?: boolean;
}

interface OnOptions extends OffOptions {
  readonly allowWritableFolder?: boolean;
}

const changed = boolean.about("Whether the machine was changed.");

const onDocument = commandDocument(
  "Output of boot-recovery on: the start-up task was created or replaced, unless the add-in needs none.",
  {
    ok: literal(true),
    changed,
    warnings: list(string)
      .about("Files that users other than administrators can change.")
      .optional(),
  },
);

const offDocument = commandDocument("Output of boot-recovery off: the start-up task was removed.", {
  ok: literal(true),
  changed,
});

/** Creates the task. It runs the registered installation, wherever the manifest is. */
async function turnOn(
  options: OnOptions,
  { output }: ContextOf<typeof onDocument>,
): Promise<number> {
  const manifest = loadManifest(manifestPath(options.manifest));
  const { addin, name, writerId } = manifest;
  if (addin === undefined || !needsBootTask(manifest)) {
    const text = `${name} stops no services and needs no start-up task. Nothing changed.`;
    output.line(text);
    output.json({ ok: true, changed: false });
    return EXIT.done;
  }
  const binding = loadBinding();
  const clsid = readClsid(binding, writerId);
  if (clsid !== undefined && parseGuid(clsid) !== addin.clsid) {
    throw new WsbError(
      "ERR_WSB_CONFLICT",
      `Writer ${writerId} is registered with the class ${clsid}, but the manifest has ${addin.clsid}; nothing was changed. Register this add-in first, or name the manifest of the registered one with --manifest.`,
    );
  }
  const installation = readInstallation(binding, writerId);
  if (installation === undefined) {
    throw new WsbError(
      "ERR_WSB_INVALID_ARGUMENT",
      `No add-in is registered for writer ${writerId}; nothing was changed. Run: ${ownCommand("register")} (it creates the start-up task too)`,
    );
  }
  const warnings = checkPlaces(binding, installation, {
    allow: options.allowWritableFolder === true,
  });
  for (const warning of warnings) output.note(`Warning: ${warning}`);
  requireElevation(binding);
  const task = `"${bootTaskName(addin.clsid)}", which runs ${installation.nodeExe}`;
  if (options.dryRun === true) {
    output.line(`Would create or replace the start-up task ${task}`);
    output.json({ ok: true, changed: false, warnings });
    return EXIT.done;
  }
  await createBootTask(binding, {
    clsid: addin.clsid,
    xml: bootTaskXml(manifest, installation),
    report: (text) => output.note(`Warning: ${text}`),
  });
  const text = `If Windows stops during a restore of ${name}, this task recovers the restore session at start-up: ${task}`;
  output.line(text);
  output.json({ ok: true, changed: true, warnings });
  return EXIT.done;
}

async function turnOff(
  options: OffOptions,
  { output }: ContextOf<typeof offDocument>,
): Promise<number> {
  const answer = (text: string, document: { readonly changed: boolean }): number => {
    output.line(text);
    output.json({ ok: true, ...document });
    return EXIT.done;
  };
  const { addin } = loadManifest(manifestPath(options.manifest));
  const binding = loadBinding();
  requireElevation(binding);
  const owner = findSessionOwner(binding, options);
  // Without the task, the services would stay stopped if Windows stopped now.
  if (owner !== undefined && options.dryRun !== true) {
    await endSessionBeforeChange(owner, (text) => output.note(`Warning: ${text}`));
  }
  if (addin === undefined || !hasBootTask(addin.clsid)) {
    return answer("There is no start-up task. Nothing changed.", { changed: false });
  }
  if (options.dryRun === true) {
    return answer("Would remove the start-up task.", { changed: false });
  }
  await removeBootTask(addin.clsid);
  return answer("Removed the start-up task.", { changed: true });
}

function onCommand(): Command {
  const command = new Command("on")
    .description("create the start-up task, or update it to the current registration")
    .option("--manifest <file>", "manifest of the add-in", "wsb-addin.json")
    .option("--dry-run", "show the changes without making them")
    .option(
      "--allow-writable-folder",
      "accept files that other users can change; they run as LocalSystem",
    );
  return setAction(command, "windows", onDocument, turnOn);
}

function offCommand(): Command {
  const command = new Command("off")
    .description("remove the start-up task")
    .option("--manifest <file>", "manifest of the add-in", "wsb-addin.json")
    .option("--dry-run", "show the changes without making them");
  return setAction(command, "windows", offDocument, turnOff);
}

export function bootRecoveryCommand(): Command {
  return new Command("boot-recovery")
    .description("manage the start-up task of register, for add-ins registered with other tools")
    .addCommand(onCommand())
    .addCommand(offCommand());
}
