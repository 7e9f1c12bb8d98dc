import { existsSync, mkdirSync, mkdtempSync, readdirSync, statSync } from "node:fs";
import { renameSync, rmdirSync, rmSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { errorText } from "../src/errors.ts";

/** The project's folder is already in use; nothing in it was touched. */
export class TargetExistsError extends Error {
  readonly code: string = "ERR_WSB_TARGET_EXISTS";
  /** What is in the folder now; empty when it is a file. */
  readonly entries: readonly string[];

  constructor(folder: string, entries: readonly string[]) {
    const what = entries.length === 0 ? "is not a folder" : "is not empty";
    super(`Cannot create the project in ${folder}: it ${what}. Choose another folder.`);
    this.name = "TargetExistsError";
    this.entries = entries;
  }
}

/** A folder being filled. Nothing shows under its final name before {@link Target.commit}. */
export interface Target {
  /** Folder to write into. */
  readonly staging: string;
  /** Moves everything from the staging folder to its place and returns the project's files. */
  commit(): readonly string[];
  /** Removes what this run created and nothing else; after a commit there is nothing to remove. */
  discard(): void;
}

/** @throws {@link TargetExistsError} when `folder` is a file or a folder with something in it. */
export function refuseUsedTarget(folder: string): void {
  if (!existsSync(folder)) return;
  if (!statSync(folder).isDirectory()) throw new TargetExistsError(folder, []);
  const entries = readdirSync(folder).toSorted();
  if (entries.length > 0) throw new TargetExistsError(folder, entries);
}

/**
 * Creates `folder` where it is missing, and a staging folder inside it, on the same volume.
 *
 * @throws {@link TargetExistsError} when `folder` is in use.
 */
export function openTarget(folder: string): Target {
  refuseUsedTarget(folder);
  const undo: (() => void)[] = [];
  const discard = (): void => {
    for (const step of undo.splice(0).toReversed()) step();
  };
  try {
    createFolder(folder, undo);
    const staging = mkdtempSync(join(folder, ".create-wsb-addin-"));
    undo.push(() => rmSync(staging, { recursive: true, force: true }));
    return { staging, discard, commit: () => moveIn(staging, folder, undo) };
  } catch (error) {
    discard();
    const reason = `Cannot create ${folder}: ${errorText(error)}. Choose another folder.`;
    throw new Error(reason, { cause: error });
  }
}

function createFolder(folder: string, undo: (() => void)[]): void {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) createFolder(parent, undo);
  mkdirSync(folder);
  undo.push(() => removeIfEmpty(folder));
}

/** Leaves a folder that someone else has put something into. */
function removeIfEmpty(folder: string): void {
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}

function moveIn(staging: string, folder: string, undo: (() => void)[]): readonly string[] {
  const others = readdirSync(folder).filter((entry) => join(folder, entry) !== staging);
  if (others.length > 0) throw new TargetExistsError(folder, others);
  const files = listFiles(staging);
  for (const entry of readdirSync(staging)) {
    const place = join(folder, entry);
    renameSync(join(staging, entry), place);
    undo.push(() => rmSync(place, { recursive: true, force: true }));
  }
  rmdirSync(staging);
  undo.length = 0;
  return files;
}

/** Lists the files below a folder, sorted, with forward slashes. */
export function listFiles(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, "/"))
    .toSorted();
}
