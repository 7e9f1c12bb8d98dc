import { WsbError, errorText } from "../../base/errors.ts";
import { parseGuid } from "../../base/guid.ts";
import { ownCommand } from "../../base/own-command.ts";
import type { BootTasks } from "./boot-task.ts";
import { writerKey, showKey } from "./keys.ts";
import type { PlanEntry } from "./plan.ts";
import {
  changeParts,
  isChange,
  keptParts,
  ownedAfter,
  partStates,
  partsToPutBack,
  planParts,
  planPartsRemoval,
  standingParts,
  inspectParts,
  type OwnedParts,
  type PartConditions,
  type PartStates,
  type PlannedParts,
  type WantedParts,
  type Writers,
} from "./parts.ts";
import type { Owned, OwnedValue, RegistrationRecords, TaskState } from "./registration-record.ts";
import { missingKeys, type RegistryApi } from "./registry-api.ts";
import { decodeString, sameValue, showValue } from "./registry-value.ts";
import {
  flushChanges,
  putBack,
  readBefore,
  sameSlot,
  showKept,
  showSlot,
  takeStep,
  type Before,
  type ReportKept,
  type Slot,
  type Step,
} from "./step.ts";

/** The parts of a machine that a registration changes, and its registration records. */
export interface RegistrationMachine extends Writers {
  readonly api: RegistryApi;
  readonly tasks: BootTasks;
  readonly records: RegistrationRecords;
}

/** The result of a command. */
export interface RegistrationOutcome {
  /** `false` if the machine already had the desired state. */
  readonly changed: boolean;
  /** Values that were changed after registration, and were therefore kept. */
  readonly kept: readonly string[];
}

/** The recovery from an interrupted command. */
export type Recovery = "nothing to do" | "registration undone" | "removal completed";

/** A value that differs from the written one. */
export interface Drift {
  readonly key: string;
  readonly name: string;
  readonly expected: string;
  readonly found: string;
}

/** The state of a registration and its differences. */
export interface RegistrationState extends PartConditions {
  /** `foreign`: another program registered the writer, and the values differ from the plan. */
  readonly state: "registered" | "drifted" | "absent" | "foreign";
  readonly drift: readonly Drift[];
}

const nothingOwned: Owned = { values: [], createdKeys: [] };

function setValue(slot: Slot, value: OwnedValue["replaced"]): Step {
  return { kind: "setValue", key: slot.key, name: slot.name, value };
}

/** Returns the steps that remove the owned values, except values that were changed since. */
function removalSteps(
  api: RegistryApi,
  owned: Pick<Owned, "values" | "createdKeys">,
): { readonly steps: readonly Step[]; readonly kept: readonly string[] } {
  const steps: Step[] = [];
  const kept: string[] = [];
  for (const one of owned.values.toReversed()) {
    const found = api.readRegistryValue(one.key, one.name);
    if (sameValue(found, one.replaced)) continue;
    if (sameValue(found, one.value)) steps.push(setValue(one, one.replaced));
    else kept.push(showKept(one, found));
  }
  for (const key of owned.createdKeys.toReversed()) steps.push({ kind: "deleteKey", key });
  return { steps, kept };
}

/**
 * Returns the steps from the owned values to the plan, the values owned afterwards, and those that are
 * not in the plan any more but stay, because they were changed since.
 */
export function planSteps(
  api: RegistryApi,
  plan: readonly PlanEntry[],
  owned: Owned,
): { readonly steps: readonly Step[]; readonly owned: Owned; readonly kept: readonly string[] } {
  const steps: Step[] = [];
  const values: OwnedValue[] = [];
  const missing = missingKeys(
    api,
    plan.map(({ key }) => key),
  );
  const created = new Set<string>();
  for (const { key, name, value } of plan) {
    for (const needed of missing) {
      if (!created.has(needed) && (needed === key || key.startsWith(`${needed}\\`))) {
        created.add(needed);
        steps.push({ kind: "createKey", key: needed });
      }
    }
    const before = owned.values.find((one) => sameSlot(one, { key, name }));
    const found = api.readRegistryValue(key, name);
    if (!sameValue(found, value)) steps.push(setValue({ key, name }, value));
    // An equal value that another program wrote belongs to the registration too, but stays after it.
    values.push({ key, name, value, replaced: before === undefined ? found : before.replaced });
  }
  const needed = (key: string): boolean =>
    plan.some((entry) => entry.key === key || entry.key.startsWith(`${key}\\`));
  const dropped = removalSteps(api, {
    values: owned.values.filter((one) => !plan.some((entry) => sameSlot(entry, one))),
    createdKeys: owned.createdKeys.filter((key) => !needed(key)),
  });
  const createdKeys = [...owned.createdKeys.filter(needed), ...missing];
  return {
    steps: [...steps, ...dropped.steps],
    owned: { ...owned, values, createdKeys: [...new Set(createdKeys)] },
    kept: dropped.kept,
  };
}

/** A machine before a change of a registration. */
interface Undo extends PartStates {
  readonly before: Before;
  readonly tasks: readonly TaskState[];
  /** The registration that was there. */
  readonly previous: Owned | null;
}

/** Takes all steps; they are on the disk when this returns. */
function takeAll(api: RegistryApi, steps: readonly Step[]): void {
  for (const step of steps) takeStep(api, step);
  flushChanges(
    api,
    steps.map(({ key }) => key),
  );
}

/** Tells whether somebody has set a value since its step was planned, and names it then. */
function isChanged(
  api: RegistryApi,
  step: Step,
  { before, keep }: { readonly before: Before; readonly keep: ReportKept },
): boolean {
  const planned = before.values.find((one) => step.kind === "setValue" && sameSlot(one, step));
  if (planned === undefined) return false;
  const found = api.readRegistryValue(planned.key, planned.name);
  if (sameValue(found, planned.value)) return false;
  keep(showKept(planned, found));
  return true;
}

/** Restores registry, parts and start-up tasks, then the registration record. */
async function undo(
  machine: RegistrationMachine,
  writerId: string,
  change: Undo,
  onKept: ReportKept,
): Promise<readonly string[]> {
  const { api, tasks, records } = machine;
  const { before, tasks: tasksBefore, previous } = change;
  const failures = [...putBack(api, before, onKept)];
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      failures.push(errorText(error));
    }
  };
  for (const work of partsToPutBack(machine, writerId, { states: change, onKept })) {
    await attempt(work);
  }
  for (const task of tasksBefore) await attempt(() => setTask(tasks, task));
  if (failures.length > 0) return failures;
  flushChanges(api, keysOf(before));
  if (previous === null) records.remove(writerId);
  else records.write(writerId, { state: "registered", owned: previous });
  return [];
}

function keysOf({ values, keys }: Before): readonly string[] {
  return [...values, ...keys].map(({ key }) => key);
}

/** Records that a change is undone: the record of its end may be on the disk though it failed. */
function noteUndo({ records }: RegistrationMachine, writerId: string, change: Undo): void {
  try {
    records.write(writerId, { state: "registering", ...change });
  } catch {
    // The disk takes no record: most likely not the one of the end either.
  }
}

/** Undoes the changes and throws `error`, with a list of the changes that could not be undone. */
async function undoAndThrow(
  machine: RegistrationMachine,
  writerId: string,
  { error, onKept, ...change }: Undo & { readonly error: unknown; readonly onKept: ReportKept },
): Promise<never> {
  let failures: readonly string[];
  noteUndo(machine, writerId, change);
  try {
    failures = await undo(machine, writerId, change, onKept);
  } catch (second) {
    failures = [errorText(second)];
  }
  if (failures.length === 0) throw error;
  throw new WsbError(
    "ERR_WSB_UNDO",
    `${errorText(error)} Not everything could be undone:\n${failures.map((one) => `  ${one}`).join("\n")}\nThe next ${ownCommand("register")}, unregister or recover tries again.`,
    { cause: error },
  );
}

/** Puts a start-up task into a state, unless it is there already. */
async function setTask(tasks: BootTasks, { clsid, xml }: TaskState): Promise<void> {
  if (tasks.read(clsid) === xml) return;
  if (xml === null) await tasks.remove(clsid);
  else await tasks.create(clsid, xml);
}

/** Returns the class of a registration; `undefined` if it has none. */
function clsidOf(owned: Owned | null, writerId: string): string | undefined {
  const slot = { key: writerKey(writerId), name: "CLSID" };
  const value = owned?.values.find((one) => sameSlot(one, slot))?.value;
  return value === undefined ? undefined : parseGuid(decodeString(value) ?? "");
}

function verify(api: RegistryApi, plan: readonly PlanEntry[]): void {
  for (const entry of plan) {
    const found = api.readRegistryValue(entry.key, entry.name);
    if (!sameValue(found, entry.value)) {
      throw new WsbError(
        "ERR_WSB_WINDOWS_API",
        `${showSlot(entry)} reads back as ${showValue(found)}, but ${showValue(entry.value)} was written; everything was undone. Find the program that protects the registry.`,
      );
    }
  }
}

/**
 * Recovers from an interrupted command: undoes a registration, completes a removal. A value that
 * somebody else has changed meanwhile stays.
 *
 * @throws {@link WsbError} `ERR_WSB_UNDO` if this fails; it can be repeated.
 */
export async function recoverRegistration(
  machine: RegistrationMachine,
  writerId: string,
  onKept: ReportKept = () => {},
): Promise<Recovery> {
  const record = machine.records.read(writerId);
  if (record === undefined || record.state === "registered") return "nothing to do";
  if (record.state === "registering") {
    const failures = await undo(machine, writerId, record, onKept);
    if (failures.length === 0) return "registration undone";
    throw new WsbError(
      "ERR_WSB_UNDO",
      `An interrupted registration cannot be undone:\n${failures.map((one) => `  ${one}`).join("\n")}\nFix these problems and run the command again.`,
    );
  }
  const { owned } = record;
  const clsid = clsidOf(owned, writerId);
  if (clsid !== undefined) await machine.tasks.remove(clsid);
  const parts = planPartsRemoval(machine, writerId, owned);
  await changeParts(machine, writerId, { planned: parts, onKept });
  const { steps, kept } = removalSteps(machine.api, owned);
  takeAll(machine.api, steps);
  for (const value of [...kept, ...keptParts(parts)]) onKept(value);
  machine.records.remove(writerId);
  return "removal completed";
}

/** Returns the owned values of a writer; no command may be running. */
export function ownedBy({ records }: RegistrationMachine, writerId: string): Owned | null {
  const record = records.read(writerId);
  return record === undefined || record.state !== "registered" ? null : record.owned;
}

export interface ApplyOptions extends WantedParts {
  /** Proves that the class works; if it rejects, the registration is undone. */
  readonly activate?: () => Promise<void>;
  /**
   * The start-up task that the registration has; `null` for none.
   *
   * @defaultValue tasks stay as they are
   */
  readonly task?: { readonly clsid: string; readonly xml: string } | null | undefined;
  /** Is told at once, also by a command that fails. */
  readonly onKept?: ReportKept;
}

/**
 * Writes the plan to the registry, the start-up task, and the declared writer or the writer's service:
 * everything or nothing.
 *
 * It saves the old state to disk before the first step. It changes nothing if the plan is already
 * registered, and removes values of an earlier registration that are not in the plan. Look for
 * conflicts first with {@link findConflicts}.
 *
 * @throws {@link WsbError} the error of the failed step, after everything was undone; `ERR_WSB_UNDO` if
 * something could not be undone.
 */
export async function applyRegistration(
  machine: RegistrationMachine,
  writerId: string,
  plan: readonly PlanEntry[],
  { activate = async () => {}, task, onKept = () => {}, ...wanted }: ApplyOptions = {},
): Promise<RegistrationOutcome> {
  const kept: string[] = [];
  const keep = collecting(kept, onKept);
  await recoverRegistration(machine, writerId, keep);
  const { api, records } = machine;
  const previous = ownedBy(machine, writerId) ?? adopt(machine, writerId, plan);
  const { steps, owned, kept: left } = planSteps(api, plan, previous ?? nothingOwned);
  const taskSteps = taskChanges(machine, clsidOf(previous, writerId), { task, steps });
  const parts = planParts(machine, writerId, { wanted, owned: previous });
  const isService = (wanted.service ?? null) !== null;
  const changed = steps.length > 0 || taskSteps.length > 0 || isChange(parts);
  if (!changed && isOwned(previous, parts)) {
    return { changed: isService && (await machine.services.start(writerId)), kept };
  }
  const before = readBefore(api, steps);
  const tasks = taskSteps.map(({ clsid }) => ({ clsid, xml: machine.tasks.read(clsid) }));
  const change: Undo = { before, tasks, previous, ...partStates(parts) };
  records.write(writerId, { state: "registering", ...change });
  let isStarted = false;
  try {
    takeAll(api, steps);
    verify(api, plan);
    if (steps.length > 0) await activate();
    for (const one of taskSteps) await setTask(machine.tasks, one);
    // Last: from now on, backups contain the application.
    await changeParts(machine, writerId, { planned: parts, onKept: keep });
    if (isService && (await machine.services.start(writerId))) isStarted = true;
    const { values, createdKeys } = owned;
    records.write(writerId, {
      state: "registered",
      owned: { values, createdKeys, ...ownedAfter(parts) },
    });
  } catch (error) {
    await undoAndThrow(machine, writerId, { ...change, error, onKept });
  }
  for (const value of [...left, ...keptParts(parts)]) keep(value);
  return { changed: changed || isStarted, kept };
}

/** Tells whether a registration already owns what it would own after a change. */
function isOwned(previous: Owned | null, parts: PlannedParts): boolean {
  const { document, service } = ownedAfter(parts);
  return previous?.document === document && previous?.service === service;
}

function collecting(kept: string[], onKept: ReportKept): ReportKept {
  return (value) => {
    kept.push(value);
    onKept(value);
  };
}

/** Owns what an imported export has written; otherwise unregister would keep it. */
function adopt(
  { api, records }: RegistrationMachine,
  writerId: string,
  plan: readonly PlanEntry[],
): Owned | null {
  const imported = standing(api, plan);
  if (imported !== null) records.write(writerId, { state: "registered", owned: imported });
  return imported;
}

/** Plans the start-up tasks that {@link applyRegistration} sets, and changes nothing. */
export function planTasks(
  machine: RegistrationMachine,
  writerId: string,
  {
    plan,
    ...wanted
  }: {
    readonly plan: readonly PlanEntry[];
    readonly task: ApplyOptions["task"];
    readonly steps: readonly Step[];
  },
): readonly TaskState[] {
  const previous = ownedBy(machine, writerId) ?? standing(machine.api, plan);
  return taskChanges(machine, clsidOf(previous, writerId), wanted);
}

/** The start-up tasks to change: none where the registry stays and the task is there. */
function taskChanges(
  { tasks }: RegistrationMachine,
  previousClsid: string | undefined,
  { task, steps }: { readonly task: ApplyOptions["task"]; readonly steps: readonly Step[] },
): readonly TaskState[] {
  if (task === undefined) return [];
  const isObsolete = previousClsid !== undefined && previousClsid !== task?.clsid;
  const obsolete = isObsolete && tasks.read(previousClsid) !== null ? [previousClsid] : [];
  const isWanted = task !== null && (steps.length > 0 || tasks.read(task.clsid) === null);
  return [
    ...obsolete.map((clsid) => ({ clsid, xml: null })),
    ...(isWanted ? [{ clsid: task.clsid, xml: task.xml }] : []),
  ];
}

/** What {@link removeRegistration} does. */
export interface Removal {
  readonly owned: Owned;
  readonly steps: readonly Step[];
  /** Values that were changed after registration, and are therefore kept. */
  readonly kept: readonly string[];
  /** The start-up tasks to remove, as they are now. */
  readonly tasks: readonly TaskState[];
  readonly parts: PlannedParts;
}

/** What a registration without a registration record is compared with, besides its plan. */
export interface Imported {
  /** Whether the plan is of a registration whose record was damaged. */
  readonly isPartial?: boolean;
  /** The parts that the manifest names. */
  readonly parts?: OwnedParts;
}

/**
 * Plans {@link removeRegistration}, and changes nothing; `null` if the writer is not registered. No
 * command may be running or interrupted.
 */
export function planRemoval(
  machine: RegistrationMachine,
  writerId: string,
  plan: readonly PlanEntry[],
  imported: Imported,
): Removal | null {
  const { api, tasks } = machine;
  const owned = ownedBy(machine, writerId) ?? importedBy(machine, writerId, { plan, ...imported });
  if (owned === null) return null;
  const clsid = clsidOf(owned, writerId);
  const removed = clsid === undefined ? [] : [{ clsid, xml: tasks.read(clsid) }];
  const parts = planPartsRemoval(machine, writerId, owned);
  const { steps, kept } = removalSteps(api, owned);
  return { owned, steps, kept: [...kept, ...keptParts(parts)], tasks: removed, parts };
}

export interface RemoveOptions extends Imported {
  /** Is told at once, also by a command that fails. */
  readonly onKept?: ReportKept;
}

/**
 * Removes the start-up task, the declared writer, the writer's service and the values that {@link applyRegistration} wrote,
 * in reverse order, and nothing else: everything or nothing.
 *
 * It changes nothing if the writer is not registered.
 *
 * @param plan The owned values of a writer without a registration record: an imported export, or,
 * with `isPartial`, those of a registration whose record was damaged.
 * @throws {@link WsbError} `ERR_WSB_CONFLICT` if another program registered the writer; the error of
 * the failed step, after everything was restored.
 */
export async function removeRegistration(
  machine: RegistrationMachine,
  writerId: string,
  plan: readonly PlanEntry[] = [],
  { onKept = () => {}, ...imported }: RemoveOptions = {},
): Promise<RegistrationOutcome> {
  const kept: string[] = [];
  const keep = collecting(kept, onKept);
  const recovery = await recoverRegistration(machine, writerId, keep);
  const { api, records } = machine;
  const removal = planRemoval(machine, writerId, plan, imported);
  if (removal === null) return { changed: recovery === "removal completed", kept };
  const { owned, steps, tasks, parts } = removal;
  const before = readBefore(api, steps);
  // What somebody else deletes meanwhile is not to be given back: until then, nothing was removed here.
  let removed: Before = { values: [], keys: [] };
  records.write(writerId, { state: "unregistering", owned });
  try {
    // First: what the task scheduler or VSS refuses is undone most easily.
    for (const { clsid } of tasks) await machine.tasks.remove(clsid);
    await changeParts(machine, writerId, { planned: parts, onKept: keep });
    removed = before;
    takeAll(
      api,
      steps.filter((step) => !isChanged(api, step, { before, keep })),
    );
    records.remove(writerId);
  } catch (error) {
    const change: Undo = { before: removed, tasks, previous: owned, ...partStates(parts) };
    await undoAndThrow(machine, writerId, { ...change, error, onKept });
  }
  for (const value of removal.kept) keep(value);
  return { changed: true, kept };
}

/** Returns all of `plan` as owned values if all of it is in the registry: an imported export. */
function standing(api: RegistryApi, plan: readonly PlanEntry[]): Owned | null {
  const isThere = (entry: PlanEntry): boolean =>
    sameValue(api.readRegistryValue(entry.key, entry.name), entry.value);
  if (plan.length === 0 || !plan.every(isThere)) return null;
  return {
    values: plan.map(({ key, name, value }) => ({ key, name, value, replaced: null })),
    createdKeys: [...new Set(plan.map(({ key }) => key))],
  };
}

/** Returns the entries of a plan that are in the registry. */
function partOf(api: RegistryApi, plan: readonly PlanEntry[]): readonly PlanEntry[] {
  return plan.filter(({ key, name, value }) => sameValue(api.readRegistryValue(key, name), value));
}

/** Tells whether an application is registered; a key without these values registers none. */
function isWriterThere(api: RegistryApi, writerId: string): boolean {
  const key = writerKey(writerId);
  return ["Application Identifier", "CLSID"].some(
    (name) => api.readRegistryValue(key, name) !== null,
  );
}

/** Returns what a writer without a registration record owns. */
function importedBy(
  machine: RegistrationMachine,
  writerId: string,
  { plan, isPartial = false, parts = {} }: Imported & { readonly plan: readonly PlanEntry[] },
): Owned | null {
  const { api } = machine;
  const found = standingParts(machine, writerId, parts);
  if (!isWriterThere(api, writerId)) return found === null ? null : { ...nothingOwned, ...found };
  const imported = standing(api, isPartial ? partOf(api, plan) : plan);
  if (imported !== null) return { ...imported, ...found };
  throw new WsbError(
    "ERR_WSB_CONFLICT",
    `${showKey(writerKey(writerId))} was not written by wsb-addin; nothing was changed. Remove it with the program that wrote it.`,
  );
}

/**
 * Compares the machine with the registration record, or with `plan` and `parts` if there is no record,
 * as after the import of an export.
 */
export function inspectRegistration(
  machine: RegistrationMachine,
  writerId: string,
  plan: readonly PlanEntry[] = [],
  parts: OwnedParts = {},
): RegistrationState {
  const { api } = machine;
  const owned = ownedBy(machine, writerId);
  const drift = (owned?.values ?? plan).flatMap((entry): readonly Drift[] => {
    const found = api.readRegistryValue(entry.key, entry.name);
    if (sameValue(found, entry.value)) return [];
    const { key, name, value } = entry;
    return [{ key: showKey(key), name, expected: showValue(value), found: showValue(found) }];
  });
  if (owned === null && !isWriterThere(api, writerId)) return { state: "absent", drift: [] };
  if (owned === null && (plan.length === 0 || drift.length > 0)) {
    return { state: "foreign", drift: [] };
  }
  const conditions = inspectParts(machine, writerId, owned ?? parts);
  const { declaredWriter = "registered", writerService = "registered" } = conditions;
  const isAsWritten =
    drift.length === 0 && declaredWriter === "registered" && writerService === "registered";
  return { state: isAsWritten ? "registered" : "drifted", drift, ...conditions };
}
