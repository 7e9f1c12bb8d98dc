// The bundle that the commands `wsb-addin generate` and `wsb-addin upgrade` load.
import { join } from "node:path";
import { createTwoFilesPatch } from "diff";
import type {
  FileChange,
  Generator,
  Part,
  ProjectChanges,
  ProjectRequest,
  UpgradeChanges,
} from "../src/base/generator.ts";
import { choose, ciSystems } from "./choices.ts";
import { readProject } from "./existing-project.ts";
import type { ExistingProject } from "./existing-project.ts";
import { draftPart } from "./parts.ts";
import { startPlop } from "./plop.ts";
import type { Plop } from "./plop.ts";
import type { Sources } from "./project-files.ts";
import {
  digestsOf,
  formatScaffoldRecord,
  readScaffoldRecord,
  scaffoldRecordFile,
} from "./scaffold-record.ts";
import type { ScaffoldRecord } from "./scaffold-record.ts";
import { TargetExistsError, findCollisions, readTextFile, writeThroughStaging } from "./staging.ts";
import { draftUpgrade } from "./upgrade.ts";

const bundledSources: Sources = {
  templates: join(import.meta.dirname, "templates"),
  shim: join(import.meta.dirname, "../shim-source"),
};

/** Creates what adds parts to projects and keeps the kit's files in them up to date. */
export function createGenerator(sources: Sources = bundledSources): Generator {
  return {
    generate: async (request) => generate(request, await startPlop(sources)),
    upgrade: async (request) => upgrade(request, await startPlop(sources)),
  };
}

async function generate(
  { part, projectFolder, isDryRun }: ProjectRequest & { readonly part: Part },
  plop: Plop,
): Promise<ProjectChanges> {
  const project = readProject(projectFolder);
  const { files, values, texts, todo } = draftPart(part, project, plop);
  const created = files.map(({ path }) => path);
  refuseCollisions(projectFolder, created);
  const changed = differences(projectFolder, texts);
  const owned = plop.textsOf(
    files.filter(({ isKitOwned }) => isKitOwned),
    values,
  );
  const record = extendedRecord(project, part, owned);
  if (!isDryRun) {
    await writeThroughStaging(projectFolder, created, async (staging) => {
      const all = new Map([...texts, ...record]);
      await plop.write("changes", values, { folder: staging, files, texts: all });
      return [...all.keys()];
    });
  }
  return { created, changed, todo };
}

async function upgrade(
  { projectFolder, isDryRun }: ProjectRequest,
  plop: Plop,
): Promise<UpgradeChanges> {
  const project = readProject(projectFolder);
  const record = readScaffoldRecord(projectFolder);
  const { changed, created, removed, ownersFiles, todo } = draftUpgrade(project, record, plop);
  const changes = {
    created: [...created.keys()],
    changed: differences(projectFolder, changed),
    removed,
    todo,
    ownersFiles,
  };
  const texts = new Map([...changed, ...created]);
  if (isDryRun || texts.size + removed.length === 0) return changes;
  const digests = new Map([...record.files, ...digestsOf(texts)]);
  for (const path of removed) digests.delete(path);
  texts.set(scaffoldRecordFile, formatScaffoldRecord({ ...record, files: digests }));
  await writeThroughStaging(projectFolder, [...texts.keys()], async (staging) => {
    await plop.write("changes", {}, { folder: staging, files: [], texts });
    return [...changed.keys(), ...removed, scaffoldRecordFile];
  });
  return changes;
}

function refuseCollisions(folder: string, paths: readonly string[]): void {
  const collisions = findCollisions(folder, paths);
  if (collisions.length === 0) return;
  throw new TargetExistsError(
    `Cannot add to ${folder}, because these files exist: ${collisions.join(", ")}. Nothing was changed. Move or delete them and run the command again.`,
    collisions,
  );
}

/** Returns the scaffold record with new files of the kit, as a file to write, if it changes. */
function extendedRecord(
  { scaffoldRecord }: ExistingProject,
  part: Part,
  owned: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  if (scaffoldRecord === undefined || owned.size === 0) return new Map();
  const ci = part.kind === "ci" ? choose(ciSystems, part.name) : undefined;
  const record: ScaffoldRecord = {
    ...scaffoldRecord,
    ci: ci === undefined ? scaffoldRecord.ci : [...new Set([...scaffoldRecord.ci, ci])],
    files: new Map([...scaffoldRecord.files, ...digestsOf(owned)]),
  };
  return new Map([[scaffoldRecordFile, formatScaffoldRecord(record)]]);
}

function differences(folder: string, texts: ReadonlyMap<string, string>): readonly FileChange[] {
  return [...texts].map(([path, text]) => ({
    path,
    diff: createTwoFilesPatch(
      `a/${path}`,
      `b/${path}`,
      readTextFile(join(folder, path)) ?? "",
      text,
    ),
  }));
}
