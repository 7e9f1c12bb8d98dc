/** The shadow copy of a simulated backup: the files of all components at one point in time. */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { win32 } from "node:path";

import { WsbError, errorText } from "../../base/errors.ts";
import { fileError, isMissingFile } from "../../base/file-error.ts";
import type { NativeBinding } from "../../runtime/native/binding.ts";
import type { FileSpec } from "../../runtime/metadata/writer-metadata.ts";
import { HELD_FILE } from "../lab/held.ts";
import { backUpFiles, type BackedUpFiles, type BackedUpSets } from "./back-up-files.ts";
import type { ShadowDevices } from "../diskshadow/make-shadow-copy.ts";
import { diskOfShadow } from "./shadow-disk.ts";
import { expandVariables } from "./file-places.ts";
import { holdAll, releaseLeft, type Hold } from "./hold.ts";
import { machineDisk, type Disk } from "./set-files.ts";
import type { Steps } from "./steps.ts";

/** The writer's metadata document in a backup folder, as Windows writes it: UTF-16. */
export const METADATA_FILE = "writer-metadata.xml";

/** In a backup folder until its backup has succeeded. */
const UNFINISHED_FILE = "this-backup-failed.txt";
const UNFINISHED_TEXT = "The backup failed or was broken off. Its files cannot be relied on.\r\n";

// In the lab, where every user may write.
const LOCK_FILE = "C:\\windows\\Temp\\wsb-addin-hold.lock";
const LOCK_MS = 60_000;

// VSS lets nobody write for at most so long.
const VSS_HOLD_MS = 10_000;

/** What is copied, and where to. */
export interface ShadowCopy {
  readonly api: Pick<NativeBinding, "lockFile">;
  readonly backupFolder: string;
  readonly document: string;
  readonly components: readonly BackedUpSets[];
  readonly excluded: readonly FileSpec[];
}

/** @throws {@link WsbError} `ERR_WSB_TARGET_EXISTS` for a folder that is not empty, `ERR_WSB_FILE`. */
export function requireNewFolder(folder: string): void {
  const names = namesIn(folder);
  if (names.length === 0) return;
  const what = names.includes(UNFINISHED_FILE)
    ? "has the files of a backup that failed"
    : "is not empty";
  throw new WsbError(
    "ERR_WSB_TARGET_EXISTS",
    `${folder} ${what}; nothing was written. Name a new folder with --to.`,
  );
}

/** @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` for the folder of a backup that did not succeed. */
export function requireFinished(folder: string): void {
  if (!existsSync(win32.join(folder, UNFINISHED_FILE))) return;
  throw new WsbError(
    "ERR_WSB_INVALID_ARGUMENT",
    `${folder} has the files of a backup that failed; nothing was restored. Make another backup with --to.`,
  );
}

/** Notes that the backup has succeeded: its folder can be restored. */
export function noteFinished({ backupFolder }: ShadowCopy): void {
  rmSync(win32.join(backupFolder, UNFINISHED_FILE), { force: true });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isMissingFile(error)) return [];
    throw fileError(`Cannot read ${folder}`, "Choose another folder with --to.", error);
  }
}

/** Returns the volumes with the files of components, such as `C:\`, in their order. */
export function volumesOf(components: readonly BackedUpSets[]): readonly string[] {
  const sets = components.flatMap(({ files, logFiles }) => [...files, ...logFiles]);
  const paths = sets.flatMap(({ path, alternatePath }) =>
    alternatePath === null ? [path] : [path, alternatePath],
  );
  const roots = paths.map((path) => win32.parse(expandVariables(path, process.env)).root);
  return [...new Set(roots.map((root) => root.toUpperCase()))].filter((root) => root !== "");
}

/** How long which processes stood still. */
interface Held {
  readonly held: number;
  readonly heldMs: number;
}

/** Two backups that held each other would never end. */
async function copyAlone(copy: ShadowCopy): Promise<BackedUpFiles & Held> {
  const lock = await copy.api.lockFile(LOCK_FILE, Buffer.from(String(process.pid)), LOCK_MS);
  if (lock === null) {
    throw new WsbError(
      "ERR_WSB_TIMEOUT",
      `Another simulated backup still copies its files after ${LOCK_MS / 1000} s. Wait for its end, and run this one again.`,
    );
  }
  try {
    return await copyHeld(copy);
  } finally {
    lock.release();
  }
}

/** Copies all components while every process of the lab stands still. */
async function copyHeld(copy: ShadowCopy): Promise<BackedUpFiles & Held> {
  await releaseLeft();
  writeFileSync(HELD_FILE, "");
  const hold = await holdAll();
  const startedMs = performance.now();
  try {
    const files = await copyAll(copy, machineDisk);
    await requireStill(hold);
    return { ...files, held: hold.processes, heldMs: Math.round(performance.now() - startedMs) };
  } finally {
    await hold.release();
    rmSync(HELD_FILE, { force: true });
  }
}

/** @throws {@link WsbError} `ERR_WSB_LAB` when a process came while the files were copied. */
async function requireStill(hold: Hold): Promise<void> {
  const came = await hold.again();
  if (came === 0) return;
  throw new WsbError(
    "ERR_WSB_LAB",
    `A program was started while the files were copied (${came}), so they are not of one moment. Run the backup again.`,
  );
}

async function copyAll(
  { backupFolder, document, components, excluded }: ShadowCopy,
  disk: Disk,
): Promise<BackedUpFiles> {
  mkdirSync(backupFolder, { recursive: true });
  writeFileSync(win32.join(backupFolder, UNFINISHED_FILE), UNFINISHED_TEXT);
  let sum = { copied: 0, folders: 0, excluded: 0 };
  for (const component of components) {
    const {
      copied,
      folders,
      excluded: left,
    } = await backUpFiles({ backupFolder, excluded }, component, disk);
    sum = {
      copied: sum.copied + copied,
      folders: sum.folders + folders,
      excluded: sum.excluded + left,
    };
  }
  const text = Buffer.from(`\uFEFF${document}`, "utf16le");
  writeFileSync(win32.join(backupFolder, METADATA_FILE), text);
  return sum;
}

/**
 * Takes the step of the lab in which the shadow copy is made: files are copied while every process
 * stands still. Returns `false` when it failed.
 */
export function takeShadowCopy(steps: Steps, copy: ShadowCopy): Promise<boolean> {
  return takeCopy(steps, () => copyAlone(copy));
}

/** Takes the step in which files are copied from shadow copies; returns `false` when it failed. */
export function copyFromShadow(
  steps: Steps,
  copy: ShadowCopy,
  devices: ShadowDevices,
): Promise<boolean> {
  return takeCopy(steps, () => copyAll(copy, diskOfShadow(machineDisk, devices)));
}

async function takeCopy(
  steps: Steps,
  copy: () => Promise<BackedUpFiles & Partial<Held>>,
): Promise<boolean> {
  const result = await steps.take({
    step: "shadow copy",
    async run(): Promise<(BackedUpFiles & Partial<Held>) | string> {
      try {
        return await copy();
      } catch (error) {
        return errorText(error);
      }
    },
    describe: (done) =>
      typeof done === "string"
        ? { failed: true, detail: done }
        : { failed: false, detail: showCopied(done) },
  });
  return typeof result !== "string";
}

function showCopied(copy: BackedUpFiles & Partial<Held>): string {
  const { copied, folders, excluded, held, heldMs = 0 } = copy;
  return [
    `${copied} ${copied === 1 ? "file" : "files"}`,
    ...(folders === 0 ? [] : [`${folders} empty ${folders === 1 ? "folder" : "folders"}`]),
    ...(excluded === 0 ? [] : [`${excluded} excluded by the document`]),
    ...(held === undefined
      ? []
      : [`${held} ${held === 1 ? "process" : "processes"} held for ${heldMs} ms`]),
    ...(heldMs > VSS_HOLD_MS
      ? ["longer than the 10 s for which VSS holds writes: a real backup would fail"]
      : []),
  ].join("; ");
}
