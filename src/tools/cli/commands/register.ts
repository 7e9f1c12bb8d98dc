import { Command } from "commander";

import { list, literal, string } from "../../../base/document/kinds.ts";
import { WsbError } from "../../../base/errors.ts";
import { loadManifest } from "../../../runtime/manifest/load.ts";
import type { Manifest } from "../../../runtime/manifest/manifest.ts";
import { loadBinding, type NativeBinding } from "../../../runtime/native/binding.ts";
import type { ReportForeign } from "../../../runtime/native/protected-folder.ts";
import { healActivation } from "../../lab/heal-activation.ts";
import { activateOnce } from "../../registration/activate.ts";
import { bootTaskXml, needsBootTask } from "../../registration/boot-task.ts";
import { assertNoConflict, findConflicts } from "../../registration/conflicts.ts";
import { withRegistrationLock } from "../../registration/lock.ts";
import { readClsid } from "../../registration/read-installation.ts";
import { planRegistration, type Installation, type PlanEntry } from "../../registration/plan.ts";
import { openMachine } from "../../registration/machine.ts";
import {
  applyRegistration,
  ownedBy,
  planSteps,
  planTasks,
  recoverRegistration,
  type ApplyOptions,
  type RegistrationMachine,
} from "../../registration/register.ts";
import type { Step } from "../../registration/step.ts";
import { isChange, planParts, type WantedParts } from "../../registration/parts.ts";
import { planService } from "../../registration/writer-service.ts";
import { planDeclared } from "../../writer/declared.ts";
import { checkPlaces } from "../shared/check-places.ts";
import { setAction, type ContextOf } from "../shared/command.ts";
import { commandDocument, guid, whetherChanged } from "../shared/document.ts";
import { EXIT } from "../shared/exit-code.ts";
import { findInstallation, manifestPath } from "../shared/installation.ts";
import { keptTo, warningsTo, type Screen } from "../shared/output.ts";
import { previewRecord, setRecordAside } from "../shared/repair-record.ts";
import { requireElevation } from "../shared/require-elevation.ts";
import {
  endSessionBeforeChange,
  findSessionOwner,
  previewSessionEnd,
  type SessionOwner,
} from "../shared/session.ts";
import {
  showSteps,
  showTasks,
  stepDefinition,
  stepDocuments,
  partChangeDefinition,
  partChanges,
  showParts,
  taskDefinition,
  taskDocuments,
} from "../shared/show-steps.ts";

const document = commandDocument(
  "Output of register: the add-in was registered; with --dry-run, the planned changes.",
  {
    ok: literal(true),
    changed: whetherChanged,
    writerId: guid,
    warnings: list(string).about(
      "Files that users other than administrators can change; accepted with --allow-writable-folder.",
    ),
    steps: list(stepDefinition).about("The changes, in order. Only with --dry-run.").optional(),
    tasks: list(taskDefinition)
      .about("Start-up tasks, after them. Only with --dry-run.")
      .optional(),
    declaredWriter: partChangeDefinition
      .about("Change of the declared writer, after them. Only with --dry-run.")
      .optional(),
    writerService: partChangeDefinition
      .about("Change of the writer's service, after them. Only with --dry-run.")
      .optional(),
  },
);

export interface RegisterOptions {
  readonly manifest: string;
  readonly node?: string;
  readonly dryRun?: boolean;
  readonly update?: boolean;
  readonly force?: boolean;
  readonly activate: boolean;
  readonly bootRecovery: boolean;
  readonly allowWritableFolder?: boolean;
  readonly repair?: boolean;
}

/** The checked inputs of a registration. */
export interface Request {
  readonly manifest: Manifest;
  readonly plan: readonly PlanEntry[];
  readonly installation: Installation;
  readonly options: RegisterOptions;
  readonly binding: NativeBinding;
  readonly machine: RegistrationMachine;
  /** The files that users other than administrators can change, if the administrator allows it. */
  readonly warnings: readonly string[];
}

async function requireServices(binding: NativeBinding, manifest: Manifest): Promise<void> {
  if (manifest.addin === undefined && manifest.services.length > 0) {
    throw new WsbError(
      "ERR_WSB_INVALID_MANIFEST",
      "The manifest names services but has no add-in to stop them; nothing was changed. Add clsid and appId, or remove services.",
    );
  }
  for (const [index, name] of manifest.services.entries()) {
    if ((await binding.queryService(name)) === null) {
      throw new WsbError(
        "ERR_WSB_INVALID_MANIFEST",
        `services[${index}] of the manifest is ${JSON.stringify(name)}, but this machine has no such service; nothing was changed. Install the service first, or correct the name (sc.exe query lists all services).`,
      );
    }
  }
}

export async function readRequest(
  options: RegisterOptions,
  report: ReportForeign,
): Promise<Request> {
  const manifestFile = manifestPath(options.manifest);
  const manifest = loadManifest(manifestFile);
  const installation = findInstallation(manifestFile, manifest, options.node);
  const plan = planRegistration(manifest, installation);
  const binding = loadBinding();
  await requireServices(binding, manifest);
  const hasProgram = manifest.addin !== undefined || installation.writerScript !== undefined;
  const warnings = hasProgram
    ? checkPlaces(binding, installation, { allow: options.allowWritableFolder === true })
    : [];
  const machine = openMachine(binding, report);
  return { manifest, plan, installation, options, binding, machine, warnings };
}

function refuseConflicts({ manifest, plan, installation, options, machine }: Request): void {
  const owned = ownedBy(machine, manifest.writerId);
  const service = planService(manifest, installation);
  assertNoConflict(findConflicts({ ...machine, manifest, plan, service, owned }), {
    force: options.force === true,
    update: options.update === true,
  });
}

function dryRun(given: Request, { output }: ContextOf<typeof document>): number {
  const { manifest, plan, options, warnings } = given;
  const { writerId } = manifest;
  const isRepair = options.repair === true;
  const machine = previewRecord(given.machine, { writerId, isRepair }, output);
  const request = { ...given, machine };
  for (const warning of warnings) output.note(`Warning: ${warning}`);
  refuseConflicts(request);
  const steps = stepsOf(request);
  const owner = steps.length === 0 ? undefined : registeredOwner(request);
  if (owner !== undefined) previewSessionEnd(owner, (text) => output.note(text));
  const tasks = planTasks(machine, writerId, { plan, task: taskOf(request), steps });
  const parts = planParts(machine, writerId, {
    wanted: wantedParts(request),
    owned: ownedBy(machine, writerId),
  });
  output.line(
    steps.length + tasks.length === 0 && !isChange(parts)
      ? `${manifest.name} is already registered. Nothing would change.`
      : `Registering ${manifest.name} would make these changes, in order:`,
  );
  for (const line of showSteps(machine.api, steps, plan)) output.line(line);
  for (const line of showTasks(tasks)) output.line(line);
  for (const line of showParts(parts, writerId)) output.line(line);
  output.json({
    ok: true,
    changed: false,
    writerId,
    warnings,
    steps: stepDocuments(machine.api, steps, plan),
    tasks: taskDocuments(tasks),
    ...partChanges(parts),
  });
  return EXIT.done;
}

/** The declared writer, or the writer's service. */
function wantedParts({ manifest, installation }: Request): WantedParts {
  return { declared: planDeclared(manifest), service: planService(manifest, installation) };
}

/** The start-up task that the options and the manifest require; `null` for none. */
function taskOf({ manifest, installation, options }: Request): ApplyOptions["task"] {
  const { addin } = manifest;
  if (addin === undefined || !options.bootRecovery || !needsBootTask(manifest)) return null;
  return { clsid: addin.clsid, xml: bootTaskXml(manifest, installation) };
}

/**
 * Registers an add-in.
 *
 * @returns `true` if the machine was changed.
 */
export async function register(request: Request, output: Screen): Promise<boolean> {
  const { manifest, plan, options, binding, machine, warnings } = request;
  const { writerId, addin } = manifest;
  requireElevation(binding);
  for (const warning of warnings) output.note(`Warning: ${warning}`);
  const report = warningsTo(output);
  const onKept = keptTo(output);
  const { changed } = await withRegistrationLock({ api: binding, report }, async () => {
    if (options.repair === true) setRecordAside(machine, writerId, output);
    const recovery = await recoverRegistration(machine, writerId, onKept);
    if (recovery !== "nothing to do")
      output.note(`Recovered from an interrupted command: ${recovery}.`);
    refuseConflicts(request);
    if (stepsOf(request).length > 0) await endSession(request, output);
    const isToActivate = addin !== undefined && options.activate;
    return applyRegistration(machine, writerId, plan, {
      task: taskOf(request),
      ...wantedParts(request),
      onKept,
      ...(isToActivate && { activate: () => activateOnce(healActivation(binding), addin.clsid) }),
    });
  });
  output.line(
    changed
      ? `Registered ${manifest.name} as ${JSON.stringify(manifest.applicationIdentifier)}.`
      : `${manifest.name} is already registered. Nothing changed.`,
  );
  return changed;
}

/** The changes of the registry. */
function stepsOf({ machine, plan, manifest }: Request): readonly Step[] {
  const owned = ownedBy(machine, manifest.writerId) ?? { values: [], createdKeys: [] };
  return planSteps(machine.api, plan, owned).steps;
}

/** The add-in that is registered now; `undefined` for none. */
function registeredOwner({ binding, manifest, options }: Request): SessionOwner | undefined {
  const { writerId } = manifest;
  if (readClsid(binding, writerId) === undefined) return undefined;
  return findSessionOwner(binding, { manifest: options.manifest, writerId });
}

/** Another class or folder would leave an open session of the registered one to nobody. */
async function endSession(request: Request, output: Screen): Promise<void> {
  const owner = registeredOwner(request);
  if (owner !== undefined) await endSessionBeforeChange(owner, warningsTo(output));
}

export function registerCommand(): Command {
  const command = new Command("register")
    .description(
      "register the add-in with COM and Windows Server Backup; makes all changes or none",
    )
    .option("--manifest <file>", "manifest of the add-in", "wsb-addin.json")
    .option("--node <file>", "64-bit node.exe that runs the add-in (default: the running one)")
    .option("--dry-run", "show the changes without making them")
    .option("--update", "change an existing registration to another folder, node.exe or class")
    .option("--force", "replace another program's registration of these ids")
    .option(
      "--allow-writable-folder",
      "accept files that other users can change; they run as LocalSystem",
    )
    .option("--repair", "set a damaged registration record aside first")
    .option("--no-boot-recovery", "create no start-up task that recovers an interrupted restore")
    .option("--no-activate", "do not start the add-in once to prove that it works");
  return setAction(command, "windows", document, async (options: RegisterOptions, context) => {
    const request = await readRequest(options, warningsTo(context.output));
    if (options.dryRun === true) return dryRun(request, context);
    const changed = await register(request, context.output);
    const { manifest, warnings } = request;
    context.output.json({ ok: true, changed, writerId: manifest.writerId, warnings });
    return EXIT.done;
  });
}
