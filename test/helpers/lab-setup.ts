import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import type { TestProject } from "vitest/node";

import { errorText } from "../../src/base/errors.ts";
import { labFolder } from "../../src/tools/lab/folder.ts";
import { labInfo } from "../../src/tools/lab/info.ts";
import { discardPrefix } from "./discard-prefix.ts";
import { buildLabPrograms } from "./lab-programs.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Folder for everything that the run's lab tests make, their labs included. */
    readonly labRunFolder: string;
  }
}

/** Removes the run's folder, and ends what still runs in a lab of it. */
async function removeRun(folder: string): Promise<void> {
  const labs = readdirSync(folder).map((name) => join(folder, name));
  await Promise.all(labs.map((lab) => discardPrefix(join(lab, "prefix"))));
  rmSync(folder, { recursive: true, force: true });
}

/** Before the first lab test and after the last: vitest's global setup of the lab's projects. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  try {
    return await openRun(project);
  } catch (error) {
    // Vitest trips over the stack of a module from its cache, and would show that instead.
    const failure = new Error(errorText(error));
    failure.stack = failure.message;
    throw failure;
  }
}

async function openRun(project: TestProject): Promise<() => Promise<void>> {
  const lab = labInfo(labFolder());
  if (lab === undefined) throw new Error("there is no lab: run npm run setup");
  await buildLabPrograms();
  // On the lab's own file system, where a clone is made of hard links.
  // On Windows, where register accepts what runs as LocalSystem.
  const place =
    lab.kind === "wine" ? lab.folder : (process.env["ProgramFiles"] ?? "C:\\Program Files");
  const folder = mkdtempSync(join(place, "test-run-"));
  project.provide("labRunFolder", folder);
  return () => removeRun(folder);
}
