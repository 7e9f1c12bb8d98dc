import { zipSync, type Zippable } from "fflate";

/** A file of an archive. */
export interface ZipEntry {
  /** The path in the archive, with `/`. */
  readonly name: string;
  readonly content: Uint8Array;
}

// The earliest time of the format. Times have no time zone, and the library writes local times.
const EARLIEST = new Date(1980, 0, 1);
const LEVEL = 6;

/** Makes a zip archive. Pure: the same entries always give the same bytes. */
export function makeZip(entries: readonly ZipEntry[]): Uint8Array {
  const files: Zippable = {};
  for (const { name, content } of entries) {
    files[name] = [content, { level: LEVEL, mtime: EARLIEST, os: 0 }];
  }
  return zipSync(files);
}
