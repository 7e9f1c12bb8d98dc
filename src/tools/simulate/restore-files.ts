import { win32 } from "node:path";

import { WsbError } from "../../base/errors.ts";
import { fileError } from "../../base/file-error.ts";
import type { FileSpec, RestoreMethod } from "../../runtime/metadata/writer-metadata.ts";
import { backupFolderOf, expandVariables, hasFile } from "./file-places.ts";
import { entriesOf, machineDisk, type Disk, type SetEntries } from "./set-files.ts";

/** The files of a component. */
export interface ComponentFileSets {
  readonly files: readonly FileSpec[];
  /** The logs of a database. */
  readonly logFiles: readonly FileSpec[];
}

/** What a restore does with the files that are there. */
export interface RestoreRules {
  /** `<backupFolder>\\C\\…` has the files of `C:\\…`. */
  readonly backupFolder: string;
  /** Sets of files that a backup leaves out. */
  readonly excluded: readonly FileSpec[];
  readonly method: RestoreMethod | null;
  /** Logs that are there stay, because the application rolls forward with them. */
  readonly keepsLogs: boolean;
}

/** What became of a component's files. */
export interface RestoredFiles {
  readonly copied: number;
  /** Folders without files that were made. */
  readonly folders: number;
  /** Files that were there and stay. */
  readonly kept: number;
  /** Files that a real backup would not have. */
  readonly excluded: number;
  /** Files that were there, changed after the backup's copy, and were overwritten. */
  readonly newer: number;
}

/** A set of files with its places. */
interface Place {
  readonly spec: FileSpec;
  readonly isLog: boolean;
  readonly target: string;
  readonly source: string;
}

/** A file of the backup, before it is restored. */
interface Copy {
  readonly from: string;
  readonly to: string;
  readonly isLog: boolean;
  /** When the file that is there was changed; `undefined` when there is none. */
  readonly thereMs: number | undefined;
}

interface Plan {
  readonly copies: readonly Copy[];
  readonly folders: readonly string[];
  readonly excluded: number;
}

/**
 * Restores a component's files from a backup folder to their places in the document, by the
 * document's restore method.
 *
 * @throws {@link WsbError} `ERR_WSB_FILE` that names the first file that cannot be restored.
 */
export async function restoreFiles(
  rules: RestoreRules,
  sets: ComponentFileSets,
  disk: Disk = machineDisk,
): Promise<RestoredFiles> {
  // All paths are checked before the first file is written.
  const places = placesOf(rules, sets);
  const plan = await planOf(rules, places, disk);
  const copies = plan.copies.filter((one) => !staysAsItIs(one, rules, plan));
  if (rules.method?.method === "RESTORE_IF_CAN_BE_REPLACED") await checkAll(disk, copies);
  for (const folder of plan.folders) await disk.makeFolder(folder);
  let newer = 0;
  for (const one of copies) {
    if (await isNewer(disk, one)) newer += 1;
    await writing(one.to, () => disk.copyFile(one.from, one.to));
  }
  return {
    copied: copies.length,
    folders: plan.folders.length,
    kept: plan.copies.length - copies.length,
    excluded: plan.excluded,
    newer,
  };
}

function placesOf(rules: RestoreRules, { files, logFiles }: ComponentFileSets): readonly Place[] {
  const sets = [
    ...files.map((spec) => ({ spec, isLog: false })),
    ...logFiles.map((spec) => ({ spec, isLog: true })),
  ];
  return sets.map(({ spec, isLog }) => {
    const original = expandVariables(spec.path, process.env);
    const source = backupFolderOf(rules.backupFolder, original);
    return { spec, isLog, source, target: targetOf(spec, original, rules) };
  });
}

/** The folder to which a set is restored. */
function targetOf(
  spec: FileSpec,
  original: string,
  { method, backupFolder }: RestoreRules,
): string {
  if (method?.method !== "RESTORE_TO_ALTERNATE_LOCATION") return original;
  const mapping = method.alternateLocationMappings.find(
    (one) =>
      one.path.toUpperCase() === spec.path.toUpperCase() &&
      one.filespec.toUpperCase() === spec.filespec.toUpperCase(),
  );
  if (mapping?.alternatePath === undefined || mapping.alternatePath === null) {
    throw new WsbError(
      "ERR_WSB_INVALID_ARGUMENT",
      `The document restores to alternate locations, and names none for ${spec.path}\\${spec.filespec}. Correct the document.`,
    );
  }
  const target = expandVariables(mapping.alternatePath, process.env);
  backupFolderOf(backupFolder, target);
  return target;
}

async function planOf(rules: RestoreRules, places: readonly Place[], disk: Disk): Promise<Plan> {
  const copies = new Map<string, Copy>();
  const folders = new Set<string>();
  const excludedFiles = new Set<string>();
  const excluded = rules.excluded.map((spec) => ({
    ...spec,
    path: expandVariables(spec.path, process.env),
  }));
  for (const { spec, isLog, source, target } of places) {
    const original = expandVariables(spec.path, process.env);
    const { files, emptyFolders } = await reading(spec, () => entriesOf(disk, source, spec));
    for (const below of emptyFolders) folders.add(win32.join(target, below));
    for (const below of files) {
      const to = win32.join(target, below);
      if (excluded.some((one) => hasFile(one, win32.join(original, below)))) {
        excludedFiles.add(to);
      } else {
        const from = win32.join(source, below);
        copies.set(to, { from, to, isLog, thereMs: await disk.changedMs(to) });
      }
    }
  }
  return { copies: [...copies.values()], folders: [...folders], excluded: excludedFiles.size };
}

async function reading(spec: FileSpec, work: () => Promise<SetEntries>): Promise<SetEntries> {
  try {
    return await work();
  } catch (error) {
    const nextStep = "Check the folder given with --from.";
    throw fileError(`Cannot read the backup of ${spec.path}`, nextStep, error);
  }
}

function staysAsItIs({ isLog, thereMs }: Copy, rules: RestoreRules, { copies }: Plan): boolean {
  // For a component as a whole: none of its files may be there.
  if (rules.method?.method === "RESTORE_IF_NONE_THERE") {
    return copies.some((one) => one.thereMs !== undefined);
  }
  return isLog && rules.keepsLogs && thereMs !== undefined;
}

async function isNewer(disk: Disk, { from, thereMs }: Copy): Promise<boolean> {
  return thereMs !== undefined && thereMs > ((await disk.changedMs(from)) ?? thereMs);
}

/** All of a component's files can be replaced, or none is. */
async function checkAll(disk: Disk, copies: readonly Copy[]): Promise<void> {
  for (const { to, thereMs } of copies) {
    if (thereMs !== undefined) await writing(to, () => disk.checkWritable(to));
  }
}

async function writing(file: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw fileError(`Cannot restore ${file}`, "Stop the program that holds the file open.", error);
  }
}
