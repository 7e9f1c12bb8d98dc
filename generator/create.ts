import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Answers } from "./answers.ts";
import { runChild } from "./child.ts";
import { writeFiles } from "./files.ts";
import type { ProjectFile } from "./layers.ts";
import { recordFile, recordOf, writeRecord } from "./record.ts";
import { openTarget } from "./target.ts";

/**
 * Makes a project: all of it in a staging folder first, packages and repository included, then in
 * place. When it throws, or the signal aborts, nothing is left of it.
 *
 * @param files Files to make: all of the project's, or those that are missing in its folder.
 */
export async function createProject(
  answers: Answers,
  files: readonly ProjectFile[],
  signal: AbortSignal,
): Promise<void> {
  const target = openTarget(answers.folder);
  try {
    const contents = await writeFiles(answers, files, target.staging);
    if (!existsSync(join(answers.folder, recordFile))) {
      writeRecord(target.staging, recordOf(answers, files, contents));
    }
    if (answers.install) {
      await runChild({
        command: answers.commands.install,
        cwd: target.staging,
        signal,
        nextStep: "Look at the network and the registry, or leave out --install.",
      });
    }
    if (answers.git && !(await isInRepository(answers.folder, signal))) {
      await runChild({
        command: "git init --quiet",
        cwd: target.staging,
        signal,
        nextStep: "Install git, or leave out --git.",
      });
    }
    // A signal that came while files were written is heard only now.
    await new Promise((done) => setImmediate(done));
    signal.throwIfAborted();
    target.commit();
  } catch (error) {
    target.discard();
    throw error;
  }
}

/** A repository inside another one is never what was meant. */
async function isInRepository(folder: string, signal: AbortSignal): Promise<boolean> {
  let existing = folder;
  while (!existsSync(existing)) existing = dirname(existing);
  const command = "git rev-parse --is-inside-work-tree";
  try {
    return (await runChild({ command, cwd: existing, signal, nextStep: "" })).trim() === "true";
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
