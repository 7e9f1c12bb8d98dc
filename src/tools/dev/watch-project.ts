import { EventEmitter, once } from "node:events";
import { watch } from "node:fs/promises";
import { relative, sep } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

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

/** Tells whether a changed file, relative to the project, belongs to the developer. */
export function isOfProject(file: string, { projectFolder, outFolder }: WatchOptions): boolean {
  const out = relative(projectFolder, outFolder);
  const parts = file.split(/[\\/]/u);
  if (parts.some((part) => left.has(part))) return false;
  return file !== out && !file.startsWith(`${out}${sep}`);
}

/** Watches a project: {@link next} resolves after the changes since the last one are over. */
export class ProjectWatch {
  readonly #options: WatchOptions;
  readonly #events = new EventEmitter();
  #isChanged = false;
  #failure: unknown;

  constructor(options: WatchOptions) {
    this.#options = options;
    void this.#follow();
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

  async #follow(): Promise<void> {
    const { projectFolder, signal } = this.#options;
    try {
      for await (const { filename } of watch(projectFolder, { recursive: true, signal })) {
        if (filename !== null && !isOfProject(filename, this.#options)) continue;
        this.#isChanged = true;
        this.#events.emit("change");
      }
    } catch (error) {
      if (signal.aborted) return;
      this.#failure = error;
      this.#events.emit("change");
    }
  }
}
