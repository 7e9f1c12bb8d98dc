// What wsb-addin's commands generate and upgrade run: one bundle of its own, loaded by them alone.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createTwoFilesPatch } from "diff";
import type { FileChange, Grower, Part } from "../src/tools/cli/shared/grower.ts";
import { choose, ciSystems } from "./choices.ts";
import { compareOwned } from "./compare.ts";
import { writeFiles } from "./files.ts";
import { draftPart } from "./drafts.ts";
import { readProject } from "./existing-project.ts";
import type { ExistingProject } from "./existing-project.ts";
import type { ProjectFile, Sources } from "./layers.ts";
import { digestOf, formatRecord, readRecord, recordFile } from "./record.ts";
import type { ScaffoldRecord } from "./record.ts";
import { inTemporaryFolder, readText, writeTexts } from "./render.ts";
import { TargetExistsError, findCollisions, openTarget } from "./target.ts";

const bundledSources: Sources = {
  templates: fileURLToPath(new URL("templates", import.meta.url)),
  shim: fileURLToPath(new URL("../shim-source", import.meta.url)),
};

/** Makes parts for projects, and keeps the kit's files in them up to date. */
export function createGrower(sources: Sources = bundledSources): Grower {
  return {
    async generate({ part, projectFolder, isDryRun }) {
      const project = readProject(projectFolder);
      const draft = await draftPart(part, project, sources);
      const paths = draft.files.map(({ path }) => path);
      refuseCollisions(projectFolder, paths);
      // Before the files are what they become.
      const changed = changesOf(projectFolder, draft.edits);
      await stage(projectFolder, isDryRun, async (staging) => {
        await writeFiles({ ...project.answers, ...draft.values }, draft.files, staging);
        writeTexts(draft.edits, staging);
        const record = grownRecord(project, part, draft.files, staging);
        if (record === undefined) return [...draft.edits.keys()];
        writeTexts(new Map([[recordFile, formatRecord(record)]]), staging);
        return [...draft.edits.keys(), recordFile];
      });
      return { created: paths, changed, todo: draft.todo };
    },

    async upgrade({ projectFolder, isDryRun }) {
      const project = readProject(projectFolder);
      const record = readRecord(projectFolder);
      const comparison = await compareOwned(project, record, sources);
      const { edits, created, removed, ownersFiles, todo } = comparison;
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

function refuseCollisions(folder: string, paths: readonly string[]): void {
  const collisions = findCollisions(folder, paths);
  if (collisions.length === 0) return;
  throw new TargetExistsError(
    `Cannot add to ${folder}, where these files are already: ${collisions.join(", ")}. Nothing was changed; move them away, or do without.`,
    collisions,
  );
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

function changesOf(folder: string, edits: ReadonlyMap<string, string>): readonly FileChange[] {
  return [...edits].map(([path, text]) => ({
    path,
    diff: createTwoFilesPatch(`a/${path}`, `b/${path}`, readText(join(folder, path)) ?? "", text),
  }));
}
