import type { Component } from "../base/component.ts";
import { HRESULT } from "../base/hresult.ts";
import type { Url } from "../base/platform-types.ts";
import {
  levelOf,
  textOf,
  type AddinEvent,
  type ThawReason,
} from "../runtime/events/definitions.ts";
import { HeldEvents } from "../runtime/events/held-events.ts";
import { WRITER_DEFAULTS, type WriterSettings } from "../runtime/manifest/writer-settings.ts";
import type {
  NativeWriterFailure,
  NativeWriterRequest,
  WriterEventName,
} from "../runtime/native/vss-writer.ts";
import type { BackupType, Writer, WriterVolume } from "../runtime/writer/define-writer.ts";
import { WriterDispatcher } from "../runtime/writer/dispatch.ts";
import { writerFailure } from "../runtime/writer/failure.ts";
import { Freezer } from "../runtime/writer/freezer.ts";
import { createThaw, type Thaw } from "../runtime/writer/thaw.ts";
import { TestClock } from "./clock.ts";
import { failureOf, readManifestFile, type CallOutcome, type LogLine } from "./host.ts";
import { programsOf, type PlayProgram } from "./programs.ts";

/** The settings of a test host for a writer. */
export interface WriterTestHostOptions {
  /**
   * The application's manifest, for the limits of the writer.
   *
   * @defaultValue the default limits
   */
  readonly manifest?: string | Url;
  /**
   * Simulates the programs that handlers run with `context.run`.
   *
   * @defaultValue no program can be started
   */
  readonly runProgram?: PlayProgram;
}

/** A backup to play. */
export interface BackupInput {
  /** @defaultValue `"full"` */
  readonly backupType?: BackupType;
  /** The selected components. @defaultValue `null`, a backup of whole volumes */
  readonly components?: readonly Partial<Component>[] | null;
  /** @defaultValue none */
  readonly volumes?: readonly WriterVolume[];
  /** Runs in the place of the shadow copy, while the application is frozen. An error aborts the backup. */
  readonly copy?: () => void | Promise<void>;
}

/** The outcome of one event of a backup. */
export interface BackupStep extends CallOutcome {
  readonly event: WriterEventName;
}

/** The outcome of a backup. */
export interface BackupOutcome {
  readonly succeeded: boolean;
  /** The events, in their order. After a failure, `abort` and `backupShutdown` follow. */
  readonly steps: readonly BackupStep[];
  /** The text of the first failure; absent when the backup succeeded. */
  readonly error?: string;
}

/** A writer that runs without Windows as VSS would run it. */
export interface WriterTestHost {
  /** Time limits pass only when a test advances it. */
  readonly clock: TestClock;
  /** The messages of the kit and of the handlers. */
  readonly log: readonly LogLine[];
  /** Plays a backup. */
  backup(input?: BackupInput): Promise<BackupOutcome>;
  /**
   * Runs `thaw` as another process does, without anything that `freeze` has kept in memory.
   *
   * @param reason Default: the writer's service has ended.
   */
  thaw(reason?: ThawReason): Promise<CallOutcome>;
}

const SET = "{00000000-0000-0000-0000-000000000001}";

function settingsOf(manifest: string | Url | undefined): WriterSettings {
  const writer = manifest === undefined ? undefined : readManifestFile(manifest).writer;
  return writer?.kind === "service" ? writer : WRITER_DEFAULTS;
}

/** Here is no volume whose writes are held: a test sees each event at once. */
class OpenEvents extends HeldEvents {
  override hold(): void {}
}

class InMemoryWriterHost implements WriterTestHost {
  readonly clock: TestClock = new TestClock();
  readonly log: LogLine[] = [];
  readonly #thaw: Thaw;
  readonly #dispatcher: WriterDispatcher;
  #failure: AddinEvent<"handlerFailed" | "thawFailed"> | undefined;
  #ids = 0;

  constructor({ writerHandlers }: Writer, options: WriterTestHostOptions) {
    const settings = settingsOf(options.manifest);
    const events = new OpenEvents((event) => this.#note(event));
    const after = (ms: number, ring: () => void): (() => void) => this.clock.after(ms, ring);
    const parts = {
      handlers: writerHandlers,
      emit: events.emit,
      events,
      startProcess: programsOf(options.runProgram),
      mapStack: (frames: readonly string[]): readonly string[] => frames,
      clock: this.clock,
      after,
    };
    this.#thaw = createThaw({ ...parts, limitMs: settings.timeoutsMs.thaw });
    const freezer = new Freezer({
      ...parts,
      thaw: this.#thaw,
      journal: memoryJournal,
      guardian: readyGuardian,
      freezeMs: settings.timeoutsMs.freeze,
      frozenMs: settings.frozenMs,
    });
    this.#dispatcher = new WriterDispatcher({ ...parts, freezer, timeoutsMs: settings.timeoutsMs });
  }

  async backup(input: BackupInput = {}): Promise<BackupOutcome> {
    const steps: BackupStep[] = [];
    const send = async (event: WriterEventName): Promise<boolean> => {
      const step = await this.#send(event, input);
      steps.push(step);
      return step.succeeded;
    };
    const failed = await this.#play(send, input.copy ?? (() => {}));
    const first = steps.find(({ succeeded }) => !succeeded);
    const error = failed ?? first?.error;
    return { succeeded: error === undefined, steps, ...(error === undefined ? {} : { error }) };
  }

  async thaw(reason: ThawReason = "serviceEnded"): Promise<CallOutcome> {
    try {
      await this.#thaw(reason);
      return outcomeOf(undefined, undefined);
    } catch (error) {
      return outcomeOf(writerFailure(error), undefined);
    }
  }

  /** Sends the events of a backup; returns the error of the copy. */
  async #play(
    send: (event: WriterEventName) => Promise<boolean>,
    copy: () => void | Promise<void>,
  ): Promise<string | undefined> {
    const isFrozen =
      (await send("prepareBackup")) && (await send("prepareSnapshot")) && (await send("freeze"));
    const failed = isFrozen ? await errorOf(copy) : undefined;
    if (isFrozen && failed === undefined && (await send("thaw")) && (await send("postSnapshot"))) {
      await send("backupComplete");
    } else {
      await send("abort");
    }
    await send("backupShutdown");
    return failed;
  }

  async #send(event: WriterEventName, input: BackupInput): Promise<BackupStep> {
    this.#ids += 1;
    this.#failure = undefined;
    const request = requestOf(event, input);
    const failure = await new Promise<NativeWriterFailure | undefined>((resolve) => {
      const complete = (_: number, failed?: NativeWriterFailure): boolean => {
        resolve(failed);
        return true;
      };
      void this.#dispatcher.deliver({ kind: "request", id: this.#ids, request }, { complete });
    });
    return { event, ...outcomeOf(failure, this.#failure) };
  }

  #note(event: AddinEvent): void {
    if (event.event === "handlerFailed") this.#failure = event;
    // The thaw after a failed freeze may fail too, and does not say why the freeze failed.
    if (event.event === "thawFailed") this.#failure ??= event;
    this.log.push({ level: levelOf(event), message: textOf(event) });
  }
}

/** Nothing survives the process of a test. */
const memoryJournal = {
  read: () => ({ state: "none", failedFreezes: 0 }) as const,
  begin: () => {},
  freezing: () => {},
  thawed: () => {},
  close: () => {},
};

const readyGuardian = {
  isReady: true,
  start: async () => {},
  watch: async () => true,
  end: () => {},
};

async function errorOf(copy: () => void | Promise<void>): Promise<string | undefined> {
  try {
    await copy();
    return undefined;
  } catch (error) {
    return writerFailure(error).message;
  }
}

function requestOf(event: WriterEventName, input: BackupInput): NativeWriterRequest {
  const { backupType = "full", components = null, volumes = [] } = input;
  return {
    event,
    backupType,
    components:
      components?.map(({ componentName = null, logicalPath = null }) => ({
        componentName,
        logicalPath,
      })) ?? null,
    snapshotSetId: event === "prepareBackup" || event === "backupComplete" ? null : SET,
    volumes: event === "prepareSnapshot" || event === "freeze" ? volumes : [],
  };
}

function outcomeOf(
  failed: NativeWriterFailure | undefined,
  event: AddinEvent<"handlerFailed" | "thawFailed"> | undefined,
): CallOutcome {
  if (failed === undefined) return { succeeded: true, hresult: HRESULT.S_OK };
  const { hresult, message } = failed;
  const failure = failureOf({ failure: event });
  return {
    succeeded: false,
    hresult,
    error: message,
    ...(failure === undefined ? {} : { failure }),
  };
}

/**
 * Creates a host that plays backups to a writer's handlers like VSS, without Windows. Events go
 * through the kit's own dispatcher: its limits, and its rules of freeze and thaw.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_MANIFEST` for an invalid manifest.
 */
export function createWriterTestHost(
  writer: Writer,
  options: WriterTestHostOptions = {},
): WriterTestHost {
  return new InMemoryWriterHost(writer, options);
}
