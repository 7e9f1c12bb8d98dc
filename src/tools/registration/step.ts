import { errorText, windowsError } from "../../base/errors.ts";
import { ownCommand } from "../../base/own-command.ts";
import type { RawRegistryValue } from "../../runtime/native/binding.ts";
import { showKey } from "./keys.ts";
import { isEmptyKey, type RegistryApi } from "./registry-api.ts";
import { sameValue, showValue } from "./registry-value.ts";

/** The place of a registry value. */
export interface Slot {
  readonly key: string;
  /** `""` for the key's default value. */
  readonly name: string;
}

/** The old or new value of a slot; `null` for none. */
export interface SlotValue extends Slot {
  readonly value: RawRegistryValue | null;
}

/** One change of the registry; it happens completely or not at all. */
export type Step =
  | { readonly kind: "createKey"; readonly key: string }
  | (SlotValue & { readonly kind: "setValue" })
  /** Keeps a key that has values or subkeys of other programs. */
  | { readonly kind: "deleteKey"; readonly key: string };

/** A slot before a step, and what the step writes. */
export interface ChangedValue extends SlotValue {
  /** Absent in a record of release 0.1.0. */
  readonly written?: RawRegistryValue | null;
}

/** The parts of the registry that some steps change, before these steps. */
export interface Before {
  readonly values: readonly ChangedValue[];
  /** Keys that the steps create or delete, in order, and whether they existed. */
  readonly keys: readonly { readonly key: string; readonly existed: boolean }[];
}

const REPORT = `Report it with the output of ${ownCommand("status --json")}.`;

export function sameSlot(a: Slot, b: Slot): boolean {
  return (
    a.key.toUpperCase() === b.key.toUpperCase() && a.name.toUpperCase() === b.name.toUpperCase()
  );
}

export function showSlot({ key, name }: Slot): string {
  return `${showKey(key)}, value ${name === "" ? "(default)" : JSON.stringify(name)}`;
}

/** Reads everything that `steps` will change. */
export function readBefore(api: RegistryApi, steps: readonly Step[]): Before {
  const values: ChangedValue[] = [];
  const keys = new Map<string, boolean>();
  for (const step of steps) {
    if (step.kind === "setValue") {
      const { key, name, value: written } = step;
      if (!values.some((one) => sameSlot(one, step))) {
        values.push({ key, name, value: api.readRegistryValue(key, name), written });
      }
    } else if (!keys.has(step.key)) {
      keys.set(step.key, api.hasRegistryKey(step.key));
    }
  }
  return { values, keys: [...keys].map(([key, existed]) => ({ key, existed })) };
}

function setValue(api: RegistryApi, { key, name, value }: SlotValue): void {
  // Also important for an undo: a key that denied the change denies the undo too.
  if (sameValue(api.readRegistryValue(key, name), value)) return;
  if (value === null) api.deleteRegistryValue(key, name);
  else api.writeRegistryValue(key, name, value.type, value.data);
}

/**
 * Makes one change, unless the registry already has it.
 *
 * @throws {@link WsbError} `ERR_WSB_WINDOWS_API` or `ERR_WSB_ACCESS_DENIED` that names key and value.
 */
export function takeStep(api: RegistryApi, step: Step): void {
  try {
    switch (step.kind) {
      case "createKey":
        api.createRegistryKey(step.key);
        break;
      case "setValue":
        setValue(api, step);
        break;
      case "deleteKey":
        if (isEmptyKey(api, step.key)) api.deleteRegistryKey(step.key);
        break;
    }
  } catch (error) {
    throw windowsError(`Cannot ${describeStep(step)}`, REPORT, error);
  }
}

/**
 * Makes sure that changes below these keys outlive a power cut: Windows would write them within half a
 * minute, after a record that says that they are made.
 *
 * @throws {@link WsbError} `ERR_WSB_WINDOWS_API` or `ERR_WSB_ACCESS_DENIED`.
 */
export function flushChanges(api: RegistryApi, keys: readonly string[]): void {
  // Windows flushes a hive as a whole.
  for (const hive of new Set(keys.map((key) => key.slice(0, key.indexOf("\\"))))) {
    try {
      api.flushRegistryKey(hive);
    } catch (error) {
      throw windowsError(`Cannot write ${showKey(hive)} to the disk`, "Check the disk.", error);
    }
  }
}

/** Describes a step, for the middle of a sentence. */
function describeStep(step: Step): string {
  switch (step.kind) {
    case "createKey":
      return `create ${showKey(step.key)}`;
    case "setValue":
      return `${step.value === null ? "remove" : "write"} ${showSlot(step)}`;
    case "deleteKey":
      return `remove ${showKey(step.key)}`;
  }
}

/** Is told of each value that somebody else has changed, and that was therefore kept. */
export type ReportKept = (value: string) => void;

/** Says what somebody else has put into a slot. */
export function showKept(slot: Slot, found: RawRegistryValue | null): string {
  return `${showSlot(slot)}, now ${showValue(found)}`;
}

/** Restores a slot, unless somebody else has changed it since. */
function putBackValue(
  api: RegistryApi,
  { key, name, value, written }: ChangedValue,
  onKept: ReportKept,
): void {
  const found = api.readRegistryValue(key, name);
  if (sameValue(found, value)) return;
  if (written === undefined || sameValue(found, written)) {
    takeStep(api, { kind: "setValue", key, name, value });
  } else {
    onKept(showKept({ key, name }, found));
  }
}

/**
 * Restores the registry, last step first. It can be repeated after an interruption.
 *
 * @returns One sentence for each change that could not be undone.
 */
export function putBack(
  api: RegistryApi,
  before: Before,
  onKept: ReportKept = () => {},
): readonly string[] {
  const failures: string[] = [];
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      failures.push(errorText(error));
    }
  };
  for (const { key, existed } of before.keys) {
    if (existed) attempt(() => takeStep(api, { kind: "createKey", key }));
  }
  for (const slot of before.values.toReversed()) attempt(() => putBackValue(api, slot, onKept));
  for (const { key, existed } of before.keys.toReversed()) {
    if (!existed) attempt(() => takeStep(api, { kind: "deleteKey", key }));
  }
  return failures;
}
