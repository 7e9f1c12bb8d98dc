import { join } from "node:path";

import { WsbError } from "../../base/errors.ts";
import { isMissingFile, protectedFileError } from "../../base/file-error.ts";
import { addinFolder } from "../../base/program-data.ts";
import {
  readProtected,
  requireProtectedFolder,
  type InspectionApi,
} from "../native/protected-file.ts";
import type { EventLine } from "./definitions.ts";
import { CURRENT_FILE, rotatedFiles } from "./rotating-file.ts";
import { parseLine } from "./line.ts";

/** The lines that were read from event files. */
export interface ReadEvents {
  /** The events, in the order in which they were written. */
  readonly lines: readonly EventLine[];
  /** The number of unreadable lines, which were skipped. */
  readonly damaged: number;
}

/** The lines of an add-in's event files. */
export interface FoundEvents extends ReadEvents {
  /** What failed, one sentence for each file that could not be read and was skipped. */
  readonly unreadable: readonly string[];
}

const NEWLINE = 0x0a;
// The start of a line. Inside a text, its quotes would be escaped.
const BEGINNING = '{"schemaVersion":';

// More than the texts of any event, each of them bounded and escaped.
const MAX_LINE_BYTES = 16 * 1024 * 1024;

/** Reads the lines of an event file. A broken or endless line does not hide the lines after it. */
export function readLines(bytes: Uint8Array): ReadEvents {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lines: EventLine[] = [];
  let damaged = 0;
  for (let start = 0; start < buffer.length;) {
    const newline = buffer.indexOf(NEWLINE, start);
    const end = newline === -1 ? buffer.length : newline;
    const isEndless = end - start > MAX_LINE_BYTES;
    const text = isEndless ? "an endless line" : buffer.toString("utf8", start, end);
    start = end + 1;
    if (text.trim() === "") continue;
    const whole = parseLine(text);
    if (whole !== undefined) {
      lines.push(whole);
      continue;
    }
    damaged += 1;
    const last = parseLine(text.slice(Math.max(0, text.lastIndexOf(BEGINNING))));
    if (last !== undefined) lines.push(last);
  }
  return { lines, damaged };
}

function filesOf(folder: string): readonly string[] {
  try {
    return [...rotatedFiles(folder), CURRENT_FILE].map((name) => join(folder, name));
  } catch (error) {
    if (isMissingFile(error)) return [];
    throw error;
  }
}

/** Reads an event file; `undefined` when it was rotated or removed since it was listed. */
export type ReadEventFile = (file: string) => Uint8Array | undefined;

type IsEnough = (lines: readonly EventLine[]) => boolean;

// A manifest allows files of this size; one that could not be rotated is larger.
const MAX_BYTES = 1024 * 1024 * 1024;

/**
 * Reads the event files of an add-in, newest first, until `isEnough` returns true.
 *
 * @returns No lines when there are no event files. A file that cannot be read, or that somebody else
 * could have changed, does not hide the others.
 * @throws {@link WsbError} `ERR_WSB_ACCESS_DENIED` without administrator rights,
 * `ERR_WSB_FOREIGN_FILE` when somebody else could have changed the folder, `ERR_WSB_FILE` or
 * `ERR_WSB_WINDOWS_API` when it cannot be read for another reason.
 */
export function readEvents(
  api: InspectionApi,
  clsid: string,
  isEnough: IsEnough = () => false,
): FoundEvents {
  const folder = addinFolder(clsid);
  if (!requireProtectedFolder(api, folder)) return { lines: [], damaged: 0, unreadable: [] };
  return readEventFolder(folder, (file) => readProtected(api, file, MAX_BYTES), isEnough);
}

/** Reads the event files of a folder, as {@link readEvents}. */
export function readEventFolder(
  folder: string,
  read: ReadEventFile,
  isEnough: IsEnough = () => false,
): FoundEvents {
  const files: (readonly EventLine[])[] = [];
  const unreadable: string[] = [];
  let damaged = 0;
  for (const file of listFiles(folder).toReversed()) {
    const found = tryRead(file, read);
    if (typeof found === "string") {
      unreadable.push(found);
      continue;
    }
    files.unshift(found.lines);
    damaged += found.damaged;
    if (isEnough(files.flat())) break;
  }
  return { lines: files.flat(), damaged, unreadable };
}

function listFiles(folder: string): readonly string[] {
  try {
    return filesOf(folder);
  } catch (error) {
    throw protectedFileError(`Cannot read the events in ${folder}`, "Check the disk.", error);
  }
}

/** Reads a file, or returns why it cannot be read. */
function tryRead(file: string, read: ReadEventFile): ReadEvents | string {
  try {
    return readLines(read(file) ?? new Uint8Array());
  } catch (error) {
    // The file was rotated or removed since it was listed.
    if (isMissingFile(error)) return { lines: [], damaged: 0 };
    const nextStep = "Check the disk, and what has this name.";
    const failure = protectedFileError(`Cannot read the event file ${file}`, nextStep, error);
    const isDenied = failure instanceof WsbError && failure.code === "ERR_WSB_ACCESS_DENIED";
    if (failure instanceof WsbError && !isDenied) return failure.message;
    throw failure;
  }
}
