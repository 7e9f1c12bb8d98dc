import { existsSync } from "node:fs";
import { join } from "node:path";
import { WsbError } from "../src/base/errors.ts";
import type { Part } from "../src/base/generator.ts";
import { MANIFEST_FILE } from "../src/runtime/manifest/manifest.ts";
import { parseManifest } from "../src/runtime/manifest/parse.ts";
import { folderRule } from "../src/runtime/manifest/writer-rules.ts";
import type { Answers } from "./answers.ts";
import {
  choiceRule,
  choose,
  ciSystems,
  handlers,
  interfaceHandlers,
  ownWriterKinds,
} from "./choices.ts";
import type { HandlerName } from "./choices.ts";
import {
  addLastField,
  addOptionalPackage,
  listHandler,
  readFields,
  replaceFields,
} from "./edits.ts";
import type { ExistingProject } from "./existing-project.ts";
import { manifestWriter } from "./own-writer.ts";
import { workflowObstacle, workspaceTodo } from "./place.ts";
import type { Plop } from "./plop.ts";
import {
  camelCase,
  dotnetHandlerLayer,
  dotnetLayer,
  filesOf,
  handlerFile,
  handlerLayer,
  layersOf,
  placeWorkflow,
  writerLayer,
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
    case "writer":
      return draftWriter(part, project, plop);
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

function draftWriter(
  { name, files }: Extract<Part, { readonly kind: "writer" }>,
  project: ExistingProject,
  plop: Plop,
): Draft {
  const writer = choose(ownWriterKinds, name);
  if (writer === undefined) throw unknownName("--kind", choiceRule(ownWriterKinds, name));
  requireRoomForWriter(project, writer);
  requireFilesToReport(project, files);
  const { answers } = project;
  const values = { ...answers, writer, filesFolder: files ?? answers.filesFolder };
  const edits = [reportFiles(project, values), adaptScripts(project, values, plop)];
  return {
    files: filesOf(plop.sources, writer === "service" ? [writerLayer] : []),
    values,
    texts: new Map(edits.flatMap(({ texts }) => [...texts])),
    todo: [...edits.flatMap(({ todo }) => todo), ...writerTodo(project, values)],
  };
}

function requireRoomForWriter(
  { kind, folder, answers }: ExistingProject,
  wanted: Answers["writer"],
): void {
  if (kind === "cloud") {
    throw new WsbError(
      "ERR_WSB_INVALID_ARGUMENT",
      `The project in ${folder} is a cloud backup provider, which has no writer. Create an add-in or an application with create-wsb-addin.`,
    );
  }
  // A writer in a service may lack only its files, and a declared one can become one.
  if (answers.writer === "external" || wanted === "service") return;
  throw new WsbError(
    "ERR_WSB_TARGET_EXISTS",
    `${join(folder, MANIFEST_FILE)} has a writer of the kind ${answers.writer}. Nothing was changed. Edit writer there.`,
  );
}

function requireFilesToReport(
  { folder, answers }: ExistingProject,
  files: string | undefined,
): void {
  if (files === undefined) return;
  const complaint = folderRule(files);
  if (complaint !== undefined) throw unknownName("--files", complaint);
  if (answers.writer === "external") return;
  throw new WsbError(
    "ERR_WSB_INVALID_ARGUMENT",
    `Omit --files: writer in ${join(folder, MANIFEST_FILE)} already lists the files.`,
  );
}

/**
 * Adds the writer to the manifest.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_MANIFEST` for a name that a writer cannot have.
 */
function reportFiles({ folder, answers }: ExistingProject, values: Answers): Edits {
  if (answers.writer === values.writer) return { texts: new Map(), todo: [] };
  const texts = new Map<string, string>();
  if (answers.writer !== "external") {
    return { texts, todo: [`In ${MANIFEST_FILE}, change "kind" of writer to "${values.writer}".`] };
  }
  const writer = manifestWriter(values);
  const text = readTextFile(join(folder, MANIFEST_FILE)) ?? "";
  const edited = addLastField(text, "writer", writer);
  if (edited !== undefined) {
    parseManifest(edited, join(folder, MANIFEST_FILE));
    return { texts: texts.set(MANIFEST_FILE, edited), todo: [] };
  }
  return { texts, todo: [`In ${MANIFEST_FILE}, set "writer" to: ${JSON.stringify(writer)}`] };
}

/** Makes the scripts of package.json build the writer, where they do not build anything yet. */
function adaptScripts({ folder, answers }: ExistingProject, values: Answers, plop: Plop): Edits {
  const template = filesOf(plop.sources, layersOf(values)).filter(
    ({ path }) => path === packageFile,
  );
  const scriptsFor = (choices: Answers): Readonly<Record<string, unknown>> =>
    scriptsIn(plop.textsOf(template, choices).get(packageFile) ?? "");
  const before = scriptsFor(answers);
  const changes = Object.entries(scriptsFor(values)).filter(
    ([name, script]) => before[name] !== script,
  );
  const text = readTextFile(join(folder, packageFile)) ?? "";
  const scripts = scriptsIn(text);
  const open = changes.filter(([name, script]) => scripts[name] !== script);
  if (open.length === 0) return { texts: new Map(), todo: [] };
  if (open.every(([name]) => scripts[name] === before[name])) {
    const edited = { ...readFields(text), scripts: { ...scripts, ...Object.fromEntries(open) } };
    const edit = replaceFields(text, edited);
    if (edit.kind === "edited") return { texts: new Map([[packageFile, edit.text]]), todo: [] };
  }
  const todo = open.map(
    ([name, script]) => `In ${packageFile}, set the script ${name} to: ${String(script)}`,
  );
  return { texts: new Map(), todo };
}

function scriptsIn(text: string): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(Object(readFields(text)?.["scripts"])));
}

function writerTodo({ scaffoldRecord }: ExistingProject, { writer }: Answers): readonly string[] {
  const files = `Correct the files in writer of ${MANIFEST_FILE} before you register.`;
  if (writer !== "service") return [files];
  const hasWorkflow = scaffoldRecord !== undefined && scaffoldRecord.ci.length > 0;
  return [
    files,
    "Replace the samples in src/writer.ts before you register: while freeze fails, every backup of the server fails.",
    ...(hasWorkflow ? ["Adapt the workflow to the writer: wsb-addin upgrade"] : []),
  ];
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
