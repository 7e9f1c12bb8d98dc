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

/** Name of the file that is being written. */
export const CURRENT_FILE = "addin.jsonl";

const ROTATED = /^addin-\d{8}T\d{9}Z-\d+\.jsonl$/u;

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** Names of a record's files in `folder` that were set aside, oldest first. */
export function rotatedFiles(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => ROTATED.test(name))
    .toSorted();
}

/**
 * A name that no other process gives and that sorts by time. So setting a file aside is one rename:
 * it needs no lock that a killed process could leave behind, and overwrites nobody's file.
 */
function rotatedName(): string {
  return `addin-${new Date().toISOString().replaceAll(/[-:.]/gu, "")}-${process.pid}.jsonl`;
}

/**
 * Removes what was set aside first while there is too much of it. Bytes are counted and not files:
 * of two processes that set aside at once, one leaves a small file.
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
  // This process has set a file aside in this very millisecond.
  if (existsSync(target)) return;
  try {
    renameSync(join(folder, CURRENT_FILE), target);
    prune(folder, limits);
  } catch {
    // Another process was faster, or a program has the file open and lets nobody rename it: the
    // file grows for now.
  }
}

/** The record's current file, open to append to. */
interface OpenFile {
  readonly descriptor: number;
  /** Bytes in it when it was opened. */
  readonly size: number;
}

/** Opens the file that so many bytes more go into; `undefined` where there is no room for them. */
function openFor(length: number, folder: string, limits: AddinLog): OpenFile | undefined {
  const file = join(folder, CURRENT_FILE);
  let size = sizeOf(file);
  if (size + length > limits.maxBytes) {
    setAside(folder, limits);
    size = sizeOf(file);
    // Where it cannot be set aside it must not fill the disk either.
    if (size + length > limits.maxBytes * limits.files) return undefined;
  }
  return { descriptor: openSync(file, "a"), size };
}

function write(descriptor: number, bytes: Uint8Array): void {
  // One write is one append, whoever else appends.
  const written = writeSync(descriptor, bytes);
  // The disk is full: what comes next must not continue this line.
  if (written < bytes.length) writeSync(descriptor, "\n");
}

/**
 * Appends a line to the record in `folder`; several processes may do so at once.
 *
 * The file is open for no longer than that, because the others rename it.
 *
 * @throws what the file system says: a full disk, a missing folder.
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

// Opening costs a hundred times what writing does. What another process has set aside meanwhile
// gets lines for that much longer; they stay in their order.
const HOLD_MS = 1000;

/**
 * Appends lines to a record as {@link appendLine} does, for a process that has many of them: the
 * file stays open for a second after it was opened.
 */
export class LineAppender {
  readonly #folder: string;
  readonly #limits: AddinLog;
  #held: { readonly descriptor: number; size: number; readonly timer: NodeJS.Timeout } | undefined;

  constructor(folder: string, limits: AddinLog) {
    this.#folder = folder;
    this.#limits = limits;
  }

  /** @throws what the file system says: a full disk, a missing folder. */
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

  /** Lets go of the file; the next line opens it again. Idempotent. */
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
    // It keeps no process alive that has nothing else to do.
    timer.unref();
    return { ...opened, timer };
  }
}
