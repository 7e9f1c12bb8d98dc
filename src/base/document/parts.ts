import { parseId } from "../guid.ts";
import { Definition, type OptionalField, type Reader } from "./definition.ts";
import { anything, integer, string } from "./kinds.ts";

// Parts that several documents share.

const EXAMPLE = "{CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B}";

const readGuid: Reader<string> = (value, place) => {
  const id = typeof value === "string" ? parseId(value) : undefined;
  return id ?? place.refuseValue(`must be a GUID such as ${EXAMPLE}, but not all zeros`, value);
};

const group = "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}";

/** A GUID that a person wrote; its reader returns the canonical form. */
export const guid: Definition<string> = new Definition(readGuid, () => ({
  type: "string",
  pattern: `^(?:\\{${group}\\}|${group})$`,
  not: { pattern: "^\\{?0{8}-(?:0{4}-){3}0{12}\\}?$" },
})).about("A GUID, with or without braces, in any case, but not all zeros.", {
  examples: [EXAMPLE],
});

/** A GUID that the kit wrote. */
export const canonicalGuid: Definition<string> = string
  .check((value) => (parseId(value) === value ? undefined : `must be a GUID such as ${EXAMPLE}`), {
    pattern: "^\\{[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\\}$",
  })
  .about("A GUID with braces, in upper case.");

/** The field `$schema` of a document that people write. */
export const schemaField: OptionalField<undefined> = anything
  .map(() => undefined)
  .about("Location of this schema for editors; the kit ignores it.")
  .optional();

/** An HRESULT as Windows prints it: `0x80070005`. */
export const hresultText: Definition<string> = string.check(
  (value) => (/^0x[0-9A-F]{8}$/u.test(value) ? undefined : "must be an HRESULT such as 0x80070005"),
  { pattern: "^0x[0-9A-F]{8}$" },
);

/** The longest delay of a JavaScript timer. A timer with a longer delay fires at once. */
const MAX_TIMER_MS = 2_147_483_647;

/** Defines a duration in milliseconds that a timer can wait for. */
export function milliseconds(least: number): Definition<number> {
  return integer({ least, most: MAX_TIMER_MS, unit: "milliseconds" });
}
