import { WsbError, windowsError } from "../errors.ts";
import { writerKey, showKey } from "./keys.ts";
import type { PlanEntry } from "./plan.ts";
import {
  deleteRecord,
  isEmptyKey,
  parentKey,
  readRecord,
  writeRecord,
  type RecordedValue,
  type RegistrationRecord,
  type RegistryApi,
} from "./record.ts";
import { sameValue, showValue } from "./registry-value.ts";

/** What a command did to the machine. */
export interface RegistrationOutcome {
  /** `false`: it was so already, and nothing was written. */
  readonly changed: boolean;
  /** Values that somebody has changed since they were written, and that were therefore kept. */
  readonly kept: readonly string[];
}

/** Whether a registration is in place, entry by entry. */
export interface RegistrationState {
  /** `foreign`: the writer is registered, but not by the kit. */
  readonly state: "registered" | "drifted" | "absent" | "foreign";
  readonly drift: readonly {
    readonly key: string;
    readonly name: string;
    readonly expected: string;
    readonly found: string;
  }[];
}

const REPORT = "Report it with the output of wsb-addin status --json.";

function sameSlot(a: RecordedValue, b: RecordedValue): boolean {
  return a.key === b.key && a.name === b.name;
}

function showSlot({ key, name }: RecordedValue): string {
  return `${showKey(key)}, value ${name === "" ? "(default)" : JSON.stringify(name)}`;
}

/** Keys of `values` with all parents that do not exist, parents first, each once. */
function missingKeys(api: RegistryApi, values: readonly RecordedValue[]): readonly string[] {
  const missing: string[] = [];
  const visit = (key: string): void => {
    if (missing.includes(key) || api.readRegistryKey(key) !== null) return;
    if (key.includes("\\")) visit(parentKey(key));
    missing.push(key);
  };
  for (const { key } of values) visit(key);
  return missing;
}

/** A value that stands there, differs and is not ours belongs to somebody else. */
function assertNoConflict(
  api: RegistryApi,
  plan: readonly PlanEntry[],
  record: RegistrationRecord | undefined,
): void {
  for (const entry of plan) {
    const found = api.readRegistryValue(entry.key, entry.name);
    const ours = record?.values.some((value) => sameSlot(value, entry)) === true;
    if (found !== null && !ours && !sameValue(found, entry.value)) {
      throw new WsbError(
        "ERR_WSB_CONFLICT",
        `${showSlot(entry)} is ${showValue(found)} already and was not written by wsb-addin; nothing was changed. Remove the other registration first, or use other ids in the manifest.`,
      );
    }
  }
}

/** Removes values, last written first, and returns those that are no longer as they were written. */
function removeValues(api: RegistryApi, values: readonly RecordedValue[]): readonly string[] {
  const kept: string[] = [];
  for (const expected of values.toReversed()) {
    try {
      const found = api.readRegistryValue(expected.key, expected.name);
      if (sameValue(found, expected.value)) {
        api.deleteRegistryValue(expected.key, expected.name);
      } else if (found !== null) {
        kept.push(`${showSlot(expected)}, now ${showValue(found)}`);
      }
    } catch (error) {
      throw windowsError(`Cannot remove ${showSlot(expected)}`, REPORT, error);
    }
  }
  return kept;
}

function removeKeys(api: RegistryApi, keys: readonly string[]): void {
  for (const key of keys.toReversed()) {
    try {
      // A key that others use by now stays.
      if (isEmptyKey(api, key)) api.deleteRegistryKey(key);
    } catch (error) {
      throw windowsError(`Cannot remove ${showKey(key)}`, REPORT, error);
    }
  }
}

function keepRecord(api: RegistryApi, writerId: string, record: RegistrationRecord): void {
  try {
    writeRecord(api, writerId, record);
  } catch (error) {
    throw windowsError("Cannot record the registration", REPORT, error);
  }
}

/**
 * Writes a registration: the record first, then the plan in its order.
 *
 * Registering what is registered already changes nothing. What an earlier registration of the same
 * writer wrote and this plan does not have is removed.
 *
 * @throws {@link WsbError} `ERR_WSB_CONFLICT` when a value belongs to somebody else (nothing was
 * changed), `ERR_WSB_ACCESS_DENIED` without administrator rights.
 */
export function applyRegistration(
  api: RegistryApi,
  writerId: string,
  plan: readonly PlanEntry[],
): RegistrationOutcome {
  const before = readRecord(api, writerId);
  assertNoConflict(api, plan, before);
  const missing = plan.filter(
    (entry) => !sameValue(api.readRegistryValue(entry.key, entry.name), entry.value),
  );
  const dropped = (before?.values ?? []).filter(
    (value) => !plan.some((entry) => sameSlot(entry, value)),
  );
  if (before !== undefined && missing.length === 0 && dropped.length === 0) {
    return { changed: false, kept: [] };
  }

  const createdKeys = [...(before?.createdKeys ?? []), ...missingKeys(api, plan)];
  // What somebody else had written in the same words before stays theirs.
  const ours = plan.filter(
    (entry) =>
      missing.includes(entry) || before?.values.some((value) => sameSlot(value, entry)) === true,
  );
  keepRecord(api, writerId, { values: [...dropped, ...ours], createdKeys });
  for (const entry of plan) {
    try {
      api.createRegistryKey(entry.key);
      api.writeRegistryValue(entry.key, entry.name, entry.value.type, entry.value.data);
    } catch (error) {
      throw windowsError(`Cannot write ${showSlot(entry)}`, REPORT, error);
    }
  }
  if (dropped.length === 0) return { changed: true, kept: [] };
  const kept = removeValues(api, dropped);
  const needed = new Set(plan.map(({ key }) => key));
  removeKeys(
    api,
    createdKeys.filter((key) => !needed.has(key)),
  );
  const left = createdKeys.filter((key) => api.readRegistryKey(key) !== null);
  keepRecord(api, writerId, { values: ours, createdKeys: left });
  return { changed: true, kept };
}

/**
 * Removes what {@link applyRegistration} wrote, last written first, and nothing else.
 *
 * Removing what is not registered changes nothing.
 *
 * @throws {@link WsbError} `ERR_WSB_CONFLICT` when the writer was registered by somebody else.
 */
export function removeRegistration(api: RegistryApi, writerId: string): RegistrationOutcome {
  const record = readRecord(api, writerId);
  if (record === undefined) {
    if (api.readRegistryKey(writerKey(writerId)) === null) return { changed: false, kept: [] };
    throw new WsbError(
      "ERR_WSB_CONFLICT",
      `${showKey(writerKey(writerId))} was not written by wsb-addin; nothing was changed. Remove it with the program that registered it.`,
    );
  }
  const kept = removeValues(api, record.values);
  removeKeys(api, record.createdKeys);
  try {
    deleteRecord(api, writerId);
  } catch (error) {
    throw windowsError("Cannot remove the record of the registration", REPORT, error);
  }
  return { changed: true, kept };
}

/** Compares the machine with what was recorded when the writer was registered. */
export function inspectRegistration(api: RegistryApi, writerId: string): RegistrationState {
  const record = readRecord(api, writerId);
  if (record === undefined) {
    const foreign = api.readRegistryKey(writerKey(writerId)) !== null;
    return { state: foreign ? "foreign" : "absent", drift: [] };
  }
  const drift = record.values.flatMap((expected) => {
    const found = api.readRegistryValue(expected.key, expected.name);
    if (sameValue(found, expected.value)) return [];
    return [
      {
        key: showKey(expected.key),
        name: expected.name,
        expected: showValue(expected.value),
        found: showValue(found),
      },
    ];
  });
  return { state: drift.length === 0 ? "registered" : "drifted", drift };
}
