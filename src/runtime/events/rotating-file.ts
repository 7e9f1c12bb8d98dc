import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";

import type { AddinLog } from "../manifest/manifest.ts";

/** The name of the current event file. */
export const CURRENT_FILE = "addin.jsonl";

const ROTATED = /^addin-\d{8}T\d{9}Z-\d+\.jsonl$/u;

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** Returns the names of the rotated event files in a folder, oldest first. */
export function rotatedFiles(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => ROTATED.test(name))
    .toSorted();
}

/**
 * Returns a name that is unique to this process and sorts by time. Rotation is then a single
 * rename: it needs no lock, which a killed process could leave behind, and it overwrites no file.
 */
function rotatedName(): string {
  return `addin-${new Date().toISOString().replaceAll(/[-:.]/gu, "")}-${process.pid}.jsonl`;
}

/**
 * Removes the oldest rotated files until the rest is within the limits. Counts bytes, not files:
 * when two processes rotate at the same time, one leaves a small file.
 */
function prune(folder: string, { maxBytes, files }: AddinLog): void {
  const rotated = rotatedFiles(folder).map((name) => join(folder, name));
  let total = rotated.reduce((sum, file) => sum + sizeOf(file), 0);
  for (const file of rotated) {
    if (total <= maxBytes * (files - 1)) return;
    total -= sizeOf(file);
    rmSync(file, { force: true });
  }
}

function setAside(folder: string, limits: AddinLog): void {
  const target = join(folder, rotatedName());
  // This process has already rotated a file in the same millisecond.
  if (existsSync(target)) return;
  try {
    renameSync(join(folder, CURRENT_FILE), target);
    prune(folder, limits);
  } catch {
    // Another process was faster, or a program holds the file open and prevents the rename. The
    // file grows for now.
  }
}

/** The current event file, open for appending. */
interface OpenFile {
  readonly descriptor: number;
  /** The file's size in bytes when it was opened. */
  readonly size: number;
}

/** Opens a file with room for `length` more bytes; `undefined` when there is no room. */
function openFor(length: number, folder: string, limits: AddinLog): OpenFile | undefined {
  const file = join(folder, CURRENT_FILE);
  let size = sizeOf(file);
  if (size + length > limits.maxBytes) {
    setAside(folder, limits);
    size = sizeOf(file);
    // A file that cannot be rotated must not fill the disk.
    if (size + length > limits.maxBytes * limits.files) return undefined;
  }
  return { descriptor: openSync(file, "a"), size };
}

function write(descriptor: number, bytes: Uint8Array): void {
  // A single write appends the line in one piece, even if other processes append too.
  const written = writeSync(descriptor, bytes);
  // The disk is full. The next line must not continue this one.
  if (written < bytes.length) writeSync(descriptor, "\n");
}

/**
 * Appends a line to the event file in a folder; several processes may do so at the same time.
 *
 * The file is open only during the call, because other processes rename it.
 *
 * @throws The error of the file system, for example for a full disk or a missing folder.
 */
export function appendLine(folder: string, line: string, limits: AddinLog): void {
  const bytes = Buffer.from(line, "utf8");
  const opened = openFor(bytes.length, folder, limits);
  if (opened === undefined) return;
  try {
    write(opened.descriptor, bytes);
  } finally {
    closeSync(opened.descriptor);
  }
}

// Opening a file costs a hundred times as much as writing. While the file is open, lines go to it
// even if another process has rotated it; they stay in order.
const HOLD_MS = 1000;

/**
 * Appends many lines like {@link appendLine}, but keeps the event file open for a second.
 */
export class LineAppender {
  readonly #folder: string;
  readonly #limits: AddinLog;
  #held: { readonly descriptor: number; size: number; readonly timer: NodeJS.Timeout } | undefined;

  constructor(folder: string, limits: AddinLog) {
    this.#folder = folder;
    this.#limits = limits;
  }

  /** @throws The error of the file system, for example for a full disk or a missing folder. */
  append(line: string): void {
    const bytes = Buffer.from(line, "utf8");
    if (this.#held !== undefined && this.#held.size + bytes.length > this.#limits.maxBytes) {
      this.close();
    }
    const held = (this.#held ??= this.#open(bytes.length));
    if (held === undefined) return;
    write(held.descriptor, bytes);
    held.size += bytes.length;
  }

  /** Closes the file; the next line opens it again. Idempotent. */
  close(): void {
    if (this.#held === undefined) return;
    const { descriptor, timer } = this.#held;
    this.#held = undefined;
    clearTimeout(timer);
    closeSync(descriptor);
  }

  #open(length: number) {
    const opened = openFor(length, this.#folder, this.#limits);
    if (opened === undefined) return undefined;
    const timer = setTimeout(() => this.close(), HOLD_MS);
    // The timer must not keep the process alive.
    timer.unref();
    return { ...opened, timer };
  }
}
