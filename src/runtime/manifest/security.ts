import { Definition, type Reader } from "../../base/document/definition.ts";
import { list } from "../../base/document/kinds.ts";
import { INVALID } from "../../base/document/place.ts";
import { shared } from "../../base/document/schema.ts";
import { SID, parseSid } from "../../base/sid.ts";

/** Names that a manifest may use for a SID, in any case and whatever the language of Windows. */
export const PRINCIPAL_NAMES: Readonly<Record<string, string>> = {
  SYSTEM: SID.system,
  Administrators: SID.administrators,
  "Backup Operators": SID.backupOperators,
};

// Without the flag u, /i knows no letter beyond ASCII for one within it.
const names = Object.entries(PRINCIPAL_NAMES).map(
  ([name, sid]) => [new RegExp(`^${name}$`, "i"), sid] as const,
);

// An account or a group that somebody puts its members into. What Windows itself adds people to
// (Everyone, INTERACTIVE, NETWORK, packaged apps …) is not among these, listed by Microsoft or not.
const accounts = [
  /^S-1-5-(?:18|19|20)$/u, // SYSTEM, LOCAL SERVICE, NETWORK SERVICE
  /^S-1-5-21-\d+-\d+-\d+-\d+$/u, // of a machine or a domain
  /^S-1-5-32-\d+$/u, // built-in groups
  /^S-1-5-80(?:-\d+){5}$/u, // one service
];

// Groups of that form that hold everybody all the same.
const crowds = [
  /^S-1-5-32-(?:545|546|554)$/u, // Users, Guests, Pre-Windows 2000 Compatible Access
  /^S-1-5-21-.*-(?:501|513|514|515)$/u, // Guest, and a domain's users, guests and computers
];

/** A pattern for a name in any case: JSON Schema has no flag for that. */
function inAnyCase(name: string): string {
  return name.replaceAll(
    /[a-z]/giu,
    (letter) => `[${letter.toUpperCase()}${letter.toLowerCase()}]`,
  );
}

/** Returns the SID of a name or of a SID in any spelling, or `undefined`. */
export function principalSid(text: string): string | undefined {
  return names.find(([name]) => name.test(text))?.[1] ?? parseSid(text);
}

function sidOf(value: unknown): string | undefined {
  return typeof value === "string" ? principalSid(value) : undefined;
}

const readPrincipal: Reader<string> = (value, place) => {
  const sid = sidOf(value);
  if (sid === undefined) {
    const known = Object.keys(PRINCIPAL_NAMES).join(", ");
    return place.refuseValue(`must be ${known} or a SID such as S-1-5-32-549`, value);
  }
  const isOne = accounts.some((form) => form.test(sid)) && !crowds.some((form) => form.test(sid));
  if (isOne) return sid;
  return place.refuseValue(
    "must be one account, or a group whose members somebody has chosen: an add-in runs as LocalSystem, and lets in nobody else",
    value,
  );
};

const number = "(?:0|[1-9]\\d{0,9})";

/** An account or a group, by its name or its SID; read as its SID. */
const principal = shared(
  "principal",
  new Definition(readPrincipal, () => ({
    type: "string",
    pattern: `^(?:${Object.keys(PRINCIPAL_NAMES).map(inAnyCase).join("|")}|[Ss]-1-5-(?:18|19|20|32-${number}|21(?:-${number}){4}|80(?:-${number}){5}))$`,
    not: { pattern: "^[Ss]-1-5-(?:32-(?:545|546|554)|21-.*-(?:501|513|514|515))$" },
  })).about("An account, or a group whose members somebody has chosen.", {
    examples: ["Backup Operators", "S-1-5-32-549"],
  }),
);

// Who must be let in whatever a manifest says, and why.
const required: readonly { readonly name: string; readonly sid: string; readonly rule: string }[] =
  [
    {
      name: "SYSTEM",
      sid: SID.system,
      rule: "must include SYSTEM: Windows Server Backup's engine runs as LocalSystem, and so does the part of COM that starts the add-in",
    },
    {
      // They could write the registry themselves: to leave them out would protect nothing.
      name: "Administrators",
      sid: SID.administrators,
      rule: "must include Administrators: register activates the add-in to prove that it starts",
    },
  ];

const listed = list(principal, { of: "names and SIDs", distinctBy: (sid) => sid });

const readPrincipals: Reader<readonly string[]> = (value, place) => {
  const before = place.problems.length;
  const sids = listed.read(value, place);
  const given: readonly unknown[] = Array.isArray(value) ? value : [];
  for (const { sid, rule } of Array.isArray(value) ? required : []) {
    if (!given.some((one) => sidOf(one) === sid)) place.refuseValue(rule, value);
  }
  return place.problems.length === before ? sids : INVALID;
};

/** Those who are let in: `security.allow`, read as SIDs. */
export const principals: Definition<readonly string[]> = new Definition(
  readPrincipals,
  (schemas) => ({
    ...listed.schema(schemas),
    allOf: required.map(({ name, sid }) => ({
      contains: { type: "string", pattern: `^(?:${inAnyCase(name)}|[Ss]${sid.slice(1)})$` },
    })),
  }),
).about(
  "Accounts and groups: SYSTEM, Administrators, Backup Operators (in English whatever the language of Windows) or SIDs. SYSTEM and Administrators must be among them; a group that holds everybody, such as Everyone or Users, must not.",
);
