import { APP_ID, CLSID, WRITER_ID, minimalFields } from "../../../helpers/manifest.ts";
import type { Verdict } from "./verdicts.ts";

const files = [{ path: "C:\\ProgramData\\Contoso", filespec: "*", recursive: true }];
const component = { name: "Ledger", files };
const declared = { kind: "declared", components: [component] };
const service = { kind: "service", components: [component] };
const otherWriter = "{A65FAA63-5EA8-4EBC-9DBD-A0C4DB26912A}";
const addin = { clsid: CLSID, appId: APP_ID };

function writer(what: string, value: unknown, others: object = {}): Verdict {
  return [`a writer with ${what}`, { ...minimalFields, ...others, writer: value }];
}

function components(what: string, kind: "declared" | "service", ...list: object[]): Verdict {
  return writer(`${what} (${kind})`, { kind, components: list });
}

/** Returns a declared writer whose only component has these files. */
function fileSet(what: string, fields: object): Verdict {
  return components(what, "declared", { name: "Ledger", files: [{ ...files[0], ...fields }] });
}

export const validWriters: readonly Verdict[] = [
  writer("kind external", { kind: "external" }),
  writer("kind declared", declared),
  writer("kind service and an add-in", service, addin),
  components("all fields of a component", "declared", {
    name: "Books 2026 & <co>",
    logicalPath: "Contoso\\Ledger",
    caption: "The books\u00A0of 2026",
    selectable: false,
    selectableForRestore: false,
    files,
    dependencies: [{ writerId: otherWriter, logicalPath: "SERVER", name: "main" }],
  }),
  components("two components of one name in two groups", "declared", component, {
    ...component,
    logicalPath: "Archive",
  }),
  components(
    "a component without files above another",
    "declared",
    { name: "Ledger" },
    { ...component, name: "Books", logicalPath: "Ledger" },
  ),
  components(
    "a dependency on its own component",
    "declared",
    { ...component, dependencies: [{ writerId: WRITER_ID.toLowerCase(), name: "Archive" }] },
    { ...component, name: "Archive" },
  ),
  components("a database", "service", {
    name: "main",
    databaseFiles: [{ path: "E:\\Data", filespec: "main.mdf" }],
    logFiles: [{ path: "E:\\Logs", filespec: "main*.ldf" }],
  }),
  components("an alternate path", "service", {
    name: "main",
    files: [{ ...files[0], alternatePath: "D:\\Staging" }],
  }),
  fileSet("an environment variable in a path", { path: "%ProgramData%\\Contoso" }),
  fileSet("the root of a drive", { path: "d:\\" }),
  fileSet("a pattern", { filespec: "ledger-?.*" }),
  fileSet("a percent sign in a path", { path: "C:\\100 %\\x" }),
  writer("exclusions", { ...declared, exclude: [{ ...files[0], filespec: "*.tmp" }] }),
  writer("no kind of backup but full", { ...declared, backupSchema: [] }),
  writer("logs that are truncated", { ...service, backupSchema: ["log", "copy"] }),
  writer("a restore that stops a service", {
    ...declared,
    restoreMethod: "stopRestoreStart",
    restoreService: "ContosoLedger",
  }),
  writer("a restore at the next start", { ...declared, restoreMethod: "restoreAtReboot" }, addin),
];

export const invalidWriters: readonly Verdict[] = [
  writer("no kind", {}),
  writer("null", null),
  writer("an unknown kind", { kind: "express", components: [component] }),
  writer("an id of its own", { kind: "external", writerId: WRITER_ID }),
  writer("components that the application brings", { ...declared, kind: "external" }),
  writer("no components", { kind: "declared" }),
  writer("an empty list of components", { kind: "declared", components: [] }),
  components("an unknown field", "declared", { ...component, path: "C:\\" }),
  components("a name with a backslash", "declared", { ...component, name: "Contoso\\Ledger" }),
  components("an empty name", "declared", { ...component, name: "" }),
  components("a name of 257 characters", "declared", { ...component, name: "n".repeat(257) }),
  components("a name with a line feed", "declared", { ...component, name: "a\nb" }),
  components("no name", "declared", { files }),
  components("a logical path with a backslash at its end", "declared", {
    ...component,
    logicalPath: "Contoso\\",
  }),
  components("an empty logical path", "declared", { ...component, logicalPath: "" }),
  components("a caption with a tab", "declared", { ...component, caption: "a\tb" }),
  components("the same component twice", "declared", component, component),
  components("a database", "declared", {
    name: "main",
    databaseFiles: [{ path: "E:\\Data", filespec: "main.mdf" }],
  }),
  components("logs", "declared", { ...component, logFiles: [] }),
  components("an alternate path", "declared", {
    name: "main",
    files: [{ ...files[0], alternatePath: "D:\\Staging" }],
  }),
  components("files that are a path", "declared", { name: "Ledger", files: "C:\\Ledger" }),
  components("a recursive database", "service", {
    name: "main",
    databaseFiles: [{ path: "E:\\Data", filespec: "main.mdf", recursive: true }],
  }),
  components("the same files twice", "declared", { name: "Ledger", files: [files[0], files[0]] }),
  components("a dependency without a writer", "declared", {
    ...component,
    dependencies: [{ name: "main" }],
  }),
  fileSet("a wildcard in a path", { path: "C:\\Contoso*\\Ledger" }),
  fileSet("a network path", { path: "\\\\server\\share" }),
  fileSet("a network path with slashes", { path: "//server/share" }),
  fileSet("a path of a volume", { path: "\\\\?\\Volume{5a0c71e1-93bd-11ee-8c4a-0242ac120002}\\" }),
  fileSet("a relative path", { path: "Contoso" }),
  fileSet("a drive without a root", { path: "C:Contoso" }),
  fileSet("a path with a slash", { path: "C:\\Contoso/Ledger" }),
  fileSet("a path with a stream", { path: "C:\\Contoso:x" }),
  fileSet("a path that is empty", { path: "" }),
  fileSet("a folder in a pattern", { filespec: "Ledger\\*" }),
  fileSet("an empty pattern", { filespec: "" }),
  fileSet("no word on subfolders", { recursive: undefined }),
  writer("a kind of backup that a declared writer has not", { ...declared, backupSchema: ["log"] }),
  writer("a restore method of its own", { ...declared, restoreMethod: "custom" }),
];

/** Writers that only the kit refuses: JSON Schema cannot express these rules. */
export const writersBeyondSchema: readonly Verdict[] = [
  components("the same component in two cases", "declared", component, {
    ...component,
    name: "LEDGER",
  }),
  components("a component without files", "declared", { name: "Ledger" }),
  components("a component below another, both without files", "declared", component, {
    name: "Books",
    logicalPath: "Archive",
  }),
  components("files and a database in one", "service", {
    ...component,
    logFiles: [{ path: "E:\\Logs", filespec: "*" }],
  }),
  components("a dependency on itself", "declared", {
    ...component,
    dependencies: [{ writerId: WRITER_ID, name: "ledger" }],
  }),
  components("a dependency on a component that it lacks", "declared", {
    ...component,
    dependencies: [{ writerId: WRITER_ID, name: "Archive" }],
  }),
  components("the same files in two cases", "declared", {
    name: "Ledger",
    files: [files[0], { path: "c:\\programdata\\CONTOSO\\", filespec: "*", recursive: false }],
  }),
  components("half of a surrogate pair in a name", "declared", { ...component, name: "\uD83D" }),
  writer("a name of the application that no document can contain", declared, { name: "\uD83D" }),
  fileSet("a variable of a user", { path: "%LocalAppData%\\Contoso" }),
  fileSet("a way up in a path", { path: "C:\\Contoso\\..\\Windows" }),
  writer("a restore that stops an unnamed service", {
    ...declared,
    restoreMethod: "stopRestoreStart",
  }),
  writer("a service that nobody stops", { ...declared, restoreService: "ContosoLedger" }),
  writer(
    "a restore that stops a service, beside an add-in",
    { ...declared, restoreMethod: "stopRestoreStart", restoreService: "ContosoLedger" },
    addin,
  ),
];
