import { isAbsolute, relative } from "node:path";
import generatorPackage from "./package.json" with { type: "json" };
import type { Answers } from "./answers.ts";

/** The generator's version. */
export const version: string = generatorPackage.version;

/** The result of a run. */
export interface Outcome {
  readonly answers: Answers;
  /** Files that the run created, or would create. */
  readonly files: readonly string[];
  /** Files that existed and were not changed. */
  readonly kept: readonly string[];
  readonly isDryRun: boolean;
  readonly currentFolder: string;
}

/** Formats an outcome as one JSON document. */
export function outcomeAsJson({ answers, files, kept, isDryRun, currentFolder }: Outcome): string {
  const { folder, name, packageName, kind, handlers, dotnet, shim } = answers;
  const { ci, packageManager, install, git } = answers;
  return asJson({
    ok: true,
    folder,
    dryRun: isDryRun,
    files,
    kept,
    choices: { kind, handlers, dotnet, shim, ci, packageManager, install, git },
    identity: { name, packageName, ...identityOf(answers) },
    next: nextCommands(answers, currentFolder),
  });
}

/** Formats an outcome for a person, ending with the commands to type next. */
export function outcomeAsText(outcome: Outcome): string {
  const { answers, files, kept, isDryRun, currentFolder } = outcome;
  const { name, folder } = answers;
  const did = isDryRun ? "Would create" : "Created";
  const lines = [`${did} ${name} in ${folder}: ${files.length} files.`, ""];
  if (isDryRun) lines.push(...files.map((file) => `  ${file}`), "");
  if (kept.length > 0) {
    lines.push("Not changed:", ...kept.map((file) => `  ${file}`), "");
  }
  lines.push(...identityLines(answers), "");
  if (answers.kind !== "cloud" && answers.writerIdIsNew) {
    lines.push(
      "The writer ID is new. It must be the ID of the application's VSS writer: enter that ID in",
      "wsb-addin.json before you register, or give the writer this ID.",
      "",
    );
  }
  if (isDryRun) {
    lines.push("To use these IDs, add these flags:", `  ${identityFlags(answers).join(" ")}`, "");
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
  if (answers.kind === "cloud") return [`  snap-in ID              ${answers.snapinId}`];
  const application = [
    `  application identifier  ${answers.applicationIdentifier}`,
    `  writer ID               ${answers.writerId}`,
  ];
  if (answers.kind === "application") return application;
  return [
    ...application,
    `  class ID                ${answers.clsid}`,
    `  application ID (COM)    ${answers.appId}`,
    `  services                ${answers.services.join(", ") || "none"}`,
  ];
}

/** Removes the braces of a GUID, which shells interpret. */
function bare(guid: string): string {
  return guid.slice(1, -1);
}

/** Returns the flags that give the next run the same IDs. */
function identityFlags(answers: Answers): readonly string[] {
  const { writerId, clsid, appId, snapinId } = answers;
  if (answers.kind === "cloud") return [`--snapin-id ${bare(snapinId)}`];
  const writer = `--writer-id ${bare(writerId)}`;
  if (answers.kind === "application") return [writer];
  return [writer, `--clsid ${bare(clsid)}`, `--app-id ${bare(appId)}`];
}

/** Formats a failure as one JSON document. */
export function failureAsJson(
  code: string,
  message: string,
  collisions: readonly string[],
): string {
  return asJson({
    ok: false,
    error: { code, message, ...(collisions.length > 0 && { collisions }) },
  });
}

/** Formats a failure for a person. */
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
    // The scripts need Windows, or the lab in its place.
    ...(process.platform === "win32" ? [] : [`${commands.exec} wsb-addin lab up`]),
    ...scripts.map((script) => `${commands.run} ${script}`),
  ];
}

/** Quotes a path for the usual shell of the system if necessary. */
function quoteArgument(path: string): string {
  if (/^[\w./\\:@+-]+$/u.test(path)) return path;
  return process.platform === "win32" ? `"${path}"` : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}

/** Formats a document with the common fields of all documents of the kit, see docs/json.md. */
function asJson(document: object): string {
  const whole = { schemaVersion: 1, command: "create", ...document };
  return `${JSON.stringify(whole, undefined, 2)}\n`;
}
