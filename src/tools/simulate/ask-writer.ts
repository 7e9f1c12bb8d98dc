/** A backup program that asks the application's writer, as VSS plays it. */
import { setTimeout as delay } from "node:timers/promises";

import { createGuid } from "../../base/guid.ts";
import type { BackupEvent, WriterHandlerName } from "../../base/handler-name.ts";
import type { MetadataComponent } from "../../runtime/metadata/writer-metadata.ts";
import { sameDocument } from "../writer/same-document.ts";
import type { Requester, WriterAnswer } from "./requester.ts";
import type { Steps } from "./steps.ts";

export interface AskedWriter {
  readonly requester: Requester;
  /** The metadata document that the manifest or `--metadata` makes expect. */
  readonly document: string;
  /** The components of the backup. */
  readonly components: readonly MetadataComponent[];
  /** The volumes of which shadow copies are made, such as `C:\`. */
  readonly volumes: readonly string[];
  /** How long the application is frozen at least, in milliseconds, the copy included. */
  readonly freezeForMs: number;
  /** The event in which the backup program dies. */
  readonly dieIn?: BackupEvent | undefined;
  readonly signal: AbortSignal;
}

/** What a backup does between the events. */
export interface BetweenEvents {
  /** Makes the shadow copy, while the application is frozen. Returns `false` when it failed. */
  readonly copy: () => Promise<boolean>;
  /** Checks the shadow copy, when the application works again. */
  readonly check: () => Promise<void>;
}

// VSS_BT_FULL (vss.h)
const FULL_BACKUP = "1";
const SELECTS_COMPONENTS = "1";
const NO_PATH = "-";

const stepNames: Readonly<Record<WriterHandlerName, string>> = {
  prepareBackup: "PrepareBackup",
  prepareSnapshot: "PrepareSnapshot",
  freeze: "Freeze",
  thaw: "Thaw",
  postSnapshot: "PostSnapshot",
  backupComplete: "BackupComplete",
  backupShutdown: "BackupShutdown",
  abort: "Abort",
};

/** The steps of one backup that asks a writer. */
class WriterBackup {
  readonly #steps: Steps;
  readonly #asked: AskedWriter;
  #hasFailed = false;
  #hasDied = false;

  constructor(steps: Steps, asked: AskedWriter) {
    this.#steps = steps;
    this.#asked = asked;
  }

  get goesOn(): boolean {
    return !this.#hasFailed && !this.#asked.signal.aborted;
  }

  /** Asks what the writer reports, and compares it with what is expected. */
  async identify(): Promise<void> {
    const { requester, document } = this.#asked;
    await this.#steps.take({
      step: "Identify",
      run: () => requester.identify(),
      describe: (answer) => {
        if (answer.document === null) return this.#failed(answer);
        if (sameDocument(answer.document, document)) return { failed: false };
        this.#hasFailed = true;
        return {
          failed: true,
          detail: "the writer reports other components than its manifest: build and register again",
        };
      },
    });
  }

  /** Sends an event, unless the backup has failed or its program dies in it. */
  async event(event: BackupEvent, ...args: readonly string[]): Promise<void> {
    if (!this.goesOn) return;
    if (this.#asked.dieIn === event) await this.#die(event, args);
    else await this.#send(event, args);
  }

  /** Does what comes between two events. */
  async between(work: () => Promise<boolean>): Promise<void> {
    if (this.goesOn && !(await work())) this.#hasFailed = true;
  }

  /** Ends a backup that has failed as VSS does: the writer hears of it, and thaws. */
  async abort(): Promise<void> {
    if (this.#hasDied) return;
    await this.#send("abort", []);
    await this.#send("backupShutdown", []);
  }

  async #send(event: WriterHandlerName, args: readonly string[]): Promise<void> {
    await this.#steps.take({
      step: stepNames[event],
      run: () => this.#asked.requester.event(event, ...args),
      describe: (answer) =>
        answer.outcome === "done" ? { hresult: 0, failed: false } : this.#failed(answer),
    });
  }

  async #die(event: BackupEvent, args: readonly string[]): Promise<void> {
    this.#hasFailed = true;
    this.#hasDied = true;
    const { requester } = this.#asked;
    await this.#steps.take({
      step: stepNames[event],
      run: async () => {
        // Its answer comes to nobody.
        requester.event(event, ...args).catch(() => {});
        await requester.die();
      },
      describe: () => ({ failed: true, detail: "the backup program died, as --die-in wanted" }),
    });
  }

  #failed({ outcome, hresult, message }: WriterAnswer): {
    readonly failed: true;
    readonly hresult?: number;
    readonly detail: string;
  } {
    this.#hasFailed = true;
    if (outcome === "gone") return { failed: true, detail: message };
    const refused = outcome === "refused" ? ["VSS does not pass the event on"] : [];
    return { failed: true, hresult, detail: [...refused, message].filter(Boolean).join(": ") };
  }
}

function componentArguments(components: readonly MetadataComponent[]): readonly string[] {
  return components.flatMap(({ componentName, logicalPath }) => [
    componentName ?? "",
    logicalPath === null || logicalPath === "" ? NO_PATH : `=${logicalPath}`,
  ]);
}

/**
 * Plays a backup to its writer: each event in VSS's order, the copy while the application is frozen,
 * and the check when it works again. A failed event ends the backup, and the application is thawed.
 */
export async function askWriter(
  steps: Steps,
  asked: AskedWriter,
  { copy, check }: BetweenEvents,
): Promise<void> {
  const { components, volumes, freezeForMs, signal } = asked;
  const backup = new WriterBackup(steps, asked);
  await backup.identify();
  if (!backup.goesOn) return;
  await backup.event(
    "prepareBackup",
    FULL_BACKUP,
    SELECTS_COMPONENTS,
    ...componentArguments(components),
  );
  await backup.event("prepareSnapshot", createGuid(), ...volumes);
  await backup.event("freeze");
  const frozenAtMs = performance.now();
  await backup.between(copy);
  await backup.between(async () => {
    const leftMs = freezeForMs - (performance.now() - frozenAtMs);
    if (leftMs > 0) await delay(leftMs, undefined, { signal }).catch(() => {});
    return true;
  });
  await backup.event("thaw");
  await backup.event("postSnapshot");
  await backup.between(async () => {
    await check();
    return true;
  });
  await backup.event("backupComplete");
  await backup.event("backupShutdown");
  if (!backup.goesOn) await backup.abort();
}
