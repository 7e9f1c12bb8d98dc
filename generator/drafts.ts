import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Part } from "../src/tools/cli/shared/grower.ts";
import { choiceRule, choose, ciSystems } from "./choices.ts";
import { draftDotnet } from "./draft-dotnet.ts";
import { entryEdit, noSuch, requireAddin, requireHandler } from "./draft.ts";
import type { Draft } from "./draft.ts";
import type { ExistingProject } from "./existing-project.ts";
import { filesOf, handlerFile, handlerLayer } from "./layers.ts";
import type { Sources } from "./layers.ts";
import { digestOf } from "./record.ts";
import { render } from "./render.ts";

const checkHandlerFile = handlerFile("checkConsistency");

/**
 * Decides what a part takes in a project; nothing is written.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` for a name that there is not, or in a project
 * that the part is not for.
 */
export function draftPart(part: Part, project: ExistingProject, sources: Sources): Promise<Draft> {
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
  const name = requireHandler(text);
  requireAddin(project);
  const files = filesOf(sources, [handlerLayer(name)]);
  return { files, values: {}, ...entryEdit(project, name) };
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
