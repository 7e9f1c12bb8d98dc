import { copyFile, mkdir, readdir } from "node:fs/promises";
import { win32 } from "node:path";

import { WsbError, errorText } from "../../base/errors.ts";
import type { FileSpec } from "../../runtime/metadata/writer-metadata.ts";

/** Replaces `%NAME%` by the environment's value; an unknown variable stays as it is. */
export function expandVariables(path: string, environment: NodeJS.ProcessEnv): string {
  return path.replaceAll(/%([^%]+)%/gu, (whole, name: string) => {
    const found = Object.keys(environment).find((key) => key.toUpperCase() === name.toUpperCase());
    return (found === undefined ? undefined : environment[found]) ?? whole;
  });
}

/** Tells whether a file name matches a VSS file specification (`*` and `?`, any case). */
export function matchesFilespec(filespec: string, name: string): boolean {
  // As in FindFirstFile, *.* means every file, with or without a dot.
  if (filespec === "*.*") return true;
  const pattern = filespec
    .split("")
    .map((one) => {
      if (one === "*") return ".*";
      return one === "?" ? "." : one.replaceAll(/[.+^${}()|[\]\\]/gu, String.raw`\$&`);
    })
    .join("");
  return new RegExp(`^${pattern}$`, "isu").test(name);
}

/**
 * Where the backup folder keeps a path: `C:\ProgramData\Ledger` is `<backup>\C\ProgramData\Ledger`.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` for anything but an absolute path on a drive,
 * `..` included: a document from elsewhere must not write outside the folders it names.
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

/** The disk as a restore uses it, by Windows paths. */
export interface Disk {
  /** Lists the files of a folder, with those of the folders below it if `recursive`. */
  listFiles(folder: string, options: { readonly recursive: boolean }): Promise<readonly string[]>;
  /** Copies a file over what may be there, and makes the folders that it needs. */
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
    throw new WsbError(
      "ERR_WSB_WINDOWS_API",
      `Cannot read the backup of ${spec.path}: ${errorText(error)}. Check the folder given with --from.`,
      { cause: error },
    );
  }
}

/**
 * Copies a component's files from a backup folder to where the document says they belong.
 *
 * @returns How many files were copied.
 * @throws {@link WsbError} `ERR_WSB_WINDOWS_API` that names the first file that could not be.
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
        throw new WsbError(
          "ERR_WSB_WINDOWS_API",
          `Cannot restore ${destination}: ${errorText(error)}. Whoever holds the file open must be stopped first.`,
          { cause: error },
        );
      }
      count += 1;
    }
  }
  return count;
}
