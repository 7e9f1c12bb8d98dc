import { existsSync } from "node:fs";

import { Command } from "commander";

import { list, literal, string } from "../../../base/document/kinds.ts";
import { addinFolder } from "../../../base/program-data.ts";
import { loadBinding, type NativeBinding } from "../../../runtime/native/binding.ts";
import { writerFolder } from "../../../runtime/writer/journal/freeze-journal.ts";
import { withRegistrationLock } from "../../registration/lock.ts";
import { openMachine } from "../../registration/machine.ts";
import { readClsid } from "../../registration/read-installation.ts";
import {
  planRemoval,
  removeRegistration,
  type RegistrationMachine,
  type RegistrationOutcome,
} from "../../registration/register.ts";
import { setAction, type ContextOf } from "../shared/command.ts";
import { commandDocument, guid, whetherChanged } from "../shared/document.ts";
import { EXIT } from "../shared/exit-code.ts";
import { keptTo, warningsTo, type Screen } from "../shared/output.ts";
import { previewRecord, setRecordAside } from "../shared/repair-record.ts";
import { requireElevation } from "../shared/require-elevation.ts";
import { endSessionBeforeChange, findSessionOwner, previewSessionEnd } from "../shared/session.ts";
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
import { expectedHere, writerIdOf, type Expected, type WriterOptions } from "../shared/writer.ts";

export interface UnregisterOptions extends WriterOptions {
  readonly dryRun?: boolean;
  readonly repair?: boolean;
}

/** The registration to remove, with what the manifest says for one without a registration record. */
export interface UnregisterRequest extends Expected {
  readonly binding: NativeBinding;
  readonly machine: RegistrationMachine;
  readonly options: UnregisterOptions;
}

/**
 * Removes a registration and its start-up task.
 *
 * @throws {@link WsbError} `ERR_WSB_CONFLICT` while a restore session has services stopped.
 */
export async function unregister(
  binding: NativeBinding,
  options: UnregisterOptions,
  screen: Screen,
): Promise<RegistrationOutcome> {
  requireElevation(binding);
  const machine = openMachine(binding, warningsTo(screen));
  return removeWriter({ binding, machine, options, ...expectedHere(options) }, screen);
}

/** Does what {@link unregister} does, on any machine. */
export function removeWriter(
  { binding, machine, options, plan, parts }: UnregisterRequest,
  screen: Screen,
): Promise<RegistrationOutcome> {
  const writerId = writerIdOf(options);
  const report = warningsTo(screen);
  return withRegistrationLock({ api: binding, report }, async () => {
    const owner = findSessionOwner(binding, options);
    if (owner !== undefined) await endSessionBeforeChange(owner, report);
    const isPartial = options.repair === true && setRecordAside(machine, writerId, screen);
    const outcome = await removeRegistration(machine, writerId, plan, {
      isPartial,
      parts,
      onKept: keptTo(screen),
    });
    if (outcome.changed || owner === undefined) return outcome;
    // Release 0.1.0 could leave the task behind.
    const { clsid } = owner.manifest.addin;
    const isLeft = machine.tasks.read(clsid) !== null;
    await machine.tasks.remove(clsid);
    return { ...outcome, changed: isLeft };
  });
}

const document = commandDocument("Output of unregister: the registration was removed.", {
  ok: literal(true),
  changed: whetherChanged,
  writerId: guid,
  kept: list(string).about("Values that were changed after registration, and were therefore kept."),
  dataFolders: list(string)
    .about("Folders with the application's events and journals, which stay. Absent with --dry-run.")
    .optional(),
  steps: list(stepDefinition).about("The changes, in order. Only with --dry-run.").optional(),
  tasks: list(taskDefinition).about("Start-up tasks, before them. Only with --dry-run.").optional(),
  declaredWriter: partChangeDefinition
    .about("Change of the declared writer, before them. Only with --dry-run.")
    .optional(),
  writerService: partChangeDefinition
    .about("Change of the writer's service, before them. Only with --dry-run.")
    .optional(),
});

/** Returns the folders with events and journals of an application that is registered. */
function dataFoldersOf(binding: NativeBinding, writerId: string): readonly string[] {
  const clsid = readClsid(binding, writerId);
  const all = [...(clsid === undefined ? [] : [addinFolder(clsid)]), writerFolder(writerId)];
  return all.filter((folder) => existsSync(folder));
}

/** Shows what would be removed. */
function dryRun(options: UnregisterOptions, { output }: ContextOf<typeof document>): number {
  const binding = loadBinding();
  const writerId = writerIdOf(options);
  const owner = findSessionOwner(binding, options);
  if (owner !== undefined) previewSessionEnd(owner, (text) => output.note(text));
  const opened = openMachine(binding, warningsTo(output));
  const isRepair = options.repair === true;
  const machine = previewRecord(opened, { writerId, isRepair }, output);
  const isPartial = machine !== opened;
  const { plan, parts } = expectedHere(options);
  const removal = planRemoval(machine, writerId, plan, { isPartial, parts });
  const { steps, kept, tasks } = removal ?? { steps: [], kept: [], tasks: [] };
  output.line(
    removal === null
      ? `Writer ${writerId} is not registered. Nothing would change.`
      : `Unregistering writer ${writerId} would make these changes, in order:`,
  );
  const removed = tasks
    .filter(({ xml }) => xml !== null)
    .map(({ clsid }) => ({ clsid, xml: null }));
  const changes = [
    ...showTasks(removed),
    ...(removal === null ? [] : showParts(removal.parts, writerId)),
    ...showSteps(machine.api, steps, []),
  ];
  for (const line of changes) output.line(line);
  for (const value of kept)
    output.note(`It would keep, because it was changed after registration: ${value}`);
  output.json({
    ok: true,
    changed: false,
    kept,
    writerId,
    steps: stepDocuments(machine.api, steps, []),
    tasks: taskDocuments(removed),
    ...(removal !== null && partChanges(removal.parts)),
  });
  return EXIT.done;
}

export function unregisterCommand(): Command {
  const command = new Command("unregister")
    .description("remove what register wrote and nothing else; makes all changes or none")
    .option("--manifest <file>", "manifest of the add-in", "wsb-addin.json")
    .option("--writer-id <guid>", "writer to unregister, if the manifest no longer exists")
    .option("--dry-run", "show the changes without making them")
    .option(
      "--repair",
      "set a damaged registration record aside, and remove what the manifest names",
    );
  return setAction(command, "windows", document, async (options: UnregisterOptions, context) => {
    if (options.dryRun === true) return dryRun(options, context);
    const { output } = context;
    const binding = loadBinding();
    const writerId = writerIdOf(options);
    const dataFolders = dataFoldersOf(binding, writerId);
    const { changed, kept } = await unregister(binding, options, output);
    output.line(
      changed
        ? `Unregistered writer ${writerId}.`
        : `Writer ${writerId} is not registered. Nothing changed.`,
    );
    for (const folder of dataFolders) output.line(`Its events and journals stay in ${folder}.`);
    output.json({ ok: true, changed, kept, dataFolders, writerId });
    return EXIT.done;
  });
}
