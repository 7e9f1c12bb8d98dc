import { Command } from "commander";

import { decodeText } from "../../../base/decode-text.ts";
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
import { resourceId, resourceIdOrNone } from "../../cloud/resource-id.ts";
import { parseStatus, type NativeCloudStatus } from "../../cloud/status.ts";
import type { Definition } from "../../../base/document/definition.ts";
import { fields } from "../../../base/document/fields.ts";
import { boolean, choice, integer, list, literal, string } from "../../../base/document/kinds.ts";
import { shared } from "../../../base/document/schema.ts";
import { WsbError } from "../../../base/errors.ts";
import {
  loadBinding,
  type NativeCloudProvider,
  type NativeCloudStatusEntry,
} from "../../../runtime/native/binding.ts";
import { setAction } from "../shared/command.ts";
import { commandDocument, guid, open, whetherChanged } from "../shared/document.ts";
import { EXIT } from "../shared/exit-code.ts";
import { readInput } from "../shared/installation.ts";
import type { Screen } from "../shared/output.ts";
import { requireElevation } from "../shared/require-elevation.ts";

const PROVIDER_OPTION = "--provider <file>";
const DRY_RUN = "check everything without calling Windows";

function readDescription(file: string): string {
  return decodeText(readInput(file), { file, code: "ERR_WSB_INVALID_ARGUMENT" });
}

function showKeys({ keys }: CloudVerification, output: Screen): void {
  for (const { key, present, why } of keys) {
    output.line(`  ${present ? "present" : "missing"}  ${key}  (${why})`);
  }
}

const providerDocument: Definition<NativeCloudProvider> = shared(
  "cloudProvider",
  fields(
    {
      snapinId: guid,
      resourceDll: string,
      nameId: resourceId,
      iconId: resourceId,
      supportsRemoting: boolean,
    },
    open,
  ).about("A cloud backup provider."),
);

const statusEntry: Definition<NativeCloudStatusEntry> = shared(
  "cloudStatusEntry",
  fields(
    {
      iconId: resourceIdOrNone.about("0 means no icon."),
      nameId: resourceId,
      valueId: resourceId,
      values: list(
        fields(
          {
            text: string,
            type: integer({ least: 1, most: 5 }).about("Number of the type in wsbonline.h."),
          },
          open,
        ).about("Value of an insert."),
        { least: 0, most: 5 },
      ),
    },
    open,
  ).about("A line of the status."),
);

const statusDocument: Definition<NativeCloudStatus> = shared(
  "cloudStatus",
  fields({ snapinId: guid, entries: list(statusEntry, { least: 1, most: 5 }) }, open).about(
    "The status that Windows got.",
  ),
);

const verificationFields = {
  snapinId: guid,
  state: shared(
    "cloudState",
    choice(["registered", "incomplete", "absent"]).about(
      "incomplete: some of the documented keys exist.",
    ),
  ),
  keys: list(
    shared(
      "cloudKey",
      fields(
        {
          key: string.about("The key, or its documented pattern if it is missing."),
          present: boolean,
          why: string,
        },
        open,
      ).about("One of a provider's documented keys."),
    ),
  ),
  parent: shared(
    "snapIn",
    fields({ id: guid, name: string.optional() }, open).about(
      "Snap-in that the provider extends, if it exists.",
    ),
  ).optional(),
};

const verification: Definition<CloudVerification> = shared(
  "cloudVerification",
  fields(verificationFields, open).about("The provider's keys in the registry."),
);

const registerDocument = commandDocument(
  "Output of cloud register: the provider was registered, or would be with --dry-run.",
  {
    ok: literal(true),
    changed: whetherChanged,
    renewed: boolean.about("Whether it was registered before. Absent with --dry-run.").optional(),
    provider: providerDocument,
    verification,
  },
);

const deregisterDocument = commandDocument(
  "Output of cloud deregister: the provider was deregistered, or would be with --dry-run.",
  {
    ok: literal(true),
    changed: whetherChanged,
    snapinId: guid,
    verification: verification.about("Only with --dry-run.").optional(),
  },
);

const updateDocument = commandDocument(
  "Output of cloud update-status: the status was replaced, or would be with --dry-run.",
  { ok: literal(true), changed: whetherChanged, status: statusDocument },
);

const verifyDocument = commandDocument(
  "Output of cloud verify: the documented keys of a provider.",
  {
    ok: boolean.about("Whether state is registered."),
    ...verificationFields,
  },
);

interface RegisterOptions {
  readonly provider: string;
  readonly conflictCheck: boolean;
  readonly dryRun?: boolean;
}

function registerCommand(): Command {
  const command = new Command("register")
    .description("register a cloud backup provider with Windows Server Backup")
    .requiredOption(PROVIDER_OPTION, "JSON description of the provider")
    .option(
      "--no-conflict-check",
      "do not look for another provider; Windows may refuse a second one",
    )
    .option("--dry-run", DRY_RUN);
  return setAction(
    command,
    "windows",
    registerDocument,
    async (options: RegisterOptions, { output }) => {
      const binding = loadBinding();
      const provider = parseProvider(binding, readDescription(options.provider), options.provider);
      const { snapinId } = provider;
      const settings: RegisterCloudOptions = {
        otherProvider: options.conflictCheck ? "refuse" : "leave-to-windows",
      };
      if (options.dryRun === true) {
        const checked = checkCloudProvider(binding, provider, settings);
        output.line(`Would register the cloud backup provider ${snapinId}.`);
        output.json({ ok: true, changed: false, provider, verification: checked });
        return EXIT.done;
      }
      requireElevation(binding);
      const outcome = await registerCloudProvider(binding, provider, settings);
      const { renewed } = outcome;
      output.line(`${renewed ? "Renewed" : "Registered"} the cloud backup provider ${snapinId}.`);
      if (outcome.verification.state !== "registered") {
        output.note("Windows accepted the provider, but these documented keys are missing:");
        for (const { key } of outcome.verification.keys.filter(({ present }) => !present)) {
          output.note(`  ${key}`);
        }
      }
      output.json({ ok: true, changed: true, provider, ...outcome });
      return EXIT.done;
    },
  );
}

interface SnapinOptions {
  readonly snapinId?: string;
  readonly provider?: string;
}

/** Returns the id from the command line, or from the provider's description. */
function snapinIdOf({ snapinId, provider }: SnapinOptions): string {
  if (snapinId !== undefined) return checkSnapinId(snapinId);
  if (provider === undefined) {
    throw new WsbError(
      "ERR_WSB_INVALID_ARGUMENT",
      "The command line names no provider. Add --snapin-id or --provider.",
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
  return setAction(
    command,
    "windows",
    deregisterDocument,
    async (options: DeregisterOptions, { output }) => {
      const snapinId = snapinIdOf(options);
      const binding = loadBinding();
      if (options.dryRun === true) {
        const found = verifyCloudProvider(binding, snapinId);
        output.line(`Would deregister the cloud backup provider ${snapinId}:`);
        showKeys(found, output);
        output.json({ ok: true, changed: false, snapinId, verification: found });
        return EXIT.done;
      }
      requireElevation(binding);
      const { changed } = await deregisterCloudProvider(binding, snapinId);
      output.line(
        changed
          ? `Deregistered the cloud backup provider ${snapinId}.`
          : `The cloud backup provider ${snapinId} is not registered. Nothing changed.`,
      );
      output.json({ ok: true, changed, snapinId });
      return EXIT.done;
    },
  );
}

interface StatusOptions {
  readonly status: string;
  readonly dryRun?: boolean;
}

function updateStatusCommand(): Command {
  const command = new Command("update-status")
    .description("replace the status that Windows Server Backup shows for a provider")
    .requiredOption("--status <file>", "JSON description of the status")
    .option("--dry-run", DRY_RUN);
  return setAction(
    command,
    "windows",
    updateDocument,
    async (options: StatusOptions, { output }) => {
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
    },
  );
}

const sentence: Readonly<Record<CloudVerification["state"], string>> = {
  registered: "is registered",
  incomplete: "is partly registered",
  absent: "is not registered",
};

function verifyCommand(): Command {
  const command = new Command("verify")
    .description("list a provider's documented keys; exits 0 if all exist, otherwise 1")
    .option("--snapin-id <guid>", "class id of the provider's snap-in")
    .option(PROVIDER_OPTION, "JSON description of the provider, for its id");
  return setAction(
    command,
    "windows",
    verifyDocument,
    async (options: SnapinOptions, { output }) => {
      const found = verifyCloudProvider(loadBinding(), snapinIdOf(options));
      const { snapinId, state } = found;
      output.line(`The cloud backup provider ${snapinId} ${sentence[state]}:`);
      showKeys(found, output);
      output.json({ ok: state === "registered", ...found });
      return state === "registered" ? EXIT.done : EXIT.failed;
    },
  );
}

export function cloudCommand(): Command {
  return new Command("cloud")
    .description("manage cloud backup providers of Windows Server Backup")
    .addCommand(registerCommand())
    .addCommand(deregisterCommand())
    .addCommand(updateStatusCommand())
    .addCommand(verifyCommand());
}
