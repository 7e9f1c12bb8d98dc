// The writer that the kit brings for an application that has none.
import type { WriterKind } from "./choices.ts";
import { isReservedOnWindows } from "./validate.ts";

// Leaves room for the files below the folder: Windows limits paths to 260 characters.
const maxNameLength = 64;
/** What the name of a folder cannot contain; a percent sign begins an environment variable. */
const forbidden = /[\\/:*?"<>|%\p{Cc}\p{Cs}\p{Zl}\p{Zp}\uFFFE\uFFFF]/gu;

/** Turns a product name into a name that folders and components can have. */
function plainName(name: string, fallback: string): string {
  const plain = name
    .slice(0, maxNameLength)
    .replace(forbidden, " ")
    .replace(/\s+/gu, " ")
    .replace(/^\s+|[\s.]+$/gu, "");
  return plain === "" || isReservedOnWindows(plain) ? fallback : plain;
}

/** The names of a product. */
interface Product {
  readonly name: string;
  readonly packageName: string;
}

/** Returns the folder in which the files of an application usually are. */
export function defaultFilesFolder({ name, packageName }: Product): string {
  return `%ProgramData%\\${plainName(name, packageName)}`;
}

/** The answers that decide what a writer of the kit reports. */
export interface WriterAnswers extends Product {
  readonly writer: WriterKind;
  /** The folder of the application's files, as Windows writes it. */
  readonly filesFolder: string;
}

/** Returns `writer` of the manifest: one component, with all files of the application's folder. */
export function manifestWriter({ name, packageName, writer, filesFolder }: WriterAnswers): object {
  return {
    kind: writer,
    components: [
      {
        name: plainName(name, packageName),
        caption: name,
        files: [{ path: filesFolder, filespec: "*", recursive: true }],
      },
    ],
  };
}
