import { isAbsolute, relative } from "node:path";
import generatorPackage from "./package.json" with { type: "json" };
import type { Answers } from "./answers.ts";

/** The generator's own version. */
export const version: string = generatorPackage.version;

export const help = `Usage: create-wsb-addin [dir] [flags]
       npm create wsb-addin@latest -- [dir] [flags]

Creates a Windows Server Backup add-in project in TypeScript.

  [dir], --dir <folder>  folder to create, new or empty (default: made from the name)
  --name <text>          product name (default: the folder's name, or "My Add-in")
  --identifier <text>    application identifier, 1 to 256 characters, as the recovery
                         wizard and wbadmin show it (default: the name)
  --writer-id <guid>     class id of the application's VSS writer, as "vssadmin list
                         writers" shows it (default: a new GUID)
  --service <name>       service to stop before a restore and to start again after it;
                         repeat the flag for more than one (default: none)
  -y, --yes              ask nothing; so does a missing terminal
  --json                 print one JSON document; asks nothing
  -h, --help             show this
  --version              show the version

Exit codes: 0 done, 1 failed and nothing changed, 2 wrong usage.
`;

/** What a finished run has to say. */
export interface Outcome {
  readonly answers: Answers;
  readonly files: readonly string[];
  readonly currentFolder: string;
}

/** Outcome as one JSON document. */
export function outcomeAsJson({ answers, files, currentFolder }: Outcome): string {
  const { folder, name, packageName, applicationIdentifier, writerId, writerIdIsNew } = answers;
  const { clsid, appId, services } = answers;
  return asJson({
    folder,
    files,
    identity: {
      name,
      packageName,
      applicationIdentifier,
      writerId,
      writerIdIsNew,
      clsid,
      appId,
      services,
    },
    next: nextCommands(folder, currentFolder),
  });
}

/** Outcome for a person, ending with the commands to type next. */
export function outcomeAsText({ answers, files, currentFolder }: Outcome): string {
  const lines = [
    `Created ${answers.name} in ${answers.folder}: ${files.length} files.`,
    "",
    `  application identifier  ${answers.applicationIdentifier}`,
    `  writer id               ${answers.writerId}`,
    `  class id                ${answers.clsid}`,
    `  services                ${answers.services.join(", ") || "none"}`,
    "",
  ];
  if (answers.writerIdIsNew) {
    lines.push(
      "The writer id is new. It must be the id of the application's VSS writer: put that into",
      "wsb-addin.json before you register, or give the writer this one.",
      "",
    );
  }
  lines.push(
    "Next:",
    ...nextCommands(answers.folder, currentFolder).map((line) => `  ${line}`),
    "",
  );
  return lines.join("\n");
}

/** Failure as one JSON document. */
export function failureAsJson(code: string, message: string, entries: readonly string[]): string {
  return asJson({ error: { code, message, ...(entries.length > 0 && { entries }) } });
}

/** Failure for a person. */
export function failureAsText(message: string, entries: readonly string[]): string {
  const shown = entries.slice(0, 10).map((entry) => `  ${entry}`);
  const hidden = entries.length - shown.length;
  return [message, ...shown, ...(hidden > 0 ? [`  and ${hidden} more`] : []), ""].join("\n");
}

function nextCommands(folder: string, currentFolder: string): readonly string[] {
  const path = relative(currentFolder, folder);
  const shortest = path.startsWith("..") || isAbsolute(path) ? folder : path;
  const enter = path === "" ? [] : [`cd ${quoteArgument(shortest)}`];
  return [...enter, "npm install", "npm run build", "npm run register", "npm run simulate"];
}

/** Quotes a path for the system's usual shell when it needs it. */
function quoteArgument(path: string): string {
  if (/^[\w./\\:@+-]+$/u.test(path)) return path;
  return process.platform === "win32" ? `"${path}"` : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}

function asJson(document: object): string {
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
