import type { Component } from "../base/component.ts";
import { readFileSync } from "node:fs";

import type { Addin, VolumePair } from "../runtime/addin/define-addin.ts";
import { packComponents } from "../runtime/addin/components.ts";
import { inOrder } from "../runtime/addin/order.ts";
import { isFailure } from "../base/hresult.ts";
import { emitTo } from "../runtime/events/emit.ts";
import { levelOf, textOf } from "../runtime/events/definitions.ts";
import { MANIFEST_DEFAULTS, type Manifest } from "../runtime/manifest/manifest.ts";
import { parseManifest } from "../runtime/manifest/parse.ts";
import type { NativeCall } from "../runtime/native/binding.ts";
import type { Signal, Url } from "../base/platform-types.ts";
import { TestClock } from "./clock.ts";
import { startEngine, type Answered, type Engine } from "./engine.ts";
import type { PlayProgram } from "./programs.ts";
import { TestServices, type TestService } from "./services.ts";
import { TestVolumes, type VolumeFiles } from "./volumes.ts";

/** What a test may say of an add-in's surroundings. */
export interface TestHostOptions {
  /**
   * The add-in's manifest, for its services and time limits.
   *
   * @defaultValue no services, and the time limits of a manifest that names none
   */
  readonly manifest?: string | Url;
  /**
   * Services of the machine.
   *
   * @defaultValue those of the manifest, all running
   */
  readonly services?: readonly TestService[];
  /**
   * Plays the programs that a check runs by `context.runChecker`.
   *
   * @defaultValue none can be started
   */
  readonly runProgram?: PlayProgram;
}

/** What `preRestore` and `postRestore` are to be told; what is left out is NULL or false. */
export interface RestoreInput extends Partial<Component> {
  readonly writerMetadata?: string | null;
  readonly noRollForward?: boolean;
}

/** What `checkConsistency` is to be told; what is left out is NULL or empty. */
export interface CheckInput extends Partial<Component> {
  readonly writerMetadata?: string | null;
  readonly volumes?: readonly VolumePair[];
  /** Aborts the check, as somebody who cancels the backup does. */
  readonly signal?: Signal;
}

/** An error in the chain of causes of a failure. */
export interface FailureCause {
  /** Name of its class. */
  readonly name: string;
  readonly code?: string;
  readonly text: string;
  /** Frames of its stack, the innermost first. */
  readonly stack?: readonly string[];
}

/** The failure of a handler as the event file keeps it. */
export interface HandlerFailure {
  /** Code of the error, such as `ERR_WSB_TIMEOUT`, or the name of its class. */
  readonly code: string;
  /** The error and its causes in one sentence. */
  readonly text: string;
  /** Frames of its stack, the innermost first. */
  readonly stack?: readonly string[];
  /** The errors that caused it, the nearest first. */
  readonly causes?: readonly FailureCause[];
}

/** The outcome of a call as Windows Server Backup would learn it, and why it failed. */
export interface CallOutcome {
  readonly succeeded: boolean;
  readonly hresult: number;
  /** Text of the failure; absent when the call succeeded. */
  readonly error?: string;
  /** Stack and causes of the failure, which Windows Server Backup does not learn. */
  readonly failure?: HandlerFailure;
}

export interface OrderOutcome extends CallOutcome {
  /** The components in their order, or `null` for none in particular or a failure. */
  readonly order: readonly Component[] | null;
}

export interface RollForwardOutcome extends CallOutcome {
  readonly supported: boolean;
}

export interface CheckOutcome extends CallOutcome {
  /** `false`: the handler said that no check is needed. */
  readonly checked: boolean;
}

/** A line of the add-in's log. */
export interface LogLine {
  readonly level: "info" | "warn" | "error";
  readonly message: string;
}

/** An add-in as Windows Server Backup would run it, without Windows. */
export interface TestHost {
  readonly services: TestServices;
  readonly clock: TestClock;
  readonly volumes: TestVolumes;
  /** What the kit and the handlers have logged. */
  readonly log: readonly LogLine[];
  /** Whether services are stopped for a restore, or may be: never so without services. */
  readonly isSessionOpen: boolean;
  preRestore(input?: RestoreInput): Promise<CallOutcome>;
  postRestore(input?: RestoreInput): Promise<CallOutcome>;
  /** Rejects with `ERR_WSB_INVALID_ARGUMENT` for a name with U+0000, which no caller can pass. */
  orderComponents(components: readonly Partial<Component>[]): Promise<OrderOutcome>;
  isRollForwardSupported(): Promise<RollForwardOutcome>;
  /** Starts a check and waits for its end. */
  checkConsistency(input?: CheckInput): Promise<CheckOutcome>;
  /** Makes a volume of a backup, with these files on its shadow copy. */
  addVolume(files: VolumeFiles): VolumePair;
  /** Removes what the host made on disk. */
  close(): void;
}

const ANY_GUID = "{00000000-0000-0000-0000-000000000000}";

const emptyManifest: Manifest = {
  name: "Test",
  writerId: ANY_GUID,
  applicationIdentifier: "Test",
  addin: { clsid: ANY_GUID, appId: ANY_GUID },
  services: [],
  ...MANIFEST_DEFAULTS,
};

/**
 * Reads a manifest as the kit does.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_MANIFEST` with everything that is wrong with it.
 */
export function readManifestFile(file: string | Url): Manifest {
  return parseManifest(readFileSync(file, "utf8"), String(file));
}

function failureOf({ failure }: Answered): HandlerFailure | undefined {
  if (failure === undefined) return undefined;
  const { code, text, stack, causes } = failure;
  return {
    code,
    text,
    ...(stack === undefined ? {} : { stack }),
    ...(causes === undefined ? {} : { causes }),
  };
}

function outcomeOf(answered: Answered): CallOutcome {
  const { reply, finished } = answered;
  const hresult = finished ?? reply.hresult;
  if (!isFailure(hresult)) return { succeeded: true, hresult };
  const failure = failureOf(answered);
  const error = reply.description ?? failure?.text ?? "";
  return { succeeded: false, hresult, error, ...(failure === undefined ? {} : { failure }) };
}

function componentOf({ componentName = null, logicalPath = null }: Partial<Component>): Component {
  return { componentName, logicalPath };
}

/** A host on its own services, clock, volumes and events. */
class InMemoryHost implements TestHost {
  readonly services: TestServices;
  readonly clock: TestClock = new TestClock();
  readonly volumes: TestVolumes = new TestVolumes();
  readonly log: LogLine[] = [];
  readonly #engine: Engine;

  constructor(addin: Addin, manifest: Manifest, options: TestHostOptions) {
    const machine = options.services ?? manifest.services.map((name) => ({ name }));
    this.services = new TestServices(...machine);
    this.#engine = startEngine({
      addin,
      manifest,
      services: this.services,
      clock: this.clock,
      runProgram: options.runProgram,
      emit: emitTo((event) => {
        this.log.push({ level: levelOf(event), message: textOf(event) });
      }),
    });
  }

  get isSessionOpen(): boolean {
    return this.#engine.isSessionOpen();
  }

  preRestore(input: RestoreInput = {}): Promise<CallOutcome> {
    return this.#restore("preRestore", input);
  }

  postRestore(input: RestoreInput = {}): Promise<CallOutcome> {
    return this.#restore("postRestore", input);
  }

  async orderComponents(components: readonly Partial<Component>[]): Promise<OrderOutcome> {
    const given = components.map(componentOf);
    const answered = await this.#call({ method: "orderComponents", ...packComponents(given) });
    const order = answered.reply.order ?? null;
    return { ...outcomeOf(answered), order: order === null ? null : inOrder(given, order) };
  }

  async isRollForwardSupported(): Promise<RollForwardOutcome> {
    const answered = await this.#call({ method: "isRollForwardSupported" });
    return { ...outcomeOf(answered), supported: answered.reply.rollForwardSupported ?? false };
  }

  async checkConsistency(input: CheckInput = {}): Promise<CheckOutcome> {
    const { writerMetadata = null, volumes = [], signal } = input;
    const call = {
      method: "checkConsistency",
      ...componentOf(input),
      writerMetadata,
      sourceVolumePaths: volumes.map(({ source }) => source),
      snapshotVolumePaths: volumes.map(({ snapshot }) => snapshot),
    } as const;
    const answered = await this.#call(call, signal);
    return { ...outcomeOf(answered), checked: answered.reply.startsOperation === true };
  }

  addVolume(files: VolumeFiles): VolumePair {
    return this.volumes.add(files);
  }

  close(): void {
    this.volumes.remove();
  }

  #call(call: NativeCall, signal?: AbortSignal): Promise<Answered> {
    return this.#engine.call(call, signal);
  }

  async #restore(method: "preRestore" | "postRestore", input: RestoreInput): Promise<CallOutcome> {
    const { writerMetadata = null, noRollForward = false } = input;
    return outcomeOf(
      await this.#call({ method, ...componentOf(input), writerMetadata, noRollForward }),
    );
  }
}

/**
 * Runs an add-in's handlers as Windows Server Backup would have them run, without COM and without
 * Windows: the calls go through the kit's own dispatcher and restore session, and services, clock
 * and volumes are the test's.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_MANIFEST`.
 */
export function createTestHost(addin: Addin, options: TestHostOptions = {}): TestHost {
  const manifest =
    options.manifest === undefined ? emptyManifest : readManifestFile(options.manifest);
  return new InMemoryHost(addin, manifest, options);
}
