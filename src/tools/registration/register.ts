import { WsbError, errorText } from "../../base/errors.ts";
import { writerKey, showKey } from "./keys.ts";
import type { PlanEntry } from "./plan.ts";
import type { Owned, OwnedValue, RegistrationRecords } from "./registration-record.ts";
import { missingKeys, type RegistryApi } from "./registry-api.ts";
import { sameValue, showValue } from "./registry-value.ts";
import {
  putBack,
  readBefore,
  sameSlot,
  showSlot,
  takeStep,
  type Before,
  type Slot,
  type Step,
} from "./step.ts";

/** The registry and the registration records of a machine. */
export interface RegistrationMachine {
  readonly api: RegistryApi;
  readonly records: RegistrationRecords;
}

/** What a command did to the machine. */
export interface RegistrationOutcome {
  /** `false`: it was so already, and nothing was written. */
  readonly changed: boolean;
  /** Values that somebody has changed since they were written, and that were therefore kept. */
  readonly kept: readonly string[];
}

/** What was found of a command that had broken off, and done about it. */
export type Recovery = "nothing to do" | "registration undone" | "removal completed";

/** A value that is not as it was written. */
export interface Drift {
  readonly key: string;
  readonly name: string;
  readonly expected: string;
  readonly found: string;
}

/** Whether a registration is in place, entry by entry. */
export interface RegistrationState {
  /** `foreign`: the writer is registered, but not by the kit and not as the plan says. */
  readonly state: "registered" | "drifted" | "absent" | "foreign";
  readonly drift: readonly Drift[];
}

const nothingOwned: Owned = { values: [], createdKeys: [] };

function setValue(slot: Slot, value: OwnedValue["replaced"]): Step {
  return { kind: "setValue", key: slot.key, name: slot.name, value };
}

/** The steps from what the kit owns to what the plan asks for, and what it will own then. */
export function planSteps(
  api: RegistryApi,
  plan: readonly PlanEntry[],
  owned: Owned,
): { readonly steps: readonly Step[]; readonly owned: Owned } {
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
    const isSame = sameValue(found, value);
    if (!isSame) steps.push(setValue({ key, name }, value));
    // What somebody else had written in the same words stays theirs.
    if (before !== undefined || !isSame) {
      values.push({ key, name, value, replaced: before === undefined ? found : before.replaced });
    }
  }
  const dropped = owned.values.filter((one) => !plan.some((entry) => sameSlot(entry, one)));
  for (const one of dropped.toReversed()) {
    if (sameValue(api.readRegistryValue(one.key, one.name), one.value)) {
      steps.push(setValue(one, one.replaced));
    }
  }
  const needed = (key: string): boolean =>
    plan.some((entry) => entry.key === key || entry.key.startsWith(`${key}\\`));
  for (const key of owned.createdKeys.toReversed()) {
    if (!needed(key)) steps.push({ kind: "deleteKey", key });
  }
  const createdKeys = [...owned.createdKeys.filter(needed), ...missing];
  return { steps, owned: { values, createdKeys: [...new Set(createdKeys)] } };
}

/** The steps that take away what the kit owns; what was changed since is kept. */
function removalSteps(
  api: RegistryApi,
  owned: Owned,
): { readonly steps: readonly Step[]; readonly kept: readonly string[] } {
  const steps: Step[] = [];
  const kept: string[] = [];
  for (const one of owned.values.toReversed()) {
    const found = api.readRegistryValue(one.key, one.name);
    if (sameValue(found, one.value)) steps.push(setValue(one, one.replaced));
    else if (!sameValue(found, one.replaced)) {
      kept.push(`${showSlot(one)}, now ${showValue(found)}`);
    }
  }
  for (const key of owned.createdKeys.toReversed()) steps.push({ kind: "deleteKey", key });
  return { steps, kept };
}

/** Takes the registry back to `before`, then the record to what it was. */
function undo(
  { api, records }: RegistrationMachine,
  writerId: string,
  before: Before,
  previous: Owned | null,
): readonly string[] {
  const failures = putBack(api, before);
  if (failures.length > 0) return failures;
  if (previous === null) records.remove(writerId);
  else records.write(writerId, { state: "registered", owned: previous });
  return [];
}

/** Undoes after `error` and throws it, with what could not be undone. */
function undoAndThrow(
  machine: RegistrationMachine,
  writerId: string,
  before: Before,
  previous: Owned | null,
  error: unknown,
): never {
  let failures: readonly string[];
  try {
    failures = undo(machine, writerId, before, previous);
  } catch (second) {
    failures = [errorText(second)];
  }
  if (failures.length === 0) throw error;
  throw new WsbError(
    "ERR_WSB_UNDO",
    `${errorText(error)} Not everything could be undone:\n${failures.map((one) => `  ${one}`).join("\n")}\nThe next wsb-addin register, unregister or status tries again.`,
    { cause: error },
  );
}

function verify(api: RegistryApi, plan: readonly PlanEntry[]): void {
  for (const entry of plan) {
    const found = api.readRegistryValue(entry.key, entry.name);
    if (!sameValue(found, entry.value)) {
      throw new WsbError(
        "ERR_WSB_WINDOWS_API",
        `${showSlot(entry)} reads back as ${showValue(found)}, and ${showValue(entry.value)} was written; everything was undone. Look for a program that guards the registry.`,
      );
    }
  }
}

/**
 * Ends what a command that broke off has left: a registration is undone, a removal completed.
 *
 * @throws {@link WsbError} `ERR_WSB_UNDO` when that fails; trying again is safe.
 */
export function recoverRegistration(machine: RegistrationMachine, writerId: string): Recovery {
  const record = machine.records.read(writerId);
  if (record === undefined || record.state === "registered") return "nothing to do";
  if (record.state === "registering") {
    const failures = undo(machine, writerId, record.before, record.previous);
    if (failures.length === 0) return "registration undone";
    throw new WsbError(
      "ERR_WSB_UNDO",
      `A registration that broke off cannot be undone:\n${failures.map((one) => `  ${one}`).join("\n")}\nMend what is named and run the command again.`,
    );
  }
  for (const step of removalSteps(machine.api, record.owned).steps) takeStep(machine.api, step);
  machine.records.remove(writerId);
  return "removal completed";
}

/** What the kit owns for a writer; nothing may be under way. */
export function ownedBy({ records }: RegistrationMachine, writerId: string): Owned | null {
  const record = records.read(writerId);
  return record === undefined || record.state !== "registered" ? null : record.owned;
}

/**
 * Registers: either everything of the plan stands afterwards, or nothing has changed.
 *
 * What each step replaces is on disk before the first one. Registering what is registered changes
 * nothing; what an earlier registration of the same writer has and this plan has not is removed.
 * Conflicts are looked for by {@link findConflicts}, before.
 *
 * @param activate Proves that the class works, before the registration counts; rejecting undoes it.
 * @throws {@link WsbError} the error of the step that failed, everything undone; `ERR_WSB_UNDO` when
 * something could not be.
 */
export async function applyRegistration(
  machine: RegistrationMachine,
  writerId: string,
  plan: readonly PlanEntry[],
  activate: () => Promise<void> = async () => {},
): Promise<RegistrationOutcome> {
  recoverRegistration(machine, writerId);
  const { api, records } = machine;
  const previous = ownedBy(machine, writerId);
  const imported = previous === null ? standing(api, plan) : null;
  if (imported !== null) {
    // From now on it is the kit's, or unregister would leave it and say that it is gone.
    records.write(writerId, { state: "registered", owned: imported });
    return { changed: false, kept: [] };
  }
  const { steps, owned } = planSteps(api, plan, previous ?? nothingOwned);
  if (previous !== null && steps.length === 0) return { changed: false, kept: [] };
  const before = readBefore(api, steps);
  records.write(writerId, { state: "registering", before, previous });
  try {
    for (const step of steps) takeStep(api, step);
    verify(api, plan);
    await activate();
    records.write(writerId, { state: "registered", owned });
  } catch (error) {
    undoAndThrow(machine, writerId, before, previous, error);
  }
  return { changed: true, kept: [] };
}

/**
 * Removes what {@link applyRegistration} wrote, last written first, and nothing else.
 *
 * Removing what is not registered changes nothing.
 *
 * @param plan What to take as the kit's own where there is no record: a registration that was
 * imported from an export.
 * @throws {@link WsbError} `ERR_WSB_CONFLICT` when the writer was registered by somebody else; the
 * error of the step that failed, everything put back.
 */
export function removeRegistration(
  machine: RegistrationMachine,
  writerId: string,
  plan: readonly PlanEntry[] = [],
): RegistrationOutcome {
  const recovery = recoverRegistration(machine, writerId);
  const { api, records } = machine;
  const owned = ownedBy(machine, writerId) ?? importedBy(api, writerId, plan);
  if (owned === null) return { changed: recovery === "removal completed", kept: [] };
  const { steps, kept } = removalSteps(api, owned);
  const before = readBefore(api, steps);
  records.write(writerId, { state: "unregistering", owned });
  try {
    for (const step of steps) takeStep(api, step);
    records.remove(writerId);
  } catch (error) {
    undoAndThrow(machine, writerId, before, owned, error);
  }
  return { changed: true, kept };
}

/** All of `plan` as if the kit had written it, where all of it stands: an export was imported. */
function standing(api: RegistryApi, plan: readonly PlanEntry[]): Owned | null {
  const isThere = (entry: PlanEntry): boolean =>
    sameValue(api.readRegistryValue(entry.key, entry.name), entry.value);
  if (plan.length === 0 || !plan.every(isThere)) return null;
  return {
    values: plan.map(({ key, name, value }) => ({ key, name, value, replaced: null })),
    createdKeys: [...new Set(plan.map(({ key }) => key))],
  };
}

/** What stands for a writer without a record. */
function importedBy(api: RegistryApi, writerId: string, plan: readonly PlanEntry[]): Owned | null {
  if (!api.hasRegistryKey(writerKey(writerId))) return null;
  const imported = standing(api, plan);
  if (imported !== null) return imported;
  throw new WsbError(
    "ERR_WSB_CONFLICT",
    `${showKey(writerKey(writerId))} was not written by wsb-addin; nothing was changed. Remove it with the program that registered it.`,
  );
}

/**
 * Compares the machine with what was written when the writer was registered, or, where there is no
 * record, with `plan`. A registration that was imported from an export is as good as one's own.
 */
export function inspectRegistration(
  machine: RegistrationMachine,
  writerId: string,
  plan: readonly PlanEntry[] = [],
): RegistrationState {
  const { api } = machine;
  const owned = ownedBy(machine, writerId);
  const expected = owned?.values ?? plan;
  const drift = expected.flatMap((entry): readonly Drift[] => {
    const found = api.readRegistryValue(entry.key, entry.name);
    if (sameValue(found, entry.value)) return [];
    const { key, name, value } = entry;
    return [{ key: showKey(key), name, expected: showValue(value), found: showValue(found) }];
  });
  if (owned !== null) return { state: drift.length === 0 ? "registered" : "drifted", drift };
  if (!api.hasRegistryKey(writerKey(writerId))) return { state: "absent", drift: [] };
  return plan.length > 0 && drift.length === 0
    ? { state: "registered", drift }
    : { state: "foreign", drift: [] };
}
