import type { NativeCloudStatusEntry } from "../../runtime/native/binding.ts";
import { Checker } from "./checker.ts";
import {
  encodeValue,
  PAIR_TYPE,
  type CloudStatusValue,
  type CloudStatusValueType,
} from "./value.ts";

/**
 * One line of a provider's status; the ids are resources of the registered DLL.
 *
 * @see https://learn.microsoft.com/windows/win32/api/wsbonline/ns-wsbonline-wsb_ob_status_entry
 */
export interface CloudStatusEntry {
  /**
   * Icon resource, from 1 to 65535, or 0 for none.
   *
   * @defaultValue `0`
   */
  readonly iconId?: number;
  /** String resource with the entry's name, from 1 to 65535. */
  readonly nameId: number;
  /** String resource with the entry's value and its inserts, from 1 to 65535. */
  readonly valueId: number;
  /**
   * What the inserts stand for; at most 5.
   *
   * @defaultValue `[]`
   */
  readonly values?: readonly CloudStatusValue[];
}

/**
 * What Windows Server Backup's snap-in is to show of a provider.
 *
 * @see https://learn.microsoft.com/windows/win32/api/wsbonline/ns-wsbonline-wsb_ob_status_info
 */
export interface CloudStatus {
  /** Id that the provider was registered with. */
  readonly snapinId: string;
  /** From 1 to 5 entries. */
  readonly entries: readonly CloudStatusEntry[];
}

/** A status as the shim takes it. */
export interface NativeCloudStatus {
  readonly snapinId: string;
  readonly entries: readonly NativeCloudStatusEntry[];
}

const WHAT = "a cloud backup provider's status";
// WSB_MAX_OB_STATUS_ENTRY and WSB_MAX_OB_STATUS_VALUE_TYPE_PAIR (wsbonline.h)
const MAX_ENTRIES = 5;
const MAX_VALUES = 5;

function isValueType(type: unknown): type is CloudStatusValueType {
  return typeof type === "string" && Object.hasOwn(PAIR_TYPE, type);
}

function checkValue(
  checker: Checker,
  field: string,
  given: unknown,
): NativeCloudStatusEntry["values"][number] {
  const { type, value } = checker.fields(field, given, ["type", "value"]);
  if (!isValueType(type)) {
    checker.report(`${field}.type`, `must be one of ${Object.keys(PAIR_TYPE).join(", ")}`, type);
    return { text: "", type: 0 };
  }
  const encoded = encodeValue(type, value);
  if ("text" in encoded) return { text: encoded.text, type: PAIR_TYPE[type] };
  checker.report(`${field}.value`, encoded.rule, value);
  return { text: "", type: 0 };
}

function checkEntry(checker: Checker, field: string, given: unknown): NativeCloudStatusEntry {
  const fields = checker.fields(field, given, ["iconId", "nameId", "valueId", "values"]);
  const { iconId = 0, values = [] } = fields;
  return {
    iconId: checker.resourceId(`${field}.iconId`, iconId, 0),
    nameId: checker.resourceId(`${field}.nameId`, fields["nameId"], 1),
    valueId: checker.resourceId(`${field}.valueId`, fields["valueId"], 1),
    values: checker
      .list(`${field}.values`, values, 0, MAX_VALUES)
      .map((value, index) => checkValue(checker, `${field}.values[${index}]`, value)),
  };
}

/**
 * Checks a status, from wherever it comes, and returns it as the shim takes it.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` with everything that is wrong.
 */
export function checkStatus(value: unknown): NativeCloudStatus {
  const checker = new Checker(WHAT);
  const fields = checker.fields(WHAT, value, ["$schema", "snapinId", "entries"]);
  const status = {
    snapinId: checker.guid("snapinId", fields["snapinId"]),
    // One or more, as the reference of WSB_OB_STATUS_INFO has it.
    entries: checker
      .list("entries", fields["entries"], 1, MAX_ENTRIES)
      .map((entry, index) => checkEntry(checker, `entries[${index}]`, entry)),
  };
  checker.finish();
  return status;
}
