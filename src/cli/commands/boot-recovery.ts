import { Command } from "commander";

import { loadManifest } from "../../manifest/load.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import { loadBinding } from "../../native/binding.ts";
import {
  bootTaskXml,
  createBootTask,
  needsBootTask,
  removeBootTask,
} from "../../registration/boot-task.ts";
import { withRegistrationLock } from "../../registration/lock.ts";
import { checkPlaces } from "../check-places.ts";
import { setAction } from "../command.ts";
import { EXIT } from "../exit-code.ts";
import { findInstallation, manifestPath } from "../installation.ts";
import { requireElevation } from "../require-elevation.ts";

interface OffOptions {
  readonly manifest: string;
}

interface OnOptions extends OffOptions {
  readonly node?: string;
  readonly allowWritableFolder?: boolean;
}

async function turnOn(options: OnOptions, manifest: Manifest): Promise<boolean> {
  const { addin } = manifest;
  if (addin === undefined || !needsBootTask(manifest)) return false;
  const installation = findInstallation(manifestPath(options.manifest), manifest, options.node);
  const binding = loadBinding();
  checkPlaces(binding, installation, options.allowWritableFolder === true);
  requireElevation(binding);
  const xml = bootTaskXml(manifest, installation);
  await withRegistrationLock(binding, () => createBootTask(binding, addin.clsid, xml));
  return true;
}

function onCommand(): Command {
  const command = new Command("on")
    .description("make the start-up task, or point it to where the add-in is now")
    .option("--manifest <file>", "manifest of the add-in", "wsb-addin.json")
    .option("--node <file>", "64-bit node.exe that runs the add-in (default: the one running this)")
    .option("--allow-writable-folder", "accept that others could change what runs as LocalSystem");
  return setAction<OnOptions>(command, "windows", async (options, { output }) => {
    const manifest = loadManifest(manifestPath(options.manifest));
    const changed = await turnOn(options, manifest);
    output.line(
      changed
        ? `A restore of ${manifest.name} that a power cut breaks off is ended when Windows starts.`
        : `${manifest.name} stops no services, so there is nothing to start again; nothing changed.`,
    );
    output.json({ ok: true, changed });
    return EXIT.done;
  });
}

async function turnOff({ addin }: Manifest): Promise<boolean> {
  const binding = loadBinding();
  requireElevation(binding);
  return addin !== undefined && withRegistrationLock(binding, () => removeBootTask(addin.clsid));
}

function offCommand(): Command {
  const command = new Command("off")
    .description("remove the start-up task")
    .option("--manifest <file>", "manifest of the add-in", "wsb-addin.json");
  return setAction<OffOptions>(command, "windows", async (options, { output }) => {
    const changed = await turnOff(loadManifest(manifestPath(options.manifest)));
    output.line(changed ? "Removed the start-up task." : "There is no start-up task.");
    output.json({ ok: true, changed });
    return EXIT.done;
  });
}

export function bootRecoveryCommand(): Command {
  return new Command("boot-recovery")
    .description("the start-up task that register makes, for add-ins that are registered otherwise")
    .addCommand(onCommand())
    .addCommand(offCommand());
}
