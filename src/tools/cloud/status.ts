import type { Definition } from "../../base/document/definition.ts";
import { fields } from "../../base/document/fields.ts";
import { list } from "../../base/document/kinds.ts";
import { guid, schemaField } from "../../base/document/parts.ts";
import { readText, readValue, requireReading, type Reading } from "../../base/document/read.ts";
import type { NativeCloudStatusEntry } from "../../runtime/native/binding.ts";
import { resourceId, resourceIdOrNone } from "./resource-id.ts";
import { PAIR_TYPE, valueDefinition, type CloudStatusValue } from "./value.ts";

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
   * The values of the inserts; at most 5.
   *
   * @defaultValue `[]`
   */
  readonly values?: readonly CloudStatusValue[];
}

/**
 * The status that Windows Server Backup's snap-in shows for a provider.
 *
 * @see https://learn.microsoft.com/windows/win32/api/wsbonline/ns-wsbonline-wsb_ob_status_info
 */
export interface CloudStatus {
  /** Id of the registered provider. */
  readonly snapinId: string;
  /** From 1 to 5 entries. */
  readonly entries: readonly CloudStatusEntry[];
}

/** A status in the form for the shim. */
export interface NativeCloudStatus {
  readonly snapinId: string;
  readonly entries: readonly NativeCloudStatusEntry[];
}

// WSB_MAX_OB_STATUS_ENTRY and WSB_MAX_OB_STATUS_VALUE_TYPE_PAIR (wsbonline.h)
const MAX_ENTRIES = 5;
const MAX_VALUES = 5;

const entry = fields({
  iconId: resourceIdOrNone
    .about("Icon resource, from 1 to 65535, or 0 for none.", { default: 0 })
    .optional(),
  nameId: resourceId.about("String resource with the entry's name."),
  valueId: resourceId.about("String resource with the entry's value and its inserts."),
  values: list(valueDefinition, { least: 0, most: MAX_VALUES })
    .about("Values of the inserts %0, %1 …, in order.", { default: [] })
    .optional(),
} satisfies Record<keyof CloudStatusEntry, unknown>);

const status = fields({
  $schema: schemaField,
  snapinId: guid.about("Id of the registered provider."),
  // At least one, according to the reference of WSB_OB_STATUS_INFO.
  entries: list(entry, { least: 1, most: MAX_ENTRIES }).about("Lines of the status."),
} satisfies Record<keyof CloudStatus | "$schema", unknown>);

/** Defines the status document of `wsb-addin cloud update-status`. */
export const statusDefinition: Definition<NativeCloudStatus> = status.map(
  ({ snapinId, entries }): NativeCloudStatus => ({
    snapinId,
    entries: entries.map(({ iconId = 0, nameId, valueId, values = [] }) => ({
      iconId,
      nameId,
      valueId,
      values: values.map(({ type, value }) => ({ text: value, type: PAIR_TYPE[type] })),
    })),
  }),
);

const NAME = "the status";

function requireStatus(reading: Reading<NativeCloudStatus>, source: string): NativeCloudStatus {
  return requireReading(reading, {
    code: "ERR_WSB_INVALID_ARGUMENT",
    heading: `${source} is not a valid status of a cloud backup provider; nothing was changed`,
  });
}

/**
 * Checks a status from any source and returns it in the form for the shim.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` with all problems.
 */
export function checkStatus(value: unknown): NativeCloudStatus {
  return requireStatus(readValue(statusDefinition, value, NAME), "This");
}

/**
 * Reads a status from the text of a file.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` with all problems.
 */
export function parseStatus(text: string, file: string): NativeCloudStatus {
  return requireStatus(readText(statusDefinition, text, NAME), file);
}
