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

/** Returns the SID of a name or of a SID in any spelling, or `undefined`. */
export function principalSid(text: string): string | undefined {
  return names.find(([name]) => name.test(text))?.[1] ?? parseSid(text);
}

/** Returns what is wrong with an entry of `security.allow`, or `undefined`. */
export function principalRule(value: unknown): string | undefined {
  const sid = typeof value === "string" ? principalSid(value) : undefined;
  if (sid === undefined) {
    return `must be ${Object.keys(PRINCIPAL_NAMES).join(", ")} or a SID such as S-1-5-32-549`;
  }
  const isOne = accounts.some((form) => form.test(sid)) && !crowds.some((form) => form.test(sid));
  return isOne
    ? undefined
    : "must be one account, or a group whose members somebody has chosen: an add-in runs as LocalSystem, and lets in nobody else";
}

/** Who must be let in whatever a manifest says, and why. */
export const REQUIRED_PRINCIPALS: readonly { readonly sid: string; readonly rule: string }[] = [
  {
    sid: SID.system,
    rule: "must include SYSTEM: Windows Server Backup's engine runs as LocalSystem, and so does the part of COM that starts the add-in",
  },
  {
    // They could write the registry themselves: to leave them out would protect nothing.
    sid: SID.administrators,
    rule: "must include Administrators: register activates the add-in to prove that it starts",
  },
];
