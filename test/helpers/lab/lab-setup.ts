import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import type { TestProject } from "vitest/node";

import { errorText } from "../../../src/base/errors.ts";
import { labFolder } from "../../../src/tools/lab/folder.ts";
import { labInfo } from "../../../src/tools/lab/info.ts";
import { endLabProcesses } from "../../../src/tools/lab/processes.ts";
import { serverLifetime } from "../../../src/tools/lab/wine.ts";
import { discardPrefix } from "./discard-prefix.ts";
import { buildLabPrograms } from "./lab-programs.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The folder for all files of this run's lab tests, including their labs. */
    readonly labRunFolder: string;
  }
}

/** Ends all programs in the run's labs and removes the run's folder. */
async function removeRun(folder: string): Promise<void> {
  const labs = readdirSync(folder).map((name) => join(folder, name));
  await Promise.all(labs.map((lab) => discardPrefix(join(lab, "prefix"))));
  rmSync(folder, { recursive: true, force: true });
}

/**
 * Vitest's global setup of the lab's projects: runs before the first and after the last lab test.
 */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  try {
    return await openRun(project);
  } catch (error) {
    // Vitest fails on the stack of a cached module and would show that failure instead.
    const failure = new Error(errorText(error));
    failure.stack = failure.message;
    throw failure;
  }
}

async function openRun(project: TestProject): Promise<() => Promise<void>> {
  const lab = labInfo(labFolder());
  if (lab === undefined) throw new Error("there is no lab: run npm run setup");
  // A clone copies the registry from the disk, where a running Wine writes it only now and then.
  if (lab.kind === "wine" && serverLifetime(lab.prefix) !== undefined) await endLabProcesses(lab);
  await buildLabPrograms();
  // On the lab's own file system, because a clone consists of hard links.
  // On Windows, in a folder that register accepts for programs that run as LocalSystem.
  const place =
    lab.kind === "wine" ? lab.folder : (process.env["ProgramFiles"] ?? "C:\\Program Files");
  const folder = mkdtempSync(join(place, "test-run-"));
  project.provide("labRunFolder", folder);
  return () => removeRun(folder);
}
