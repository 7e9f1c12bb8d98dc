import { isAbsolute, relative } from "node:path";
import generatorPackage from "./package.json" with { type: "json" };
import type { Answers } from "./answers.ts";

/** The generator's own version. */
export const version: string = generatorPackage.version;

export const help = `Usage: npm create wsb-addin@latest -- [dir] [flags]
Creates a Windows Server Backup project. Asks for what no flag says; (defaults).

  [dir], --dir <folder>     folder to create (made from the name)
  --name <text>             product name (the folder's, or "My Add-in")
  --kind <kind>             add-in, application (no code) or cloud (add-in)
  --identifier <text>       application identifier, 1 to 256 characters (name)
  --writer-id <guid>        class id of the application's VSS writer (a new one)
  --clsid, --app-id <guid>  ids of the COM class and application (new ones)
  --snapin-id <guid>        id of a cloud backup provider (a new one)
  --handler <name>          preRestore, postRestore, orderComponents, none, all,
                            isRollForwardSupported or checkConsistency (all)
  --service <name>          service to stop during a restore (none)
  --dotnet <name>           handler to write in C# (none); repeat these three
  --shim <form>             prebuilt, or source: its C++ to change (prebuilt)
  --ci <system>             github, azure or none (github)
  --package-manager <name>  npm, pnpm, yarn or bun (the one that runs this)
  --install, --git          install packages, make a repository (--no-install)
  --merge                   add to a folder in use only what is missing
  --dry-run                 print the files and the identity, write nothing
  -y, --yes                 ask nothing; so does a missing terminal
  --json                    print one JSON document; asks nothing
  -h, --help, --version     Exit codes: 0 done · 1 failed, nothing changed
                            2 wrong usage
`;

/** What a finished run has to say. */
export interface Outcome {
  readonly answers: Answers;
  /** Files that were made, or would be. */
  readonly files: readonly string[];
  /** Files that were there already and stayed as they were. */
  readonly kept: readonly string[];
  readonly isDryRun: boolean;
  readonly currentFolder: string;
}

/** Outcome as one JSON document. */
export function outcomeAsJson({ answers, files, kept, isDryRun, currentFolder }: Outcome): string {
  const { folder, name, packageName, kind, handlers, dotnet, shim } = answers;
  const { ci, packageManager, install, git } = answers;
  return asJson({
    folder,
    dryRun: isDryRun,
    files,
    kept,
    choices: { kind, handlers, dotnet, shim, ci, packageManager, install, git },
    identity: { name, packageName, ...identityOf(answers) },
    next: nextCommands(answers, currentFolder),
  });
}

/** Outcome for a person, ending with the commands to type next. */
export function outcomeAsText(outcome: Outcome): string {
  const { answers, files, kept, isDryRun, currentFolder } = outcome;
  const { name, folder } = answers;
  const did = isDryRun ? "Would create" : "Created";
  const lines = [`${did} ${name} in ${folder}: ${files.length} files.`, ""];
  if (isDryRun) lines.push(...files.map((file) => `  ${file}`), "");
  if (kept.length > 0) {
    lines.push("Left as they were:", ...kept.map((file) => `  ${file}`), "");
  }
  lines.push(...identityLines(answers), "");
  if (answers.kind !== "cloud" && answers.writerIdIsNew) {
    lines.push(
      "The writer id is new. It must be the id of the application's VSS writer: put that into",
      "wsb-addin.json before you register, or give the writer this one.",
      "",
    );
  }
  if (isDryRun) {
    lines.push("To get these ids, say:", `  ${identityFlags(answers).join(" ")}`, "");
  } else {
    const commands = nextCommands(answers, currentFolder).map((line) => `  ${line}`);
    lines.push("Next:", ...commands, "");
  }
  return lines.join("\n");
}

function identityOf(answers: Answers): Readonly<Record<string, unknown>> {
  const { kind, applicationIdentifier, writerId, writerIdIsNew, clsid, appId, services } = answers;
  switch (kind) {
    case "cloud":
      return { snapinId: answers.snapinId };
    case "application":
      return { applicationIdentifier, writerId, writerIdIsNew };
    case "add-in":
      return { applicationIdentifier, writerId, writerIdIsNew, clsid, appId, services };
  }
}

function identityLines(answers: Answers): readonly string[] {
  if (answers.kind === "cloud") return [`  snap-in id              ${answers.snapinId}`];
  const application = [
    `  application identifier  ${answers.applicationIdentifier}`,
    `  writer id               ${answers.writerId}`,
  ];
  if (answers.kind === "application") return application;
  return [
    ...application,
    `  class id                ${answers.clsid}`,
    `  application id (COM)    ${answers.appId}`,
    `  services                ${answers.services.join(", ") || "none"}`,
  ];
}

/** A GUID without what shells take for their own. */
function bare(guid: string): string {
  return guid.slice(1, -1);
}

/** The ids are new in each run unless they are given. */
function identityFlags(answers: Answers): readonly string[] {
  const { writerId, clsid, appId, snapinId } = answers;
  if (answers.kind === "cloud") return [`--snapin-id ${bare(snapinId)}`];
  const writer = `--writer-id ${bare(writerId)}`;
  if (answers.kind === "application") return [writer];
  return [writer, `--clsid ${bare(clsid)}`, `--app-id ${bare(appId)}`];
}

/** Failure as one JSON document. */
export function failureAsJson(
  code: string,
  message: string,
  collisions: readonly string[],
): string {
  return asJson({ error: { code, message, ...(collisions.length > 0 && { collisions }) } });
}

/** Failure for a person. */
export function failureAsText(message: string, collisions: readonly string[]): string {
  return [message, ...collisions.map((file) => `  ${file}`), ""].join("\n");
}

function nextCommands(answers: Answers, currentFolder: string): readonly string[] {
  const { folder, kind, install, commands } = answers;
  const path = relative(currentFolder, folder);
  const shortest = path.startsWith("..") || isAbsolute(path) ? folder : path;
  const scripts = kind === "cloud" ? ["build", "register"] : ["register", "simulate"];
  return [
    ...(path === "" ? [] : [`cd ${quoteArgument(shortest)}`]),
    ...(install ? [] : [commands.install]),
    ...scripts.map((script) => `${commands.run} ${script}`),
  ];
}

/** Quotes a path for the system's usual shell when it needs it. */
function quoteArgument(path: string): string {
  if (/^[\w./\\:@+-]+$/u.test(path)) return path;
  return process.platform === "win32" ? `"${path}"` : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}

function asJson(document: object): string {
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
