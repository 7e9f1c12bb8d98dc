import { errorText, windowsError } from "../../base/errors.ts";
import type { RawRegistryValue } from "../../runtime/native/binding.ts";
import { showKey } from "./keys.ts";
import { isEmptyKey, type RegistryApi } from "./registry-api.ts";
import { sameValue } from "./registry-value.ts";

/** A value of the registry by its place. */
export interface Slot {
  readonly key: string;
  /** `""` for the key's default value. */
  readonly name: string;
}

/** What stood, or is to stand, in a slot; `null` for nothing. */
export interface SlotValue extends Slot {
  readonly value: RawRegistryValue | null;
}

/** One change of the registry: all of it happens, or nothing. */
export type Step =
  | { readonly kind: "createKey"; readonly key: string }
  | (SlotValue & { readonly kind: "setValue" })
  /** Does nothing to a key that others have put something into. */
  | { readonly kind: "deleteKey"; readonly key: string };

/** What the registry was before some steps, as far as they touch it. */
export interface Before {
  readonly values: readonly SlotValue[];
  /** Keys the steps create or delete, in their order, and whether they existed. */
  readonly keys: readonly { readonly key: string; readonly existed: boolean }[];
}

const REPORT = "Report it with the output of wsb-addin status --json.";

export function sameSlot(a: Slot, b: Slot): boolean {
  return (
    a.key.toUpperCase() === b.key.toUpperCase() && a.name.toUpperCase() === b.name.toUpperCase()
  );
}

export function showSlot({ key, name }: Slot): string {
  return `${showKey(key)}, value ${name === "" ? "(default)" : JSON.stringify(name)}`;
}

/** Reads everything that `steps` are about to change. */
export function readBefore(api: RegistryApi, steps: readonly Step[]): Before {
  const values: SlotValue[] = [];
  const keys = new Map<string, boolean>();
  for (const step of steps) {
    if (step.kind === "setValue") {
      const { key, name } = step;
      if (!values.some((one) => sameSlot(one, step))) {
        values.push({ key, name, value: api.readRegistryValue(key, name) });
      }
    } else if (!keys.has(step.key)) {
      keys.set(step.key, api.hasRegistryKey(step.key));
    }
  }
  return { values, keys: [...keys].map(([key, existed]) => ({ key, existed })) };
}

function setValue(api: RegistryApi, { key, name, value }: SlotValue): void {
  // Above all when something is put back: a key that denied the change denies this, too.
  if (sameValue(api.readRegistryValue(key, name), value)) return;
  if (value === null) api.deleteRegistryValue(key, name);
  else api.writeRegistryValue(key, name, value.type, value.data);
}

/**
 * Takes one step; what is so already is not touched.
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

/** Says what a step does, in the middle of a sentence. */
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

/**
 * Puts everything back as it was, last step first. Doing it again, after it broke off or was done,
 * changes nothing that is back already.
 *
 * @returns What could not be put back, one sentence each.
 */
export function putBack(api: RegistryApi, before: Before): readonly string[] {
  const failures: string[] = [];
  const attempt = (step: Step): void => {
    try {
      takeStep(api, step);
    } catch (error) {
      failures.push(errorText(error));
    }
  };
  for (const { key, existed } of before.keys) if (existed) attempt({ kind: "createKey", key });
  for (const slot of before.values.toReversed()) attempt({ kind: "setValue", ...slot });
  for (const { key, existed } of before.keys.toReversed()) {
    if (!existed) attempt({ kind: "deleteKey", key });
  }
  return failures;
}
