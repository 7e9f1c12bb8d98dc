import { APP_ID, CLSID, minimalFields } from "../../../helpers/manifest.ts";

/** A description and a manifest file's content as parsed JSON. */
export type Verdict = readonly [what: string, value: unknown];

function valid(what: string, fields: object): Verdict {
  return [what, { ...minimalFields, ...fields }];
}

const invalid = valid;

const addin = { clsid: CLSID, appId: APP_ID };
const astral = "\u{1F4D2}";
const longestMs = 2_147_483_647;

export const validManifests: readonly Verdict[] = [
  valid("only the required fields", {}),
  valid("an add-in", addin),
  valid("a GUID without braces", { writerId: "CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B" }),
  valid("a GUID in lower case", { writerId: "{ce4ef7dc-18ce-4a11-b4c9-d7a668637d1b}" }),
  valid("GUIDs in three spellings", {
    clsid: CLSID.toLowerCase(),
    appId: APP_ID.slice(1, -1),
  }),
  valid("an identifier of one character", { applicationIdentifier: "L" }),
  valid("an identifier of 256 characters", { applicationIdentifier: "L".repeat(256) }),
  valid("an identifier of 256 UTF-16 units", { applicationIdentifier: astral.repeat(128) }),
  valid("an identifier with quotes and signs", {
    applicationIdentifier: `O'Brien & <Söhne> "GmbH"`,
  }),
  valid("an identifier with white space inside", { applicationIdentifier: "a \u00A0\u3000 b" }),
  valid("a lone surrogate", { name: "\uD83D" }),
  valid("a $schema of any kind", { $schema: 5 }),
  valid("no services", { services: [] }),
  valid("several services", { services: ["ContosoLedger", "MSSQL$LEDGER", "Größe 1"] }),
  valid("a service name of 256 characters", { services: ["s".repeat(256)] }),
  valid("a service name with a C1 control character", { services: ["a\u0080b"] }),
  valid("no time limits", { timeoutsMs: {} }),
  valid("every time limit", {
    timeoutsMs: {
      preRestore: 1,
      postRestore: longestMs,
      orderComponents: 2,
      isRollForwardSupported: 3,
      checkConsistency: 1e3,
    },
  }),
  valid("the shortest limits", { serviceTimeoutMs: 1, lingerMs: 0 }),
  valid("security that says nothing", { security: {} }),
  valid("security by name, in any case", {
    security: { allow: ["system", "ADMINISTRATORS", "Backup operators"] },
  }),
  valid("security by SID, in any case", { security: { allow: ["s-1-5-18", "S-1-5-32-544"] } }),
  valid("an account, a service and a group of a domain", {
    security: {
      allow: [
        "SYSTEM",
        "Administrators",
        "S-1-5-21-1004336348-1177238915-682003330-1103",
        "S-1-5-21-1004336348-1177238915-682003330-512",
        "S-1-5-80-1-2-3-4-513",
        "S-1-5-19",
      ],
    },
  }),
  valid("a log that says nothing", { log: {} }),
  valid("the smallest log", { log: { maxBytes: 65_536, files: 1 } }),
  valid("the largest log", { log: { maxBytes: 1_073_741_824, files: 100 } }),
  ...["startServices", "keepStopped", "restart", "leave"].map((word) =>
    valid(`${word} on a failed PreRestore`, { onPreRestoreFailure: word }),
  ),
  ...["restart", "leave"].map((word) => valid(`the old onFailure: ${word}`, { onFailure: word })),
  valid("the longest limits", { serviceTimeoutMs: longestMs, lingerMs: longestMs }),
];

export const invalidManifests: readonly Verdict[] = [
  ["null", null],
  ["an array", []],
  ["a string", "wsb-addin"],
  ["a number", 5],
  ["true", true],
  ["an empty object", {}],
  ["no name", { ...minimalFields, name: undefined }],
  ["no writer", { ...minimalFields, writerId: undefined }],
  ["no identifier", { ...minimalFields, applicationIdentifier: undefined }],
  invalid("an unknown field", { timeoutMs: {} }),
  invalid("a field in another case", { Services: [] }),
  invalid("an inherited property", { constructor: 1 }),
  [
    "a field called __proto__",
    JSON.parse(`{"__proto__":{},${JSON.stringify(minimalFields).slice(1)}`),
  ],
  invalid("a name that is null", { name: null }),
  invalid("a name that is a number", { name: 5 }),
  invalid("an empty name", { name: "" }),
  invalid("a name of white space", { name: " " }),
  invalid("an identifier of 257 characters", { applicationIdentifier: "L".repeat(257) }),
  invalid("an identifier that begins with white space", { applicationIdentifier: " L" }),
  invalid("an identifier that ends with white space", { applicationIdentifier: "L\u3000" }),
  invalid("an identifier that ends with a line feed", { applicationIdentifier: "L\n" }),
  invalid("an identifier with NUL", { applicationIdentifier: "a\0b" }),
  invalid("an identifier with a tab", { applicationIdentifier: "a\tb" }),
  invalid("an identifier with DEL", { applicationIdentifier: "a\u007Fb" }),
  invalid("an identifier with a C1 control character", { applicationIdentifier: "a\u0085b" }),
  invalid("a GUID with one brace", { writerId: "{CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B" }),
  invalid("a GUID with a digit too few", { writerId: "{CE4EF7DC-18CE-4A11-B4C9-D7A668637D1}" }),
  invalid("a GUID without hyphens", { writerId: "CE4EF7DC18CE4A11B4C9D7A668637D1B" }),
  invalid("a GUID and a line feed", { writerId: `${CLSID}\n` }),
  invalid("a GUID that is an object", { writerId: {} }),
  invalid("a GUID of zeros", { writerId: "{00000000-0000-0000-0000-000000000000}" }),
  invalid("a GUID of zeros without braces", {
    ...addin,
    clsid: "00000000-0000-0000-0000-000000000000",
  }),
  invalid("a clsid without an appId", { clsid: CLSID }),
  invalid("an appId without a clsid", { appId: APP_ID }),
  invalid("a clsid that is null", { clsid: null }),
  invalid("a bad clsid", { ...addin, clsid: "ledger" }),
  invalid("a bad appId", { ...addin, appId: "" }),
  invalid("services that are a string", { services: "ContosoLedger" }),
  invalid("services that are null", { services: null }),
  invalid("an empty service name", { services: [""] }),
  invalid("a service that is a number", { services: [1] }),
  invalid("a service that is an object without a text", {
    services: [{ toString: 1, valueOf: 1 }],
  }),
  invalid("a service name of 257 characters", { services: ["s".repeat(257)] }),
  invalid("a service name with a slash", { services: ["a/b"] }),
  invalid("a service name with a backslash", { services: ["a\\b"] }),
  invalid("a service name with a control character", { services: ["a\u001Fb"] }),
  invalid("a service that is named twice", { services: ["A", "B", "A"] }),
  invalid("time limits that are a number", { timeoutsMs: 5 }),
  invalid("time limits that are an array", { timeoutsMs: [] }),
  invalid("a time limit of an unknown handler", { timeoutsMs: { preRestores: 5 } }),
  invalid("a time limit named like an inherited property", { timeoutsMs: { toString: 5 } }),
  invalid("a time limit of 0", { timeoutsMs: { preRestore: 0 } }),
  invalid("a negative time limit", { timeoutsMs: { preRestore: -1 } }),
  invalid("a time limit with a fraction", { timeoutsMs: { preRestore: 1.5 } }),
  invalid("a time limit that is a string", { timeoutsMs: { preRestore: "5" } }),
  invalid("a time limit that is null", { timeoutsMs: { preRestore: null } }),
  invalid("a time limit beyond a timer's", { timeoutsMs: { preRestore: longestMs + 1 } }),
  invalid("a service time limit of 0", { serviceTimeoutMs: 0 }),
  invalid("an unknown word on a failed PreRestore", { onPreRestoreFailure: "stop" }),
  invalid("a word in another case", { onPreRestoreFailure: "StartServices" }),
  invalid("an onPreRestoreFailure that is null", { onPreRestoreFailure: null }),
  invalid("an onPreRestoreFailure named like an inherited property", {
    onPreRestoreFailure: "constructor",
  }),
  invalid("a new word for the old onFailure", { onFailure: "keepStopped" }),
  invalid("onFailure beside the field that replaces it", {
    onFailure: "leave",
    onPreRestoreFailure: "keepStopped",
  }),
  invalid("a linger time below 0", { lingerMs: -1 }),
  invalid("a log that is a path", { log: "C:\\log" }),
  invalid("a log that is null", { log: null }),
  invalid("an unknown field of log", { log: { maxSize: 65_536 } }),
  invalid("a log of files too small for a line", { log: { maxBytes: 65_535 } }),
  invalid("a log of files too large for a disk", { log: { maxBytes: 1_073_741_825 } }),
  invalid("a size of a log that is text", { log: { maxBytes: "1 MiB" } }),
  invalid("a log of no file", { log: { files: 0 } }),
  invalid("a log of half a file", { log: { files: 1.5 } }),
  invalid("a log of too many files", { log: { files: 101 } }),
  invalid("a linger time beyond a timer's", { lingerMs: longestMs + 1 }),
];

const TRUSTED = ["SYSTEM", "Administrators"];
const crowds = [
  ["Nobody", "S-1-0-0"],
  ["Everyone", "S-1-1-0"],
  ["whoever is logged on locally", "S-1-2-0"],
  ["whoever is at the console", "S-1-2-1"],
  ["CREATOR OWNER", "S-1-3-0"],
  ["OWNER RIGHTS", "S-1-3-4"],
  ["DIALUP", "S-1-5-1"],
  ["NETWORK", "S-1-5-2"],
  ["BATCH", "S-1-5-3"],
  ["INTERACTIVE", "S-1-5-4"],
  ["a logon session", "S-1-5-5-0-1"],
  ["SERVICE", "S-1-5-6"],
  ["ANONYMOUS LOGON", "S-1-5-7"],
  ["Authenticated Users", "S-1-5-11"],
  ["REMOTE INTERACTIVE LOGON", "S-1-5-14"],
  ["This Organization", "S-1-5-15"],
  ["Users", "S-1-5-32-545"],
  ["Guests", "S-1-5-32-546"],
  ["Pre-Windows 2000 Compatible Access", "S-1-5-32-554"],
  ["Guest", "S-1-5-21-1-2-3-501"],
  ["Domain Users", "S-1-5-21-1-2-3-513"],
  ["Domain Guests", "S-1-5-21-1-2-3-514"],
  ["Domain Computers", "S-1-5-21-1-2-3-515"],
  ["all services", "S-1-5-80-0"],
  ["Local account", "S-1-5-113"],
  ["all packaged apps", "S-1-15-2-1"],
  ["an integrity level", "S-1-16-12288"],
  ["whoever authenticated somewhere", "S-1-18-1"],
] as const;

export const invalidSecurity: readonly Verdict[] = [
  invalid("security that is an array", { security: TRUSTED }),
  invalid("security that is null", { security: null }),
  invalid("an unknown field of security", { security: { allow: TRUSTED, deny: [] } }),
  invalid("an unknown field of security alone", { security: { Allow: TRUSTED } }),
  invalid("an allow that is a string", { security: { allow: "SYSTEM" } }),
  invalid("an allow that is null", { security: { allow: null } }),
  invalid("an allow that is empty", { security: { allow: [] } }),
  invalid("an allow without SYSTEM", { security: { allow: ["Administrators"] } }),
  invalid("an allow without Administrators", { security: { allow: ["SYSTEM"] } }),
  invalid("a number to allow", { security: { allow: [...TRUSTED, 18] } }),
  invalid("a name that is not known", { security: { allow: [...TRUSTED, "Everyone"] } }),
  invalid("a name of a domain", { security: { allow: [...TRUSTED, "CONTOSO\\Backup"] } }),
  invalid("a name with white space", { security: { allow: [...TRUSTED, "Backup  Operators"] } }),
  invalid("a name with a letter that only looks like S", {
    security: { allow: ["\u017FYSTEM", "Administrators"] },
  }),
  invalid("a SID that is cut", { security: { allow: [...TRUSTED, "S-1-5"] } }),
  invalid("a SID with a leading zero", { security: { allow: [...TRUSTED, "S-1-5-032-551"] } }),
  invalid("an account that is named twice", { security: { allow: [...TRUSTED, "SYSTEM"] } }),
  ...crowds.map(([name, sid]) => invalid(name, { security: { allow: [...TRUSTED, sid] } })),
];

/**
 * Manifests that only the kit refuses: JSON Schema cannot express these rules, but describes them.
 */
export const beyondSchema: readonly Verdict[] = [
  invalid("129 characters of two UTF-16 units", { applicationIdentifier: astral.repeat(129) }),
  invalid("a service name of 258 UTF-16 units", { services: [astral.repeat(129)] }),
  invalid("a service that is named twice in other case", { services: ["Größe", "GRÖSSE"] }),
  invalid("an account that is named in two cases", { security: { allow: [...TRUSTED, "system"] } }),
  invalid("an account that is named by name and by SID", {
    security: { allow: [...TRUSTED, "S-1-5-18"] },
  }),
  invalid("a SID with a number beyond 32 bits", {
    security: { allow: [...TRUSTED, "S-1-5-32-4294967296"] },
  }),
];
