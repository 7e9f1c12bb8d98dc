import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import type { GivenAnswers } from "../../generator/answers.ts";
import { createGrower } from "../../generator/grow.ts";
import { digestOf, recordFile } from "../../generator/record.ts";
import type { Grower, Growth, Part, Upgrade } from "../../src/tools/cli/shared/grower.ts";
import { filesBelow, parseObject, readObject, scaffold, sources } from "./generator.ts";

/** What makes parts for projects, from the templates as they are in the repository. */
const grower: Grower = createGrower(sources);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "wsb-grow-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A folder that the test file's end removes. */
export function newFolder(): string {
  return mkdtempSync(join(folder, "work-"));
}

/** Makes a project that the test file's end removes. */
export async function create(given: GivenAnswers = { handlers: ["preRestore"] }): Promise<string> {
  return (await scaffold(given, newFolder())).folder;
}

export function generate(projectFolder: string, part: Part, isDryRun = false): Promise<Growth> {
  return grower.generate({ projectFolder, part, isDryRun });
}

/** Makes a file, and the record of it, look as an older kit would have made them. */
export function age(project: string, path: string): void {
  const file = join(project, path);
  writeFileSync(file, `${readFileSync(file, "utf8")}# older\n`);
  const record = readObject(project, recordFile);
  const files = parseObject(JSON.stringify(record["files"]));
  files[path] = digestOf(readFileSync(file, "utf8"));
  writeFileSync(join(project, recordFile), JSON.stringify({ ...record, files }));
}

export function upgrade(projectFolder: string, isDryRun = false): Promise<Upgrade> {
  return grower.upgrade({ projectFolder, isDryRun });
}

/** Texts of a project's files, by their paths. */
export function contentOf(project: string): ReadonlyMap<string, string> {
  return new Map(
    filesBelow(project).map((file) => [file, readFileSync(join(project, file), "utf8")]),
  );
}

export function read(project: string, file: string): string {
  return readFileSync(join(project, file), "utf8");
}
