// What wsb-addin's commands generate and upgrade run: one bundle of its own, loaded by them alone.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createTwoFilesPatch } from "diff";
import type { FileChange, Grower, Part } from "../src/cli/grower.ts";
import { WsbError } from "../src/errors.ts";
import { SHIM_FOLDER } from "../src/shim/own-shim.ts";
import { choiceRule, choose, ciSystems, handlers } from "./choices.ts";
import type { HandlerName } from "./choices.ts";
import { writeFiles } from "./create.ts";
import { listHandler } from "./edit-addin.ts";
import { addOptionalPackage } from "./edit-package.ts";
import { readProject } from "./existing-project.ts";
import type { ExistingProject } from "./existing-project.ts";
import {
  dotnetHandlerLayer,
  dotnetLayer,
  filesOf,
  handlerFile,
  handlerLayer,
  layersOf,
} from "./layers.ts";
import type { ProjectFile, Sources } from "./layers.ts";
import { digestOf, formatRecord, readRecord, recordFile } from "./record.ts";
import type { ScaffoldRecord } from "./record.ts";
import { TargetExistsError, findCollisions, openTarget } from "./target.ts";

const bundledSources: Sources = {
  templates: fileURLToPath(new URL("templates", import.meta.url)),
  shim: fileURLToPath(new URL("../shim-source", import.meta.url)),
};
const entryFile = "src/addin.ts";
const entryTestFile = "test/addin.test.ts";
const packageFile = "package.json";
const checkHandlerFile = handlerFile("checkConsistency");

/** What is to be done to a project, as far as it is known before a file is written. */
interface Draft {
  readonly files: readonly ProjectFile[];
  /** What templates are filled with beside the project's answers. */
  readonly values: Readonly<Record<string, unknown>>;
  /** New texts of files that there are, by path. */
  readonly edits: ReadonlyMap<string, string>;
  readonly todo: readonly string[];
}

/** Makes parts for projects, and keeps the kit's files in them up to date. */
export function createGrower(sources: Sources = bundledSources): Grower {
  return {
    async generate({ part, projectFolder, isDryRun }) {
      const project = readProject(projectFolder);
      const draft = await draftOf(part, project, sources);
      const paths = draft.files.map(({ path }) => path);
      refuseCollisions(projectFolder, paths);
      await stage(projectFolder, isDryRun, async (staging) => {
        await writeFiles({ ...project.answers, ...draft.values }, draft.files, staging);
        writeTexts(draft.edits, staging);
        const record = grownRecord(project, part, draft.files, staging);
        if (record === undefined) return [...draft.edits.keys()];
        writeTexts(new Map([[recordFile, formatRecord(record)]]), staging);
        return [...draft.edits.keys(), recordFile];
      });
      return { created: paths, changed: draft.changes, todo: draft.todo };
    },

    async upgrade({ projectFolder, isDryRun }) {
      const project = readProject(projectFolder);
      const record = readRecord(projectFolder);
      const fresh = await renderOwned(project, record, sources);
      const comparison = compare(projectFolder, record, fresh);
      const { edits, created, removed, ownersFiles, todo } = keepShimWhole(
        comparison,
        project.answers.versions.wsbAddin,
      );
      const upgraded = {
        created: [...created.keys()],
        changed: changesOf(projectFolder, edits),
        removed,
        todo,
        ownersFiles,
      };
      if (edits.size + created.size + removed.length === 0) return upgraded;
      const files = new Map(record.files);
      for (const [path, text] of [...edits, ...created]) files.set(path, digestOf(text));
      for (const path of removed) files.delete(path);
      await stage(projectFolder, isDryRun, async (staging) => {
        writeTexts(new Map([...edits, ...created]), staging);
        writeTexts(new Map([[recordFile, formatRecord({ ...record, files })]]), staging);
        return [...edits.keys(), ...removed, recordFile];
      });
      return upgraded;
    },
  };
}

/**
 * Fills a staging folder and, unless it is only a try, moves it into the project.
 *
 * @param fill Returns the files that are to be replaced or to go.
 */
async function stage(
  folder: string,
  isDryRun: boolean,
  fill: (staging: string) => Promise<readonly string[]>,
): Promise<void> {
  if (isDryRun) {
    await inTemporaryFolder(fill);
    return;
  }
  const target = openTarget(folder);
  try {
    target.commit(await fill(target.staging));
  } finally {
    target.discard();
  }
}

async function inTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "wsb-addin-grow-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function refuseCollisions(folder: string, paths: readonly string[]): void {
  const collisions = findCollisions(folder, paths);
  if (collisions.length === 0) return;
  throw new TargetExistsError(
    `Cannot add to ${folder}, where these files are already: ${collisions.join(", ")}. Nothing was changed; move them away, or do without.`,
    collisions,
  );
}

async function draftOf(part: Part, project: ExistingProject, sources: Sources) {
  const draft = await makeDraft(part, project, sources);
  return { ...draft, changes: changesOf(project.folder, draft.edits) };
}

function makeDraft(part: Part, project: ExistingProject, sources: Sources): Promise<Draft> {
  switch (part.kind) {
    case "handler":
      return Promise.resolve(draftHandler(part.name, project, sources));
    case "dotnet":
      return draftDotnet(part.name, project, sources);
    case "check":
      return draftCheck(part.name, project, sources);
    case "ci":
      return Promise.resolve(draftCi(part.name, sources));
    case "cloud":
      return Promise.resolve(draftCloud(project, sources));
  }
}

function draftHandler(text: string, project: ExistingProject, sources: Sources): Draft {
  const name = choose(handlers, text);
  if (name === undefined) throw noSuch("The handler", choiceRule(handlers, text));
  requireAddin(project);
  const files = filesOf(sources, [handlerLayer(name)]);
  return { files, values: {}, ...entryEdit(project, name) };
}

async function draftDotnet(
  text: string,
  project: ExistingProject,
  sources: Sources,
): Promise<Draft> {
  const name = choose(handlers, text);
  if (name === undefined) throw noSuch("The handler", choiceRule(handlers, text));
  requireAddin(project);
  const { folder, answers, record } = project;
  const values = { dotnet: [...answers.dotnet, name] };
  const settings = filesOf(sources, [dotnetLayer]);
  const isThere = ({ path }: ProjectFile): boolean => existsSync(join(folder, path));
  const drafts = [
    entryEdit(project, name),
    packageEdit(project),
    await testEdit(name, values, project, sources),
  ];
  return {
    files: [
      ...settings.filter((file) => !isThere(file)),
      ...filesOf(sources, [dotnetHandlerLayer(name)]),
    ],
    values,
    edits: new Map(drafts.flatMap(({ edits }) => [...edits])),
    todo: [
      ...drafts.flatMap(({ todo }) => todo),
      ...(answers.dotnet.length === 0
        ? settings
            .filter((file) => isThere(file) && record?.files.has(file.path) !== true)
            .map(({ path }) => `Say ignore-scripts=true in ${path}: edge-js needs no install step.`)
        : []),
      `Install the packages: ${answers.commands.install}`,
      ...(answers.dotnet.length === 0 && record !== undefined
        ? ["Have the kit's files take handlers in C# into account: wsb-addin upgrade"]
        : []),
    ],
  };
}

/** Makes edge-js a package of the project. */
function packageEdit({ folder, answers }: ExistingProject): Pick<Draft, "edits" | "todo"> {
  const range = answers.versions.edgeJs;
  const edit = addOptionalPackage(readText(join(folder, packageFile)) ?? "", "edge-js", range);
  switch (edit.kind) {
    case "edited":
      return { edits: new Map([[packageFile, edit.text]]), todo: [] };
    case "listed":
      return { edits: new Map(), todo: [] };
    case "unclear":
      return {
        edits: new Map(),
        todo: [`Add to the optionalDependencies of ${packageFile}: "edge-js": "${range}"`],
      };
  }
}

/** The add-in's own test runs its handlers, which in C# takes a machine that has .NET. */
async function testEdit(
  name: HandlerName,
  values: object,
  { folder, answers }: ExistingProject,
  sources: Sources,
): Promise<Pick<Draft, "edits" | "todo">> {
  const current = readText(join(folder, entryTestFile));
  const files = filesOf(sources, ["addin"]).filter(({ path }) => path === entryTestFile);
  const [before, after] = await Promise.all([
    render(answers, files),
    render({ ...answers, ...values }, files),
  ]);
  const [was, is] = [before, after].map((texts) => texts.get(entryTestFile) ?? "");
  if (current === undefined || is === undefined || was === is)
    return { edits: new Map(), todo: [] };
  if (was !== undefined && digestOf(current) === digestOf(was)) {
    return { edits: new Map([[entryTestFile, is]]), todo: [] };
  }
  const todo = [
    `Where ${entryTestFile} calls ${name}, say test.runIf(canRunDotnet()), from wsb-addin/testing.`,
  ];
  return { edits: new Map(), todo };
}

async function draftCheck(
  name: string,
  project: ExistingProject,
  sources: Sources,
): Promise<Draft> {
  if (!/^[a-z][a-z\d]*(?:-[a-z\d]+)*$/u.test(name) || name.length > 64) {
    throw noSuch(
      "The name of a check",
      `must be words of small letters and digits, joined by hyphens, such as ledger-files; it is ${JSON.stringify(name)}`,
    );
  }
  requireAddin(project);
  const values = { checkName: name };
  const check = filesOf(sources, ["check"], name);
  const handlerPath = join(project.folder, checkHandlerFile);
  const calling = filesOf(sources, ["check-handler"]);
  if (!existsSync(handlerPath)) {
    const { edits, todo } = entryEdit(project, "checkConsistency");
    return { files: [...check, ...calling], values, edits, todo };
  }
  const [untouched = ""] = filesOf(sources, [handlerLayer("checkConsistency")])
    .filter(({ path }) => path === checkHandlerFile)
    .map(({ template }) => digestOf(readFileSync(template, "utf8")));
  if (digestOf(readFileSync(handlerPath, "utf8")) === untouched) {
    const rendered = await render({ ...project.answers, ...values }, calling);
    return { files: check, values, edits: rendered, todo: [] };
  }
  const todo = [`Call the check of src/checks/${name}.ts in ${checkHandlerFile}.`];
  return { files: check, values, edits: new Map(), todo };
}

function draftCi(text: string, sources: Sources): Draft {
  const systems = ciSystems.filter(({ value }) => value !== "none");
  const name = choose(systems, text);
  if (name === undefined) throw noSuch("The system", choiceRule(systems, text));
  return { files: filesOf(sources, [`ci/${name}`]), values: {}, edits: new Map(), todo: [] };
}

function draftCloud(project: ExistingProject, sources: Sources): Draft {
  const todo =
    project.kind === "cloud"
      ? []
      : [
          "Make wsb-addin a dependency, not a devDependency: update-status needs it when it runs.",
          "Read CLOUD.md for the resource DLL, and for what to run when.",
        ];
  return { files: filesOf(sources, ["cloud"]), values: {}, edits: new Map(), todo };
}

/** Lists a handler in the entry module, or says how its owner does it. */
function entryEdit(project: ExistingProject, name: HandlerName): Pick<Draft, "edits" | "todo"> {
  const path = join(project.folder, entryFile);
  const source = existsSync(path) ? readFileSync(path, "utf8") : "";
  const edit = listHandler(source, name);
  switch (edit.kind) {
    case "edited":
      return { edits: new Map([[entryFile, edit.source]]), todo: [] };
    case "listed":
      return { edits: new Map(), todo: [] };
    case "unclear":
      return { edits: new Map(), todo: [`Add to ${entryFile}: ${edit.lines.join("  ")}`] };
  }
}

function requireAddin({ kind, folder }: ExistingProject): void {
  if (kind === "add-in") return;
  throw new WsbError(
    "ERR_WSB_INVALID_ARGUMENT",
    `The project in ${folder} is no add-in, so nothing calls handlers. Create one of --kind add-in with create-wsb-addin.`,
  );
}

function noSuch(what: string, rule: string | undefined): WsbError {
  return new WsbError("ERR_WSB_INVALID_ARGUMENT", `${what} ${rule ?? ""}.`);
}

/** The record with the kit's files among those just made; nothing where it stays as it is. */
function grownRecord(
  { record }: ExistingProject,
  part: Part,
  files: readonly ProjectFile[],
  staging: string,
): ScaffoldRecord | undefined {
  const owned = files.filter(({ isKitOwned }) => isKitOwned);
  if (record === undefined || owned.length === 0) return undefined;
  const digests = owned.map(({ path }): [string, string] => [
    path,
    digestOf(readFileSync(join(staging, path), "utf8")),
  ]);
  const ci = part.kind === "ci" ? choose(ciSystems, part.name) : undefined;
  return {
    ...record,
    ci: ci === undefined ? record.ci : [...new Set([...record.ci, ci])],
    files: new Map([...record.files, ...digests]),
  };
}

/** Texts of templates, by the paths they are for. */
function render(
  values: object,
  files: readonly ProjectFile[],
): Promise<ReadonlyMap<string, string>> {
  return inTemporaryFolder(async (folder) => {
    await writeFiles(values, files, folder);
    return new Map(files.map(({ path }) => [path, readFileSync(join(folder, path), "utf8")]));
  });
}

/** The kit's files as this version of the kit would make them. */
function renderOwned(
  { answers, kind }: ExistingProject,
  { ci, packageManager }: ScaffoldRecord,
  sources: Sources,
): Promise<ReadonlyMap<string, string>> {
  const choices = { ...answers, kind, handlers: [], packageManager };
  const layers = new Set(
    [...ci, "none" as const].flatMap((system) => layersOf({ ...choices, ci: system })),
  );
  const owned = filesOf(sources, [...layers]).filter(({ isKitOwned }) => isKitOwned);
  return render(answers, owned);
}

/** A project without it has no source of a shim. */
const shimMark = `${SHIM_FOLDER}/package.json`;

interface Comparison {
  readonly edits: ReadonlyMap<string, string>;
  readonly created: ReadonlyMap<string, string>;
  /** Files of the shim's source that the kit has no longer. */
  readonly removed: readonly string[];
  /** Files that were the kit's once: changed or removed since, and left as they are. */
  readonly ownersFiles: readonly string[];
}

function compare(
  folder: string,
  record: ScaffoldRecord,
  fresh: ReadonlyMap<string, string>,
): Comparison {
  const edits = new Map<string, string>();
  const created = new Map<string, string>();
  const ownersFiles: string[] = [];
  for (const [path, text] of fresh) {
    const digest = record.files.get(path);
    const current = readText(join(folder, path));
    if (current === undefined && digest === undefined) created.set(path, text);
    else if (current === undefined) ownersFiles.push(path);
    else if (digestOf(current) === digestOf(text)) continue;
    else if (digestOf(current) === digest) edits.set(path, text);
    else ownersFiles.push(path);
  }
  const removed: string[] = [];
  for (const [path, digest] of fresh.has(shimMark) ? record.files : []) {
    const current = readText(join(folder, path));
    if (!isOfShim(path) || fresh.has(path) || current === undefined) continue;
    (digestOf(current) === digest ? removed : ownersFiles).push(path);
  }
  return { edits, created, removed, ownersFiles };
}

function isOfShim(path: string): boolean {
  return path.startsWith(`${SHIM_FOLDER}/`);
}

/**
 * The shim's source is of one version or the other, never of both: where its owner has changed a
 * file of it, none is touched.
 */
function keepShimWhole(comparison: Comparison, version: string): Comparison & Pick<Draft, "todo"> {
  const { edits, created, removed, ownersFiles } = comparison;
  const news = [...edits.keys(), ...created.keys(), ...removed].filter(isOfShim);
  if (news.length === 0) return { ...comparison, todo: [] };
  if (!ownersFiles.some(isOfShim)) {
    return { ...comparison, todo: ["Build the shim again: wsb-addin shim build"] };
  }
  const others = (texts: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
    new Map([...texts].filter(([path]) => !isOfShim(path)));
  const todo = [
    `The shim's source has changes of yours, and stays as it is. Write the new one beside it (wsb-addin shim eject --out ${SHIM_FOLDER}-${version}) and carry them over.`,
  ];
  return { edits: others(edits), created: others(created), removed: [], ownersFiles, todo };
}

function readText(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

function writeTexts(texts: ReadonlyMap<string, string>, staging: string): void {
  for (const [path, text] of texts) {
    mkdirSync(dirname(join(staging, path)), { recursive: true });
    writeFileSync(join(staging, path), text, { flag: "wx" });
  }
}

function changesOf(folder: string, edits: ReadonlyMap<string, string>): readonly FileChange[] {
  return [...edits].map(([path, text]) => ({
    path,
    diff: createTwoFilesPatch(`a/${path}`, `b/${path}`, readText(join(folder, path)) ?? "", text),
  }));
}
