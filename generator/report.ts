import { isAbsolute, relative } from "node:path";
import generatorPackage from "./package.json" with { type: "json" };
import type { WsbErrorCode } from "../src/base/errors.ts";
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
  /** What was added to package.json, or would be. */
  readonly added: readonly string[];
  /** What the project's owner must do first, as sentences. */
  readonly todo: readonly string[];
  /** The project has the scripts of the scaffold. */
  readonly hasScripts: boolean;
  /** Services of the project that this machine, or the lab, does not have. */
  readonly missingServices: readonly string[];
  readonly isDryRun: boolean;
  readonly surroundings: ReportSurroundings;
}

/** What the next commands depend on. */
export interface ReportSurroundings {
  readonly currentFolder: string;
  readonly platform: NodeJS.Platform;
  /** The folder of installed programs, which only administrators can change. */
  readonly programFiles: string | undefined;
}

/** Formats an outcome as one JSON document. */
export function outcomeAsJson(outcome: Outcome): string {
  const { answers, files, kept, added, todo, isDryRun } = outcome;
  const { folder, name, packageName, kind, writer, handlers, dotnet, shim } = answers;
  const { ci, packageManager, install, git } = answers;
  return asJson({
    ok: true,
    folder,
    dryRun: isDryRun,
    files,
    kept,
    added,
    todo,
    choices: { kind, writer, handlers, dotnet, shim, ci, packageManager, install, git },
    identity: { name, packageName, ...identityOf(answers) },
    next: nextSteps(outcome).flatMap(({ commands }) => commands),
  });
}

/** Formats an outcome for a person, ending with the commands to type next. */
export function outcomeAsText(outcome: Outcome): string {
  const { answers, files, kept, added, todo, isDryRun } = outcome;
  const { name, folder } = answers;
  const did = isDryRun ? "Would create" : "Created";
  const lines = [`${did} ${name} in ${folder}: ${files.length} files.`, ""];
  if (isDryRun) lines.push(...files.map((file) => `  ${file}`), "");
  if (kept.length > 0) {
    lines.push("Not changed:", ...kept.map((file) => `  ${file}`), "");
  }
  if (added.length > 0) {
    const verb = isDryRun ? "Would add" : "Added";
    lines.push(`${verb} to package.json:`, ...added.map((field) => `  ${field}`), "");
  }
  lines.push(...identityLines(answers), "");
  const note = writerNote(answers);
  if (note.length > 0) lines.push(...note, "");
  if (todo.length > 0) lines.push("To do:", ...todo.map((text) => `  ${text}`), "");
  if (isDryRun) {
    lines.push("To use these IDs, add these flags:", `  ${identityFlags(answers).join(" ")}`, "");
  } else {
    for (const { heading, commands } of nextSteps(outcome)) {
      lines.push(heading, ...commands.map((line) => `  ${line}`), "");
    }
  }
  return lines.join("\n");
}

/** Says what the project's owner must know about the writer. */
function writerNote({ kind, writer, writerIdIsNew, commands }: Answers): readonly string[] {
  if (kind === "cloud") return [];
  switch (writer) {
    case "external":
      return writerIdIsNew
        ? [
            "The writer ID is new. It must be the ID of the application's VSS writer: enter that ID in",
            "wsb-addin.json before you register, or give the writer this ID. If the application has no",
            `writer, ${commands.exec} wsb-addin generate writer adds one.`,
          ]
        : [];
    case "declared":
      return [
        "A backup contains the files that wsb-addin.json lists in writer. Correct the list before you",
        "register.",
      ];
    case "service":
      return [
        "A backup contains the files that wsb-addin.json lists in writer, and runs freeze and thaw in",
        "src/writer.ts. Correct both before you register: while freeze fails, every backup of the server",
        "fails.",
      ];
  }
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
export function failureAsText(
  code: WsbErrorCode,
  message: string,
  collisions: readonly string[],
): string {
  const page = `docs/errors.md#${code.toLowerCase()}`;
  const files = collisions.map((file) => `  ${file}`);
  return [message, ...files, `See ${page} in the npm package wsb-addin.`, ""].join("\n");
}

/** Commands to type one after the other, and where. */
interface Steps {
  readonly heading: string;
  readonly commands: readonly string[];
}

function nextSteps(outcome: Outcome): readonly Steps[] {
  const { platform } = outcome.surroundings;
  const setUp = [...enterFolder(outcome), ...installPackages(outcome)];
  const { commands } = outcome.answers;
  if (platform === "win32") {
    const steps = [
      { heading: "Next:", commands: setUp },
      { heading: "Then, in an elevated prompt:", commands: useCommands(outcome) },
    ];
    return steps.filter((one) => one.commands.length > 0);
  }
  if (platform === "linux") {
    const lab = `${commands.exec} wsb-addin lab up`;
    return [{ heading: "Next:", commands: [...setUp, lab, ...useCommands(outcome)] }];
  }
  return [
    { heading: "Next:", commands: [...setUp, commands.test] },
    { heading: "Then, on Windows or Linux:", commands: useCommands(outcome) },
  ];
}

function enterFolder({ answers, surroundings }: Outcome): readonly string[] {
  const { currentFolder, platform } = surroundings;
  const path = relative(currentFolder, answers.folder);
  const shortest = path.startsWith("..") || isAbsolute(path) ? answers.folder : path;
  return path === "" ? [] : [`cd ${quoteArgument(shortest, platform)}`];
}

function installPackages({ answers: { install, commands } }: Outcome): readonly string[] {
  return install ? [] : [commands.install];
}

/** The commands that need Windows, or the lab in its place. */
function useCommands(outcome: Outcome): readonly string[] {
  const { answers, missingServices, hasScripts, surroundings } = outcome;
  const { commands } = answers;
  const standIns = missingServices.map(
    (name) =>
      `${commands.exec} wsb-addin lab service add ${quoteArgument(name, surroundings.platform)}`,
  );
  const { scripts, programs } = usesOf(answers);
  const uses = hasScripts
    ? scripts.map((script) => `${commands.run} ${script}`)
    : programs.map((program) => `${commands.exec} ${program}`);
  return [...standIns, ...uses.map((line) => acceptFolder(line, outcome))];
}

/** How a project is used: by its scripts, or by the programs that they run. */
function usesOf({ kind, writer }: Answers): {
  readonly scripts: readonly string[];
  readonly programs: readonly string[];
} {
  switch (kind) {
    case "add-in":
      return {
        scripts: ["register", "simulate"],
        programs: ["wsb-addin build", "wsb-addin register", "wsb-addin simulate restore"],
      };
    case "application":
      return {
        scripts: ["register", "simulate"],
        programs: [
          ...(writer === "service" ? ["wsb-addin build"] : []),
          "wsb-addin register",
          "wsb-addin simulate restore --without-addin",
        ],
      };
    case "cloud":
      return {
        scripts: ["build", "register"],
        programs: [
          "tsc -p tsconfig.cloud.json",
          "wsb-addin cloud register --provider provider.json",
        ],
      };
  }
}

/** On Windows, `register` accepts the folder of a developer's project only with this flag. */
function acceptFolder(command: string, { answers, surroundings, hasScripts }: Outcome): string {
  const { platform, programFiles } = surroundings;
  const isSafe = programFiles !== undefined && isBelow(answers.folder, programFiles);
  const hasProgram = answers.kind === "add-in" || answers.writer === "service";
  if (platform !== "win32" || !hasProgram || isSafe) return command;
  if (!command.endsWith(" register")) return command;
  return `${command} ${hasScripts ? answers.commands.passOn : ""}--allow-writable-folder`;
}

function isBelow(folder: string, parent: string): boolean {
  const path = relative(parent, folder);
  return !path.startsWith("..") && !isAbsolute(path);
}

/** Quotes a path or a name for the usual shell of the system if necessary. */
function quoteArgument(path: string, platform: NodeJS.Platform): string {
  if (/^[\w./\\:@+-]+$/u.test(path)) return path;
  return platform === "win32"
    ? `"${path.replaceAll('"', String.raw`\"`)}"`
    : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}

/** Formats a document with the common fields of all documents of the kit, see docs/json.md. */
function asJson(document: object): string {
  const whole = { schemaVersion: 1, command: "create", ...document };
  return `${JSON.stringify(whole, undefined, 2)}\n`;
}
