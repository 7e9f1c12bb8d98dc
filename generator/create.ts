import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Answers } from "./answers.ts";
import { runProjectCommand } from "./project-command.ts";
import type { Plop } from "./plop.ts";
import type { ProjectFile } from "./project-files.ts";
import {
  createScaffoldRecord,
  formatScaffoldRecord,
  scaffoldRecordFile,
} from "./scaffold-record.ts";
import { writeThroughStaging } from "./staging.ts";

/** What to create. */
export interface Creation {
  readonly answers: Answers;
  /** All files of the project, or the missing ones. */
  readonly files: readonly ProjectFile[];
  /** New texts of existing files, by path. */
  readonly edited: ReadonlyMap<string, string>;
}

/**
 * Creates a project, packages and repository included: all of it or, when it throws or the signal
 * aborts, nothing.
 */
export function createProject(
  plop: Plop,
  { answers, files, edited }: Creation,
  signal: AbortSignal,
): Promise<void> {
  const paths = files.map(({ path }) => path);
  return writeThroughStaging(answers.folder, paths, async (staging) => {
    const texts = new Map([...edited, ...scaffoldRecordOf(plop, answers, files)]);
    await plop.write("project", answers, { folder: staging, files, texts });
    if (answers.install) await installPackages(answers, staging, signal);
    if (answers.git) await initializeRepository(answers, staging, signal);
    // Node.js delivers a signal that arrived during the writes only now.
    await new Promise((done) => setImmediate(done));
    signal.throwIfAborted();
    return [...edited.keys()];
  });
}

/** Returns the scaffold record as a file to write, unless the project has one. */
function scaffoldRecordOf(
  plop: Plop,
  answers: Answers,
  files: readonly ProjectFile[],
): ReadonlyMap<string, string> {
  if (existsSync(join(answers.folder, scaffoldRecordFile))) return new Map();
  const owned = files.filter(({ isKitOwned }) => isKitOwned);
  const record = createScaffoldRecord(answers, plop.textsOf(owned, answers));
  return new Map([[scaffoldRecordFile, formatScaffoldRecord(record)]]);
}

async function installPackages(
  { commands }: Answers,
  staging: string,
  signal: AbortSignal,
): Promise<void> {
  await runProjectCommand({
    command: commands.install,
    cwd: staging,
    signal,
    nextStep: "Check the network and the registry, or omit --install.",
  });
}

/** Creates a repository unless the project is inside one. */
async function initializeRepository(
  { folder }: Answers,
  staging: string,
  signal: AbortSignal,
): Promise<void> {
  if (await isInRepository(folder, signal)) return;
  await runProjectCommand({
    command: "git init --quiet",
    cwd: staging,
    signal,
    nextStep: "Install git, or omit --git.",
  });
}

async function isInRepository(folder: string, signal: AbortSignal): Promise<boolean> {
  let existing = folder;
  while (!existsSync(existing)) existing = dirname(existing);
  const command = "git rev-parse --is-inside-work-tree";
  try {
    return (
      (await runProjectCommand({ command, cwd: existing, signal, nextStep: "" })).trim() === "true"
    );
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
