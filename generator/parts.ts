import { existsSync } from "node:fs";
import { join } from "node:path";
import { WsbError } from "../src/base/errors.ts";
import type { Part } from "../src/base/generator.ts";
import { choiceRule, choose, ciSystems, handlers, interfaceHandlers } from "./choices.ts";
import type { HandlerName } from "./choices.ts";
import { addOptionalPackage, listHandler } from "./edits.ts";
import type { ExistingProject } from "./existing-project.ts";
import { workflowObstacle, workspaceTodo } from "./place.ts";
import type { Plop } from "./plop.ts";
import {
  camelCase,
  dotnetHandlerLayer,
  dotnetLayer,
  filesOf,
  handlerFile,
  handlerLayer,
  placeWorkflow,
} from "./project-files.ts";
import type { ProjectFile } from "./project-files.ts";
import { digestOf } from "./scaffold-record.ts";
import { readTextFile } from "./staging.ts";

const entryFile = "src/addin.ts";
const entryTestFile = "test/addin.test.ts";
const packageFile = "package.json";
const npmSettingsFile = ".npmrc";
const checkHandlerFile = handlerFile("checkConsistency");
/** Digest of the handler checkConsistency as 0.1.0 created it. */
const checkHandler010 = "116bdfe5f4d583df936d2ebc849bb3cf2d711a3571b7d96205d0b702d86f4424";

/** Edits of existing files, and instructions where the owner must edit them. */
export interface Edits {
  /** New texts of existing files, by path. */
  readonly texts: ReadonlyMap<string, string>;
  readonly todo: readonly string[];
}

/** The changes that a part makes to a project. */
export interface Draft extends Edits {
  /** Files to create. */
  readonly files: readonly ProjectFile[];
  /** Values for the templates. */
  readonly values: object;
}

/**
 * Decides what a part changes in a project; writes nothing.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` for an unknown name, or a part that does not fit
 * the project.
 */
export function draftPart(part: Part, project: ExistingProject, plop: Plop): Draft {
  switch (part.kind) {
    case "handler":
      return draftHandler(part.name, project, plop);
    case "dotnet":
      return draftDotnetHandler(part.name, project, plop);
    case "check":
      return draftCheck(part.name, project, plop);
    case "ci":
      return draftCi(part.name, project, plop);
    case "cloud":
      return draftCloud(project, plop);
  }
}

function draftHandler(text: string, project: ExistingProject, { sources }: Plop): Draft {
  const name = requireHandler(text);
  requireAddin(project);
  const files = filesOf(sources, [handlerLayer(name)]);
  return { files, values: project.answers, ...listInEntry(project, name) };
}

function draftDotnetHandler(text: string, project: ExistingProject, plop: Plop): Draft {
  const name = requireHandler(text, interfaceHandlers);
  requireAddin(project);
  const { folder, answers } = project;
  const values = { ...answers, dotnet: [...answers.dotnet, name] };
  const settings = filesOf(plop.sources, [dotnetLayer]).filter(
    ({ path }) => !existsSync(join(folder, path)),
  );
  const edits = [
    listInEntry(project, name),
    addEdgeJs(project),
    skipTestWithoutDotnet(name, values, project, plop),
  ];
  return {
    files: [...settings, ...filesOf(plop.sources, [dotnetHandlerLayer(name)])],
    values,
    texts: new Map(edits.flatMap(({ texts }) => [...texts])),
    todo: [...edits.flatMap(({ todo }) => todo), ...dotnetTodo(project)],
  };
}

function draftCheck(name: string, project: ExistingProject, plop: Plop): Draft {
  requireCheckName(name);
  requireAddin(project);
  const values = { ...project.answers, checkName: name };
  const check = filesOf(plop.sources, ["check"], name);
  const handler = filesOf(plop.sources, ["check-handler"]);
  const current = readTextFile(join(project.folder, checkHandlerFile));
  if (current === undefined) {
    return { files: [...check, ...handler], values, ...listInEntry(project, "checkConsistency") };
  }
  const template = filesOf(plop.sources, [handlerLayer("checkConsistency")]);
  const original = plop.textsOf(template, values).get(checkHandlerFile) ?? "";
  if ([digestOf(original), checkHandler010].includes(digestOf(current))) {
    return { files: check, values, texts: plop.textsOf(handler, values), todo: [] };
  }
  const todo = [
    `Call the check in src/checks/${name}.ts from ${checkHandlerFile}: import { ${camelCase(name)} } from "../checks/${name}.ts"; await ${camelCase(name)}(request, context);`,
  ];
  return { files: check, values, texts: new Map(), todo };
}

function draftCi(text: string, { answers }: ExistingProject, { sources }: Plop): Draft {
  const obstacle = workflowObstacle(answers.place);
  if (obstacle !== undefined) throw new WsbError("ERR_WSB_INVALID_ARGUMENT", obstacle);
  const systems = ciSystems.filter((value) => value !== "none");
  const name = choose(systems, text);
  if (name === undefined) throw unknownName("The system", choiceRule(systems, text));
  const files = placeWorkflow(filesOf(sources, [`ci/${name}`]), answers);
  return { files, values: answers, texts: new Map(), todo: workspaceTodo(answers.place) };
}

function draftCloud({ kind, answers }: ExistingProject, { sources }: Plop): Draft {
  const todo =
    kind === "cloud"
      ? []
      : [
          "Move wsb-addin from devDependencies to dependencies: update-status needs it at run time.",
          "Read CLOUD.md: it describes the resource DLL and which command to run when.",
        ];
  return { files: filesOf(sources, ["cloud"]), values: answers, texts: new Map(), todo };
}

/** Lists a handler in the entry module. */
function listInEntry({ folder }: ExistingProject, name: HandlerName): Edits {
  const edit = listHandler(readTextFile(join(folder, entryFile)) ?? "", name);
  switch (edit.kind) {
    case "edited":
      return { texts: new Map([[entryFile, edit.text]]), todo: [] };
    case "listed":
      return { texts: new Map(), todo: [] };
    case "unclear":
      return { texts: new Map(), todo: [`Add to ${entryFile}: ${edit.lines.join("  ")}`] };
  }
}

/** Adds edge-js to package.json. */
function addEdgeJs({ folder, answers }: ExistingProject): Edits {
  const range = answers.versions.edgeJs;
  const edit = addOptionalPackage(readTextFile(join(folder, packageFile)) ?? "", "edge-js", range);
  switch (edit.kind) {
    case "edited":
      return { texts: new Map([[packageFile, edit.text]]), todo: [] };
    case "listed":
      return { texts: new Map(), todo: [] };
    case "unclear":
      return {
        texts: new Map(),
        todo: [`Add to the optionalDependencies of ${packageFile}: "edge-js": "${range}"`],
      };
  }
}

/** Makes the add-in's test skip a handler in C# on a machine without .NET. */
function skipTestWithoutDotnet(
  name: HandlerName,
  values: object,
  { folder, answers }: ExistingProject,
  plop: Plop,
): Edits {
  const files = filesOf(plop.sources, ["addin"]).filter(({ path }) => path === entryTestFile);
  const before = plop.textsOf(files, answers).get(entryTestFile) ?? "";
  const after = plop.textsOf(files, values).get(entryTestFile) ?? "";
  const current = readTextFile(join(folder, entryTestFile));
  if (current === undefined || before === after) return { texts: new Map(), todo: [] };
  if (digestOf(current) === digestOf(before)) {
    return { texts: new Map([[entryTestFile, after]]), todo: [] };
  }
  const todo = [
    `In ${entryTestFile}, use test.runIf(canRunDotnet()), from wsb-addin/testing, for tests that call ${name}.`,
  ];
  return { texts: new Map(), todo };
}

function dotnetTodo({ folder, answers, scaffoldRecord }: ExistingProject): readonly string[] {
  const npmSettings = readTextFile(join(folder, npmSettingsFile));
  const runsScripts =
    npmSettings !== undefined && !/^\s*ignore-scripts\s*=\s*true\s*$/mu.test(npmSettings);
  const isFirst = answers.dotnet.length === 0;
  return [
    ...(runsScripts
      ? [`Set ignore-scripts=true in ${npmSettingsFile}: edge-js needs no install script.`]
      : []),
    `Install the packages: ${answers.commands.install}`,
    ...(isFirst && scaffoldRecord !== undefined
      ? ["Adapt the kit's files to handlers in C#: wsb-addin upgrade"]
      : []),
  ];
}

function requireAddin({ kind, folder }: ExistingProject): void {
  if (kind === "add-in") return;
  throw new WsbError(
    "ERR_WSB_INVALID_ARGUMENT",
    `The project in ${folder} is not an add-in, so Windows calls no handlers. Create an add-in with create-wsb-addin --kind add-in.`,
  );
}

function requireHandler(text: string, known: readonly HandlerName[] = handlers): HandlerName {
  const name = choose(known, text);
  if (name === undefined) throw unknownName("The handler", choiceRule(known, text));
  return name;
}

function requireCheckName(name: string): void {
  if (/^[a-z][a-z\d]*(?:-[a-z\d]+)*$/u.test(name) && name.length <= 64) return;
  throw unknownName(
    "The name of a check",
    `must be words of lower-case letters and digits, joined by hyphens, for example ledger-files; it is ${JSON.stringify(name)}`,
  );
}

function unknownName(subject: string, rule: string | undefined): WsbError {
  return new WsbError("ERR_WSB_INVALID_ARGUMENT", `${subject} ${rule ?? ""}.`);
}
