/** The files of a set on a disk. */
import { copyFile, mkdir, open, readdir, stat } from "node:fs/promises";
import { win32 } from "node:path";

import { isMissingFile } from "../../base/file-error.ts";
import type { FileSpec } from "../../runtime/metadata/writer-metadata.ts";
import { matchesFilespec } from "./file-places.ts";

/** The disk operations of a simulation, with Windows paths. */
export interface Disk {
  /** Lists what is in a folder, including its subfolders if `recursive`. */
  list(
    folder: string,
    options: { readonly recursive: boolean },
  ): Promise<readonly { readonly path: string; readonly isFolder: boolean }[]>;
  /** When a file was changed, in milliseconds since the epoch; `undefined` when there is none. */
  changedMs(file: string): Promise<number | undefined>;
  /** Fails when a file that is there cannot be overwritten. */
  checkWritable(file: string): Promise<void>;
  /** Makes a folder and those above it; one that is there is fine. */
  makeFolder(folder: string): Promise<void>;
  /** Copies a file, replaces an existing one and creates missing folders. */
  copyFile(from: string, to: string): Promise<void>;
}

/** The disks of this machine. */
export const machineDisk: Disk = {
  async list(folder, { recursive }) {
    const entries = await readdir(folder, { recursive, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() || entry.isDirectory())
      .map((entry) => ({
        path: win32.join(entry.parentPath, entry.name),
        isFolder: entry.isDirectory(),
      }));
  },
  async changedMs(file) {
    try {
      return (await stat(file)).mtimeMs;
    } catch (error) {
      if (isMissingFile(error)) return undefined;
      throw error;
    }
  },
  async checkWritable(file) {
    await (await open(file, "r+")).close();
  },
  async makeFolder(folder) {
    await mkdir(folder, { recursive: true });
  },
  async copyFile(from, to) {
    await mkdir(win32.dirname(to), { recursive: true });
    await copyFile(from, to);
  },
};

/** What a folder has of a set, as paths below it. */
export interface SetEntries {
  /** Files that match the filespec. */
  readonly files: readonly string[];
  /** Folders in which nothing is; `""` is the folder itself. */
  readonly emptyFolders: readonly string[];
}

/** Lists what a folder has of a set. Fails as the disk does. */
export async function entriesOf(
  disk: Pick<Disk, "list">,
  folder: string,
  { filespec, recursive }: FileSpec,
): Promise<SetEntries> {
  const entries = await disk.list(folder, { recursive });
  const parents = new Set(entries.map(({ path }) => win32.dirname(path)));
  const files = entries.filter(
    ({ path, isFolder }) => !isFolder && matchesFilespec(filespec, win32.basename(path)),
  );
  const subfolders = recursive ? entries.filter(({ isFolder }) => isFolder) : [];
  const folders = [folder, ...subfolders.map(({ path }) => path)];
  return {
    files: files.map(({ path }) => win32.relative(folder, path)),
    emptyFolders: folders
      .filter((path) => !parents.has(path))
      .map((path) => win32.relative(folder, path)),
  };
}
