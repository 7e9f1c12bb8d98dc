import { randomUUID } from "node:crypto";
import {
  accessSync,
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  rmdirSync,
  statSync,
  unlinkSync,
} from "node:fs";
import { dirname, join, posix, relative, sep } from "node:path";
import { makeFolders } from "../src/base/make-folders.ts";
import { WsbError } from "../src/base/errors.ts";
import { fileError } from "../src/base/file-error.ts";

/** The project's folder is not empty; nothing in it was changed. */
export class TargetExistsError extends WsbError {
  /** Files of the project that already exist, with forward slashes. */
  readonly collisions: readonly string[];

  constructor(message: string, collisions: readonly string[]) {
    super("ERR_WSB_TARGET_EXISTS", message);
    this.name = "TargetExistsError";
    this.collisions = collisions;
  }
}

/** A folder to fill. Its files appear under their final names only at {@link Target.commit}. */
export interface Target {
  /** Folder to write into. */
  readonly staging: string;
  /**
   * Moves everything from the staging folder to its place: all of it or, when it throws, nothing.
   * Existing files are never replaced.
   *
   * @param replaced Files, with forward slashes, to remove or replace despite that.
   */
  commit(replaced?: readonly string[]): void;
  /** Removes everything that this run created; does nothing after a commit. */
  discard(): void;
}

/**
 * Fills a staging folder and moves its files to `folder`: all of them or, when `fill` or the move
 * fails, none.
 *
 * @param files The files, with forward slashes. A file outside of the folder begins with `../`.
 * @param fill Gets the folder's place in the staging folder. Returns the existing files to replace or
 * remove.
 */
export async function writeThroughStaging(
  folder: string,
  files: readonly string[],
  fill: (staging: string) => Promise<readonly string[]>,
): Promise<void> {
  const base = folderOfAll(folder, files);
  const path = relative(base, folder).replaceAll(sep, "/");
  const target = openTarget(base);
  try {
    const staging = join(target.staging, path);
    makeFolders(staging);
    target.commit((await fill(staging)).map((file) => posix.join(path, file)));
  } finally {
    target.discard();
  }
}

/** Returns the nearest folder that contains a folder and files, some of which begin with `../`. */
function folderOfAll(folder: string, files: readonly string[]): string {
  const ups = files.map((file) => /^(?:\.\.\/)*/u.exec(file)?.[0] ?? "");
  return join(
    folder,
    ups.reduce((longest, up) => (up.length > longest.length ? up : longest), ""),
  );
}

type Undo = (() => void)[];

/**
 * Returns those of a project's files that exist in a folder.
 *
 * @throws {@link TargetExistsError} when `folder`, or a folder that one of the files needs, is a file.
 */
export function findCollisions(folder: string, files: readonly string[]): readonly string[] {
  if (!isThere(folder)) {
    return files.filter((file) => file.startsWith("../") && isThere(join(folder, file)));
  }
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
      `Cannot create the project in ${folder}: these files have the names of folders that it needs. Choose another folder.`,
      paths,
    );
  }
  return files.filter((file) => isThere(join(folder, file)));
}

/**
 * @throws {@link TargetExistsError} when `folder` is a file or a folder that is not empty, or one of the
 * files exists outside of it.
 */
export function refuseUsedTarget(folder: string, files: readonly string[]): void {
  const collisions = findCollisions(folder, files);
  const isUsed = existsSync(folder) && readdirSync(folder).length > 0;
  if (!isUsed && collisions.length === 0) return;
  const reasons = [
    ...(isUsed ? ["the folder is not empty"] : []),
    ...(collisions.length > 0 ? ["these files exist"] : []),
  ];
  const what = reasons.join(", and ");
  throw new TargetExistsError(
    `Cannot create the project in ${folder}: ${what}. Choose another folder, or add only the missing files with --merge.`,
    collisions,
  );
}

/**
 * Creates a staging folder on the volume of `folder`: beside it, or inside it if nothing can be
 * created or moved beside it. Creates missing folders above it too.
 */
export function openTarget(folder: string): Target {
  const undo: Undo = [];
  const discard = (): void => {
    for (const step of undo.splice(0).toReversed()) step();
  };
  try {
    const place = stagingPlace(folder);
    createFolder(place, undo);
    // mkdtemp would create a folder that only its owner can read.
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
        makeFolders(dirname(aside));
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
    throw fileError(`Cannot create ${folder}`, "Choose another folder.", error);
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
  // Nothing can be moved into a mount point from beside it.
  return statSync(parent).dev === statSync(folder).dev ? parent : folder;
}

function createFolder(folder: string, undo: Undo): void {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) createFolder(parent, undo);
  mkdirSync(folder);
  undo.push(() => removeIfEmpty(folder));
}

/** Keeps a folder that somebody else has put files into. */
function removeIfEmpty(folder: string): void {
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}

/** Moves the contents of `source` into the existing folder `target`, and merges folders. */
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

/** Moves a file and, unlike a rename, never replaces another one. */
function moveFile(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    // The volume may not support links. This fails too if the file exists by now.
    copyFileSync(from, to, constants.COPYFILE_EXCL);
  }
}

function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    throw fileError(`Cannot create ${path}`, "Choose another folder.", error);
  }
}

/** True for a broken link too. */
function isOtherThanFolder(path: string): boolean {
  if (!isThere(path)) return false;
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined || !stats.isDirectory();
}

/** Returns `a` and `a/b` for `a/b/c`. */
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

/** Operations that tests replace. */
export interface RenameSystem {
  readonly rename: (from: string, to: string) => void;
  readonly waitMs: (ms: number) => void;
}

// Errors of Windows while a virus scanner or an indexer has a new file open.
const transient: ReadonlySet<unknown> = new Set(["EPERM", "EACCES", "EBUSY"]);
const retryMs = 50;
const patienceMs = 3000;

const thisSystem: RenameSystem = {
  rename: renameSync,
  waitMs: (ms) => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  },
};

/**
 * Renames a file or a folder. On Windows, waits up to three seconds for programs that have it open.
 *
 * It blocks, so that a signal never interrupts a move.
 */
export function renamePatiently(from: string, to: string, system: RenameSystem = thisSystem): void {
  for (let waitedMs = 0; ; waitedMs += retryMs) {
    try {
      system.rename(from, to);
      return;
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (!transient.has(code) || waitedMs >= patienceMs) throw error;
      system.waitMs(retryMs);
    }
  }
}

/** Returns the text of a file, or `undefined` if it does not exist. */
export function readTextFile(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}
