import { existsSync } from "node:fs";
import { join } from "node:path";
import type { HandlerName } from "./choices.ts";
import { entryEdit, requireAddin, requireHandler } from "./draft.ts";
import type { Draft, Edits } from "./draft.ts";
import { addOptionalPackage } from "./edit-package.ts";
import type { ExistingProject } from "./existing-project.ts";
import { dotnetHandlerLayer, dotnetLayer, filesOf } from "./layers.ts";
import type { Sources } from "./layers.ts";
import { digestOf } from "./record.ts";
import { readText, render } from "./render.ts";

const entryTestFile = "test/addin.test.ts";
const packageFile = "package.json";
const npmSettingsFile = ".npmrc";

/** A handler in C#, and what a project needs for it. */
export async function draftDotnet(
  text: string,
  project: ExistingProject,
  sources: Sources,
): Promise<Draft> {
  const name = requireHandler(text);
  requireAddin(project);
  const values = { dotnet: [...project.answers.dotnet, name] };
  const settings = filesOf(sources, [dotnetLayer]).filter(
    ({ path }) => !existsSync(join(project.folder, path)),
  );
  const drafts = [
    entryEdit(project, name),
    packageEdit(project),
    await testEdit(name, values, project, sources),
  ];
  return {
    files: [...settings, ...filesOf(sources, [dotnetHandlerLayer(name)])],
    values,
    edits: new Map(drafts.flatMap(({ edits }) => [...edits])),
    todo: [...drafts.flatMap(({ todo }) => todo), ...leftToDo(project)],
  };
}

function leftToDo({ folder, answers, record }: ExistingProject): readonly string[] {
  const npmSettings = readText(join(folder, npmSettingsFile));
  const runsScripts =
    npmSettings !== undefined && !/^\s*ignore-scripts\s*=\s*true\s*$/mu.test(npmSettings);
  const isFirst = answers.dotnet.length === 0;
  return [
    ...(runsScripts
      ? [`Say ignore-scripts=true in ${npmSettingsFile}: edge-js needs no install step.`]
      : []),
    `Install the packages: ${answers.commands.install}`,
    ...(isFirst && record !== undefined
      ? ["Have the kit's files take handlers in C# into account: wsb-addin upgrade"]
      : []),
  ];
}

/** Makes edge-js a package of the project. */
function packageEdit({ folder, answers }: ExistingProject): Edits {
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
): Promise<Edits> {
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
