import { win32 } from "node:path";

import { fileError } from "../../base/file-error.ts";
import type { ComponentFiles, FileSpec } from "../../runtime/metadata/writer-metadata.ts";
import { backupFolderOf, expandVariables, hasFile } from "./file-places.ts";
import { entriesOf, machineDisk, type Disk, type SetEntries } from "./set-files.ts";

/** The files of a component, with where a backup reads them. */
export interface BackedUpSets {
  readonly files: readonly ComponentFiles[];
  readonly logFiles: readonly ComponentFiles[];
}

export interface BackUpRules {
  /** `<backupFolder>\\C\\…` gets the files of `C:\\…`. */
  readonly backupFolder: string;
  /** Sets of files that the backup leaves out. */
  readonly excluded: readonly FileSpec[];
}

/** What a backup has of a component. */
export interface BackedUpFiles {
  readonly copied: number;
  /** Folders without files. */
  readonly folders: number;
  readonly excluded: number;
}

/**
 * Copies a component's files into a backup folder, from where the document says that a backup reads
 * them.
 *
 * @throws {@link WsbError} `ERR_WSB_FILE` that names the first file that cannot be copied;
 * `ERR_WSB_INVALID_ARGUMENT` for a path of the document that is not on a drive.
 */
export async function backUpFiles(
  rules: BackUpRules,
  { files, logFiles }: BackedUpSets,
  disk: Disk = machineDisk,
): Promise<BackedUpFiles> {
  const copied = new Set<string>();
  const folders = new Set<string>();
  const excluded = new Set<string>();
  for (const spec of [...files, ...logFiles]) {
    const original = expandVariables(spec.path, process.env);
    const target = backupFolderOf(rules.backupFolder, original);
    const source = expandVariables(spec.alternatePath ?? spec.path, process.env);
    const entries = await reading(source, () => entriesOf(disk, source, spec));
    for (const below of entries.emptyFolders) {
      const to = win32.join(target, below);
      await copying(win32.join(source, below), () => disk.makeFolder(to));
      folders.add(to);
    }
    for (const below of entries.files) {
      const to = win32.join(target, below);
      if (isExcluded(rules, win32.join(original, below))) {
        excluded.add(to);
      } else if (!copied.has(to)) {
        const from = win32.join(source, below);
        await copying(from, () => disk.copyFile(from, to));
        copied.add(to);
      }
    }
  }
  return { copied: copied.size, folders: folders.size, excluded: excluded.size };
}

function isExcluded({ excluded }: BackUpRules, file: string): boolean {
  return excluded.some((one) =>
    hasFile({ ...one, path: expandVariables(one.path, process.env) }, file),
  );
}

async function reading(folder: string, work: () => Promise<SetEntries>): Promise<SetEntries> {
  try {
    return await work();
  } catch (error) {
    const nextStep = "Check path in the manifest's components.";
    throw fileError(`Cannot read ${folder}`, nextStep, error);
  }
}

async function copying(file: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const nextStep =
      "The program that has it open must let others read it. Only a real shadow copy can read it anyway.";
    throw fileError(`Cannot copy ${file}`, nextStep, error);
  }
}
