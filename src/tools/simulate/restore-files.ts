import { copyFile, mkdir, readdir } from "node:fs/promises";
import { win32 } from "node:path";

import { WsbError } from "../../base/errors.ts";
import { fileError } from "../../base/file-error.ts";
import type { FileSpec } from "../../runtime/metadata/writer-metadata.ts";

/** Replaces `%NAME%` with the environment's value; leaves unknown variables unchanged. */
export function expandVariables(path: string, environment: NodeJS.ProcessEnv): string {
  return path.replaceAll(/%([^%]+)%/gu, (whole, name: string) => {
    const found = Object.keys(environment).find((key) => key.toUpperCase() === name.toUpperCase());
    return (found === undefined ? undefined : environment[found]) ?? whole;
  });
}

/** Tells whether a file name matches a VSS file specification (`*` and `?`, case-insensitive). */
export function matchesFilespec(filespec: string, name: string): boolean {
  // Like in FindFirstFile, *.* means every file, with or without a dot.
  if (filespec === "*.*") return true;
  return matches(folded(filespec), folded(name));
}

/** The characters without case, each for itself as Windows compares them. */
function folded(text: string): readonly string[] {
  return Array.from(text, (one) => one.toLowerCase());
}

/** Compares in at most pattern × name steps: only the last `*` ever takes more characters. */
function matches(pattern: readonly string[], name: readonly string[]): boolean {
  let at = 0;
  let star: { readonly pattern: number; name: number } | undefined;
  for (let index = 0; index < name.length;) {
    if (pattern[at] === "*") {
      at += 1;
      star = { pattern: at, name: index };
    } else if (pattern[at] === "?" || pattern[at] === name[index]) {
      at += 1;
      index += 1;
    } else if (star === undefined) {
      return false;
    } else {
      star.name += 1;
      at = star.pattern;
      index = star.name;
    }
  }
  return pattern.slice(at).every((one) => one === "*");
}

/**
 * Returns the place of a path in the backup folder: `C:\ProgramData\Ledger` becomes
 * `<backup>\C\ProgramData\Ledger`.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` unless the path is absolute, on a drive and
 * without `..`: a foreign document must not write outside the folders it names.
 */
export function backupFolderOf(backupFolder: string, path: string): string {
  const normal = win32.normalize(path);
  const drive = /^([a-z]):\\/iu.exec(normal)?.[1];
  if (drive === undefined || /(?:^|[\\/])\.\.(?:[\\/]|$)/u.test(path)) {
    throw new WsbError(
      "ERR_WSB_INVALID_ARGUMENT",
      `The metadata document names the folder ${JSON.stringify(path)}, which is not an absolute path on a drive. Correct the document.`,
    );
  }
  return win32.join(backupFolder, drive.toUpperCase(), normal.slice(3));
}

/** The disk operations of a restore, with Windows paths. */
export interface Disk {
  /** Lists the files of a folder, including its subfolders if `recursive`. */
  listFiles(folder: string, options: { readonly recursive: boolean }): Promise<readonly string[]>;
  /** Copies a file, replaces an existing one and creates missing folders. */
  copyFile(from: string, to: string): Promise<void>;
}

/** The disks of this machine. */
export const machineDisk: Disk = {
  async listFiles(folder, { recursive }) {
    const entries = await readdir(folder, { recursive, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => win32.join(entry.parentPath, entry.name));
  },
  async copyFile(from, to) {
    await mkdir(win32.dirname(to), { recursive: true });
    await copyFile(from, to);
  },
};

async function filesOf(disk: Disk, folder: string, spec: FileSpec): Promise<readonly string[]> {
  try {
    const files = await disk.listFiles(folder, spec);
    return files.filter((file) => matchesFilespec(spec.filespec, win32.basename(file)));
  } catch (error) {
    const nextStep = "Check the folder given with --from.";
    throw fileError(`Cannot read the backup of ${spec.path}`, nextStep, error);
  }
}

/**
 * Copies a component's files from a backup folder to their places in the document.
 *
 * @returns The number of copied files.
 * @throws {@link WsbError} `ERR_WSB_FILE` that names the first file that cannot be copied.
 */
export async function restoreFiles(
  backupFolder: string,
  files: readonly FileSpec[],
  disk: Disk = machineDisk,
): Promise<number> {
  // All paths are checked before the first file is written.
  const folders = files.map((spec) => {
    const target = expandVariables(spec.path, process.env);
    return { spec, target, source: backupFolderOf(backupFolder, target) };
  });
  let count = 0;
  for (const { spec, target, source } of folders) {
    for (const file of await filesOf(disk, source, spec)) {
      const destination = win32.join(target, win32.relative(source, file));
      try {
        await disk.copyFile(file, destination);
      } catch (error) {
        const nextStep = "Stop the program that holds the file open.";
        throw fileError(`Cannot restore ${destination}`, nextStep, error);
      }
      count += 1;
    }
  }
  return count;
}
