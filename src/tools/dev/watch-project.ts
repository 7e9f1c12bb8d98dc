import { EventEmitter, once } from "node:events";
import { readdirSync, statSync, watch, type FSWatcher } from "node:fs";
import { join, relative, sep } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { isMissingFile } from "../../base/file-error.ts";

/** An editor writes a file in several steps. */
const QUIET_MS = 100;

const left = new Set(["node_modules", ".git"]);

/** What a project's changes are watched for. */
export interface WatchOptions {
  readonly projectFolder: string;
  /** The folder of the builds, whose changes are no changes of the project. */
  readonly outFolder: string;
  /** Ends the watch. */
  readonly signal: AbortSignal;
}

/** Tells whether a file, relative to the project, belongs to the developer. */
export function isOfProject(file: string, { projectFolder, outFolder }: WatchOptions): boolean {
  const out = relative(projectFolder, outFolder);
  const parts = file.split(/[\\/]/u);
  if (parts.some((part) => left.has(part))) return false;
  return file !== out && !file.startsWith(`${out}${sep}`);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Watches a project: {@link next} resolves after the changes since the last one are over. */
export class ProjectWatch {
  readonly #options: WatchOptions;
  readonly #events = new EventEmitter();
  // One for each folder. A recursive watcher of Node.js 20 on Linux watches each file, those of
  // node_modules too, and loses a file that an editor replaces.
  readonly #watchers = new Map<string, FSWatcher>();
  #isChanged = false;
  #failure: unknown;

  constructor(options: WatchOptions) {
    this.#options = options;
    options.signal.addEventListener("abort", () => this.#close(), { once: true });
    this.#watch(options.projectFolder);
  }

  /** @throws `AbortError` when the signal aborts; the system's error when nothing can be watched. */
  async next(): Promise<void> {
    const { signal } = this.#options;
    if (!this.#isChanged && this.#failure === undefined) {
      await once(this.#events, "change", { signal });
    }
    if (this.#failure !== undefined) throw this.#failure;
    await delay(QUIET_MS, undefined, { signal });
    this.#isChanged = false;
  }

  /** Watches a folder and those below it, also one that takes the place of another. */
  #watch(folder: string): void {
    this.#forget(folder);
    try {
      const watcher = watch(folder, (event, name) => {
        if (name !== null) this.#onChange(event, join(folder, name));
      });
      // Windows reports the end of a folder in this way.
      watcher.on("error", () => this.#forget(folder));
      this.#watchers.set(folder, watcher);
      const paths = readdirSync(folder).map((name) => join(folder, name));
      for (const path of paths) if (this.#isOfProject(path) && isFolder(path)) this.#watch(path);
    } catch (error) {
      // It was removed meanwhile, which is a change of its own.
      if (!isMissingFile(error)) this.#fail(error);
    }
  }

  #isOfProject(path: string): boolean {
    return isOfProject(relative(this.#options.projectFolder, path), this.#options);
  }

  #onChange(event: string, path: string): void {
    if (!this.#isOfProject(path)) return;
    if (event === "rename" && isFolder(path)) this.#watch(path);
    this.#isChanged = true;
    this.#events.emit("change");
  }

  #fail(error: unknown): void {
    this.#failure = error;
    this.#events.emit("change");
  }

  #forget(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
  }

  #close(): void {
    for (const folder of this.#watchers.keys()) this.#forget(folder);
  }
}
