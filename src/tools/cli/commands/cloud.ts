import { Command } from "commander";

import {
  checkCloudProvider,
  deregisterCloudProvider,
  registerCloudProvider,
  sendStatus,
  verifyCloudProvider,
  type RegisterCloudOptions,
} from "../../cloud/cloud.ts";
import type { CloudVerification } from "../../cloud/mmc.ts";
import { checkSnapinId, parseProvider, parseSnapinId } from "../../cloud/provider.ts";
import { parseStatus } from "../../cloud/status.ts";
import { WsbError } from "../../../base/errors.ts";
import { loadBinding } from "../../../runtime/native/binding.ts";
import { setAction } from "../shared/command.ts";
import { EXIT } from "../shared/exit-code.ts";
import { readInput } from "../shared/installation.ts";
import type { Output } from "../shared/output.ts";
import { requireElevation } from "../shared/require-elevation.ts";

const PROVIDER_OPTION = "--provider <file>";
const DRY_RUN = "check everything, call nothing";

function readDescription(file: string): string {
  return Buffer.from(readInput(file)).toString("utf8");
}

function showKeys({ keys }: CloudVerification, output: Output): void {
  for (const { key, present, why } of keys) {
    output.line(`  ${present ? "there  " : "missing"}  ${key}  (${why})`);
  }
}

interface RegisterOptions {
  readonly provider: string;
  readonly conflictCheck: boolean;
  readonly dryRun?: boolean;
}

function registerCommand(): Command {
  const command = new Command("register")
    .description("register a cloud backup provider with Windows Server Backup")
    .requiredOption(PROVIDER_OPTION, "JSON description of the provider")
    .option("--no-conflict-check", "leave it to Windows to refuse a second provider")
    .option("--dry-run", DRY_RUN);
  return setAction<RegisterOptions>(command, "windows", async (options, { output }) => {
    const binding = loadBinding();
    const provider = parseProvider(binding, readDescription(options.provider), options.provider);
    const { snapinId } = provider;
    const settings: RegisterCloudOptions = {
      otherProvider: options.conflictCheck ? "refuse" : "leave-to-windows",
    };
    if (options.dryRun === true) {
      const verification = checkCloudProvider(binding, provider, settings);
      output.line(`Would register the cloud backup provider ${snapinId}.`);
      output.json({ ok: true, changed: false, provider, verification });
      return EXIT.done;
    }
    requireElevation(binding);
    const { renewed, verification } = await registerCloudProvider(binding, provider, settings);
    output.line(`${renewed ? "Renewed" : "Registered"} the cloud backup provider ${snapinId}.`);
    if (verification.state !== "registered") {
      output.note(
        "Windows has accepted the provider, but not all of the documented keys are there:",
      );
      for (const { key } of verification.keys.filter(({ present }) => !present)) {
        output.note(`  ${key}`);
      }
    }
    output.json({ ok: true, changed: true, renewed, provider, verification });
    return EXIT.done;
  });
}

interface SnapinOptions {
  readonly snapinId?: string;
  readonly provider?: string;
}

/** The id from the command line, or else from the provider's description. */
function snapinIdOf({ snapinId, provider }: SnapinOptions): string {
  if (snapinId !== undefined) return checkSnapinId(snapinId);
  if (provider === undefined) {
    throw new WsbError(
      "ERR_WSB_INVALID_ARGUMENT",
      "The command does not know which provider is meant. Give its --snapin-id, or its description with --provider.",
    );
  }
  return parseSnapinId(readDescription(provider), provider);
}

interface DeregisterOptions extends SnapinOptions {
  readonly dryRun?: boolean;
}

function deregisterCommand(): Command {
  const command = new Command("deregister")
    .description("deregister a cloud backup provider")
    .option("--snapin-id <guid>", "class id of the provider's snap-in")
    .option(PROVIDER_OPTION, "JSON description of the provider, for its id")
    .option("--dry-run", DRY_RUN);
  return setAction<DeregisterOptions>(command, "windows", async (options, { output }) => {
    const snapinId = snapinIdOf(options);
    const binding = loadBinding();
    if (options.dryRun === true) {
      const verification = verifyCloudProvider(binding, snapinId);
      output.line(`Would deregister the cloud backup provider ${snapinId}:`);
      showKeys(verification, output);
      output.json({ ok: true, changed: false, snapinId, verification });
      return EXIT.done;
    }
    requireElevation(binding);
    const { changed } = await deregisterCloudProvider(binding, snapinId);
    output.line(
      changed
        ? `Deregistered the cloud backup provider ${snapinId}.`
        : `The cloud backup provider ${snapinId} is not registered, nothing changed.`,
    );
    output.json({ ok: true, changed, snapinId });
    return EXIT.done;
  });
}

interface StatusOptions {
  readonly status: string;
  readonly dryRun?: boolean;
}

function updateStatusCommand(): Command {
  const command = new Command("update-status")
    .description("replace what Windows Server Backup shows of a provider")
    .requiredOption("--status <file>", "JSON description of the status")
    .option("--dry-run", DRY_RUN);
  return setAction<StatusOptions>(command, "windows", async (options, { output }) => {
    const status = parseStatus(readDescription(options.status), options.status);
    const binding = loadBinding();
    if (options.dryRun === true) {
      output.line(`Would update the status of the cloud backup provider ${status.snapinId}.`);
      output.json({ ok: true, changed: false, status });
      return EXIT.done;
    }
    requireElevation(binding);
    await sendStatus(binding, status);
    output.line(`Updated the status of the cloud backup provider ${status.snapinId}.`);
    output.json({ ok: true, changed: true, status });
    return EXIT.done;
  });
}

const sentence: Readonly<Record<CloudVerification["state"], string>> = {
  registered: "is registered",
  incomplete: "is registered in part",
  absent: "is not registered",
};

function verifyCommand(): Command {
  const command = new Command("verify")
    .description("say which of a provider's documented keys are there; exit code 0 or 1")
    .option("--snapin-id <guid>", "class id of the provider's snap-in")
    .option(PROVIDER_OPTION, "JSON description of the provider, for its id");
  return setAction<SnapinOptions>(command, "windows", async (options, { output }) => {
    const verification = verifyCloudProvider(loadBinding(), snapinIdOf(options));
    const { snapinId, state } = verification;
    output.line(`The cloud backup provider ${snapinId} ${sentence[state]}:`);
    showKeys(verification, output);
    output.json({ ok: state === "registered", ...verification });
    return state === "registered" ? EXIT.done : EXIT.failed;
  });
}

export function cloudCommand(): Command {
  return new Command("cloud")
    .description("cloud backup providers of Windows Server Backup")
    .addCommand(registerCommand())
    .addCommand(deregisterCommand())
    .addCommand(updateStatusCommand())
    .addCommand(verifyCommand());
}
