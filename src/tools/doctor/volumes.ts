// A drive with nothing but punctuation around it: `(C:)`, `D:,`; no path, no label and no time.
const DRIVE = /(?<![\p{L}\p{N}_\\/])(?<drive>[A-Z]):(?![\p{L}\p{N}_\\/:])/gu;
const DRIVE_ROOT = /(?<![\p{L}\p{N}_\\/])(?<drive>[A-Z]):\\(?![^\s,;)])/gu;

/**
 * Returns the drives that `wbadmin enable backup` shows, as `C:`; `undefined` if it shows none. In
 * every language, drives are the same; which line names the target differs.
 */
export function parseVolumes(text: string): readonly string[] | undefined {
  const drives = [DRIVE, DRIVE_ROOT].flatMap((pattern) =>
    [...text.matchAll(pattern)].map(({ groups }) => `${groups?.["drive"] ?? ""}:`),
  );
  return drives.length === 0 ? undefined : [...new Set(drives)].toSorted();
}
