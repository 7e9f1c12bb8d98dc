import { Definition, type Reader } from "../../base/document/definition.ts";
import { list } from "../../base/document/kinds.ts";
import { INVALID } from "../../base/document/place.ts";
import { shared } from "../../base/document/schema.ts";
import { SID, parseSid } from "../../base/sid.ts";

/** The names that a manifest may use for a SID, in any case and in every language of Windows. */
export const PRINCIPAL_NAMES: Readonly<Record<string, string>> = {
  SYSTEM: SID.system,
  Administrators: SID.administrators,
  "Backup Operators": SID.backupOperators,
};

// With the flag u, /i would match some letters beyond ASCII.
const names = Object.entries(PRINCIPAL_NAMES).map(
  ([name, sid]) => [new RegExp(`^${name}$`, "i"), sid] as const,
);

// Accounts, and groups whose members an administrator chooses. Groups that Windows fills on its own
// (Everyone, INTERACTIVE, NETWORK, packaged apps …) do not match, documented or not.
const accounts = [
  /^S-1-5-(?:18|19|20)$/u, // SYSTEM, LOCAL SERVICE, NETWORK SERVICE
  /^S-1-5-21-\d+-\d+-\d+-\d+$/u, // of a machine or a domain
  /^S-1-5-32-\d+$/u, // built-in groups
  /^S-1-5-80(?:-\d+){5}$/u, // one service
];

// Groups that match the patterns above but contain everybody.
const crowds = [
  /^S-1-5-32-(?:545|546|554)$/u, // Users, Guests, Pre-Windows 2000 Compatible Access
  /^S-1-5-21-.*-(?:501|513|514|515)$/u, // Guest, and a domain's users, guests and computers
];

/** Returns a pattern for a name in any case, because JSON Schema has no flag for that. */
function inAnyCase(name: string): string {
  return name.replaceAll(
    /[a-z]/giu,
    (letter) => `[${letter.toUpperCase()}${letter.toLowerCase()}]`,
  );
}

/** Returns the canonical SID of a name or a SID, or `undefined`. */
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
    "must be an account or a group whose members an administrator chooses, because the add-in runs as LocalSystem",
    value,
  );
};

const number = "(?:0|[1-9]\\d{0,9})";

/** An account or a group, by name or SID; its reader returns the SID. */
const principal = shared(
  "principal",
  new Definition(readPrincipal, () => ({
    type: "string",
    pattern: `^(?:${Object.keys(PRINCIPAL_NAMES).map(inAnyCase).join("|")}|[Ss]-1-5-(?:18|19|20|32-${number}|21(?:-${number}){4}|80(?:-${number}){5}))$`,
    not: { pattern: "^[Ss]-1-5-(?:32-(?:545|546|554)|21-.*-(?:501|513|514|515))$" },
  })).about("An account, or a group whose members an administrator chooses.", {
    examples: ["Backup Operators", "S-1-5-32-549"],
  }),
);

// The accounts that every manifest must list, and the reasons.
const required: readonly { readonly name: string; readonly sid: string; readonly rule: string }[] =
  [
    {
      name: "SYSTEM",
      sid: SID.system,
      rule: "must include SYSTEM: the engine of Windows Server Backup and the part of COM that starts the add-in run as LocalSystem",
    },
    {
      // Administrators can write the registry, so excluding them would protect nothing.
      name: "Administrators",
      sid: SID.administrators,
      rule: "must include Administrators: register activates the add-in to check that it starts",
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

/** The definition of `security.allow`; its reader returns SIDs. */
export const principals: Definition<readonly string[]> = new Definition(
  readPrincipals,
  (schemas) => ({
    ...listed.schema(schemas),
    allOf: required.map(({ name, sid }) => ({
      contains: { type: "string", pattern: `^(?:${inAnyCase(name)}|[Ss]${sid.slice(1)})$` },
    })),
  }),
).about(
  "Accounts and groups: SYSTEM, Administrators, Backup Operators (in English whatever the language of Windows) or SIDs. SYSTEM and Administrators are required; groups that contain everybody, such as Everyone or Users, are refused.",
);
