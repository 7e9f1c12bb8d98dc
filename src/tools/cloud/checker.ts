import { WsbError } from "../../base/errors.ts";
import { parseGuid } from "../../base/guid.ts";

export type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Shows any value to a person; JSON knows neither bigint nor an invalid Date. */
function show(value: unknown): string {
  if (value === undefined) return "missing";
  if (typeof value === "bigint") return `${value}n`;
  if (value instanceof Date && Number.isNaN(value.getTime())) return "an invalid Date";
  try {
    return JSON.stringify(value) ?? `a ${typeof value}`;
  } catch {
    return `a ${typeof value}`;
  }
}

// Resources have 16-bit ids (MAKEINTRESOURCE, winuser.h).
const MAX_RESOURCE_ID = 65_535;

/** Collects what is wrong with a description, so that one run reports it all. */
export class Checker {
  readonly #what: string;
  readonly #problems: string[] = [];

  /** @param what What is described, for the message: "a cloud backup provider". */
  constructor(what: string) {
    this.#what = what;
  }

  /** @param rule End of a sentence that begins with the field. */
  report(field: string, rule: string, value: unknown): void {
    this.#problems.push(`${field} ${rule}; it is ${show(value)}`);
  }

  /** The fields of an object that has no others than `known`. */
  fields(field: string, value: unknown, known: readonly string[]): Fields {
    if (!isFields(value)) {
      this.report(field, "must be an object", value);
      return {};
    }
    const prefix = field === this.#what ? "" : `${field}.`;
    for (const name of Object.keys(value)) {
      if (!known.includes(name)) {
        this.report(
          `${prefix}${name}`,
          `is not one of the fields ${known.join(", ")}`,
          value[name],
        );
      }
    }
    return value;
  }

  guid(field: string, value: unknown): string {
    const guid = typeof value === "string" ? parseGuid(value) : undefined;
    if (guid === undefined) {
      this.report(field, "must be a GUID such as {CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B}", value);
    }
    return guid ?? "";
  }

  resourceId(field: string, value: unknown, least: 0 | 1): number {
    if (typeof value === "number" && Number.isInteger(value)) {
      if (value >= least && value <= MAX_RESOURCE_ID) return value;
    }
    const none = least === 0 ? ", 0 for none" : "";
    this.report(field, `must be a resource id from 1 to ${MAX_RESOURCE_ID}${none}`, value);
    return 0;
  }

  list(field: string, value: unknown, least: number, most: number): readonly unknown[] {
    if (Array.isArray(value)) {
      const items: readonly unknown[] = value;
      if (items.length >= least && items.length <= most) return items;
      const rule = `must have ${least} to ${most} elements, and has ${items.length}`;
      this.report(field, rule, items);
      return items;
    }
    this.report(field, `must be an array of ${least} to ${most} elements`, value);
    return [];
  }

  /** @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` with every problem, when there is one. */
  finish(): void {
    if (this.#problems.length === 0) return;
    throw new WsbError(
      "ERR_WSB_INVALID_ARGUMENT",
      `This is not a valid description of ${this.#what}; nothing was changed:\n  ${this.#problems.join("\n  ")}\nCorrect what is named above.`,
    );
  }
}
