import { resolve } from "node:path";

import { Command } from "commander";

import { WsbError } from "../../errors.ts";
import { loadManifest } from "../../manifest/load.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import { loadBinding, type NativeBinding } from "../../native/binding.ts";
import { showKey } from "../../registration/keys.ts";
import { planRegistration, type PlanEntry } from "../../registration/plan.ts";
import { applyRegistration } from "../../registration/register.ts";
import { showValue } from "../../registration/registry-value.ts";
import { setAction } from "../command.ts";
import { EXIT } from "../exit-code.ts";
import { findServer, manifestPath } from "../installation.ts";
import { requireElevation } from "../require-elevation.ts";

interface RegisterOptions {
  readonly manifest: string;
  readonly node?: string;
  readonly dryRun?: boolean;
}

async function requireServices(binding: NativeBinding, manifest: Manifest): Promise<void> {
  for (const [index, name] of manifest.services.entries()) {
    if ((await binding.queryService(name)) === null) {
      throw new WsbError(
        "ERR_WSB_INVALID_MANIFEST",
        `services[${index}] of the manifest is ${JSON.stringify(name)}, and this machine has no such service; nothing was changed. Install the service first, or correct the name (sc.exe query lists them).`,
      );
    }
  }
}

function planDocument(plan: readonly PlanEntry[]): readonly object[] {
  return plan.map(({ key, name, value, why }) => ({
    key: showKey(key),
    name,
    value: showValue(value),
    why,
  }));
}

export function registerCommand(): Command {
  const command = new Command("register")
    .description("register the add-in with COM and with Windows Server Backup")
    .option("--manifest <file>", "manifest of the add-in", "wsb-addin.json")
    .option("--node <file>", "node.exe that runs the add-in (default: the one running this)")
    .option("--dry-run", "say what would be written, and write nothing");
  return setAction<RegisterOptions>(command, "windows", async (options, { output }) => {
    const manifestFile = manifestPath(options.manifest);
    const manifest = loadManifest(manifestFile);
    const plan = planRegistration(manifest, {
      nodeExe: resolve(options.node ?? process.execPath),
      serverScript: manifest.addin === undefined ? "" : findServer(manifestFile, manifest),
    });
    const binding = loadBinding();
    await requireServices(binding, manifest);
    if (options.dryRun === true) {
      output.line(`Would register ${manifest.name}:`);
      for (const { key, name, value, why } of plan) {
        output.line(
          `  ${showKey(key)}\n    ${name || "(default)"} = ${showValue(value)}  (${why})`,
        );
      }
      output.json({ ok: true, changed: false, plan: planDocument(plan) });
      return EXIT.done;
    }
    requireElevation(binding);
    const { changed } = applyRegistration(binding, manifest.writerId, plan);
    output.line(
      changed
        ? `Registered ${manifest.name} as ${JSON.stringify(manifest.applicationIdentifier)}.`
        : `${manifest.name} is already registered, nothing changed.`,
    );
    output.json({ ok: true, changed, plan: planDocument(plan) });
    return EXIT.done;
  });
}
