import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { onTestFinished } from "vitest";

import type { GivenAnswers } from "../../generator/answers.ts";
import { createGenerator } from "../../generator/generate.ts";
import { digestOf, scaffoldRecordFile } from "../../generator/scaffold-record.ts";
import type { Part, ProjectChanges, UpgradeChanges } from "../../src/base/generator.ts";
import { filesBelow, parseObject, readObject, scaffold, sources } from "./generator.ts";

const generator = createGenerator(sources);

/** A folder that is removed at the end of the running test. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "wsb-generate-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Makes a project that is removed at the end of the running test. */
export async function create(given: GivenAnswers = { handlers: ["preRestore"] }): Promise<string> {
  return (await scaffold(given, newFolder())).folder;
}

export function generate(
  projectFolder: string,
  part: Part,
  isDryRun = false,
): Promise<ProjectChanges> {
  return generator.generate({ projectFolder, part, isDryRun });
}

/** Changes a file and its entry in the scaffold record, as if an older kit had written them. */
export function age(project: string, path: string): void {
  const file = join(project, path);
  writeFileSync(file, `${readFileSync(file, "utf8")}# older\n`);
  const record = readObject(project, scaffoldRecordFile);
  const files = parseObject(JSON.stringify(record["files"]));
  files[path] = digestOf(readFileSync(file, "utf8"));
  writeFileSync(join(project, scaffoldRecordFile), JSON.stringify({ ...record, files }));
}

export function upgrade(projectFolder: string, isDryRun = false): Promise<UpgradeChanges> {
  return generator.upgrade({ projectFolder, isDryRun });
}

/** Reads a project's files, by path. */
export function contentOf(project: string): ReadonlyMap<string, string> {
  return new Map(
    filesBelow(project).map((file) => [file, readFileSync(join(project, file), "utf8")]),
  );
}

export function read(project: string, file: string): string {
  return readFileSync(join(project, file), "utf8");
}
