import { randomUUID } from "node:crypto";
import {
  accessSync,
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  rmdirSync,
  statSync,
  unlinkSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { WsbError, errorText } from "../src/base/errors.ts";
import { renamePatiently } from "./rename.ts";

/** The project's folder is already in use; nothing in it was touched. */
export class TargetExistsError extends WsbError {
  /** Files of the project that are there already, with forward slashes. */
  readonly collisions: readonly string[];

  constructor(message: string, collisions: readonly string[]) {
    super("ERR_WSB_TARGET_EXISTS", message);
    this.name = "TargetExistsError";
    this.collisions = collisions;
  }
}

/** A folder being filled. Nothing shows under its final name before {@link Target.commit}. */
export interface Target {
  /** Folder to write into. */
  readonly staging: string;
  /**
   * Moves everything from the staging folder to its place: all of it or, when it throws, nothing.
   * What is in place already is never replaced.
   *
   * @param replaced Files, with forward slashes, that give way to new ones all the same.
   */
  commit(replaced?: readonly string[]): void;
  /** Removes what this run created and nothing else; after a commit there is nothing to remove. */
  discard(): void;
}

type Undo = (() => void)[];

/**
 * Tells which of a project's files a folder has already.
 *
 * @throws {@link TargetExistsError} when `folder`, or a folder that one of the files needs, is a file.
 */
export function findCollisions(folder: string, files: readonly string[]): readonly string[] {
  if (!isThere(folder)) return [];
  if (isOtherThanFolder(folder)) {
    throw new TargetExistsError(
      `Cannot create the project in ${folder}: it is not a folder. Choose another folder.`,
      [],
    );
  }
  const blocked = files
    .flatMap(foldersAbove)
    .filter((path) => isOtherThanFolder(join(folder, path)));
  if (blocked.length > 0) {
    const paths = [...new Set(blocked)];
    throw new TargetExistsError(
      `Cannot create the project in ${folder}: it needs these as folders, and they are files. Choose another folder.`,
      paths,
    );
  }
  return files.filter((file) => isThere(join(folder, file)));
}

/** @throws {@link TargetExistsError} when `folder` is a file or a folder with something in it. */
export function refuseUsedTarget(folder: string, files: readonly string[]): void {
  const collisions = findCollisions(folder, files);
  if (!existsSync(folder) || readdirSync(folder).length === 0) return;
  const what =
    collisions.length === 0
      ? "it is not empty, though no file in it would collide"
      : "it is not empty, and these files would collide";
  throw new TargetExistsError(
    `Cannot create the project in ${folder}: ${what}. Choose another folder, or say --merge to add only what is missing.`,
    collisions,
  );
}

/**
 * Creates a staging folder on the volume of `folder`: beside it, or inside where there is no place
 * beside it. Missing folders above it are created too.
 */
export function openTarget(folder: string): Target {
  const undo: Undo = [];
  const discard = (): void => {
    for (const step of undo.splice(0).toReversed()) step();
  };
  try {
    const place = stagingPlace(folder);
    createFolder(place, undo);
    // Not by mkdtemp: others may read what is in the project, and so they may what becomes it.
    const staging = join(place, `.create-wsb-addin-${randomUUID().slice(0, 8)}`);
    mkdirSync(staging);
    undo.push(() => rmSync(staging, { recursive: true, force: true }));
    const commit = (replaced: readonly string[] = []): void => {
      const old = `${staging}-old`;
      if (replaced.length > 0) {
        mkdirSync(old);
        undo.push(() => rmSync(old, { recursive: true, force: true }));
      }
      for (const path of replaced) {
        const aside = join(old, path);
        mkdirSync(dirname(aside), { recursive: true });
        renamePatiently(join(folder, path), aside);
        undo.push(() => renamePatiently(aside, join(folder, path)));
      }
      if (existsSync(folder)) {
        moveInto(staging, folder, undo);
        rmSync(staging, { recursive: true, force: true });
        rmSync(old, { recursive: true, force: true });
      } else {
        renamePatiently(staging, folder);
      }
      undo.length = 0;
    };
    return { staging, commit, discard };
  } catch (error) {
    discard();
    const reason = `Cannot create ${folder}: ${errorText(error)}. Choose another folder.`;
    throw new Error(reason, { cause: error });
  }
}

function stagingPlace(folder: string): string {
  const parent = dirname(folder);
  if (!existsSync(folder)) return parent;
  try {
    accessSync(parent, constants.W_OK);
  } catch {
    return folder;
  }
  // A mount point: nothing can be moved into it from beside it.
  return statSync(parent).dev === statSync(folder).dev ? parent : folder;
}

function createFolder(folder: string, undo: Undo): void {
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

/** Moves what is in `source` into the existing folder `target`, and goes on where both are folders. */
function moveInto(source: string, target: string, undo: Undo): void {
  for (const entry of readdirSync(source, { withFileTypes: true })) {
    const from = join(source, entry.name);
    const to = join(target, entry.name);
    if (!entry.isDirectory()) {
      moveFile(from, to);
      undo.push(() => unlinkSync(to));
    } else if (isThere(to)) {
      moveInto(from, to, undo);
    } else {
      renamePatiently(from, to);
      undo.push(() => renamePatiently(to, from));
    }
  }
}

/** Moves a file and, unlike a rename, never over another one. */
function moveFile(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    // The volume may have no links; when there is a file by now, this refuses as well.
    copyFileSync(from, to, constants.COPYFILE_EXCL);
  }
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Also of a link that leads nowhere. */
function isOtherThanFolder(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? isThere(path) : !stats.isDirectory();
}

/** `a/b/c` has `a` and `a/b`. */
function foldersAbove(file: string): readonly string[] {
  const parts = file.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

/** Lists the files below a folder, sorted, with forward slashes. */
export function listFiles(folder: string): readonly string[] {
  const below = (path: string): readonly string[] =>
    readdirSync(join(folder, path), { withFileTypes: true }).flatMap((entry) => {
      const inner = path === "" ? entry.name : `${path}/${entry.name}`;
      if (entry.isDirectory()) return below(inner);
      return entry.isFile() ? [inner] : [];
    });
  return below("").toSorted();
}
