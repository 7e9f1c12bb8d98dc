/** Where the files of a document are, on this machine and in a backup folder. */
import { win32 } from "node:path";

import { WsbError } from "../../base/errors.ts";
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

/** Tells whether a set of files has this one; both with expanded variables. */
export function hasFile({ path, filespec, recursive }: FileSpec, file: string): boolean {
  const folder = foldPath(path);
  const place = foldPath(win32.dirname(file));
  const isBelow = place === folder || (recursive && place.startsWith(`${folder}\\`));
  return isBelow && matchesFilespec(filespec, win32.basename(file));
}

function foldPath(path: string): string {
  return win32.normalize(path).replace(/\\+$/u, "").toUpperCase();
}
