import type { Component } from "../base/component.ts";
import { readFileSync } from "node:fs";

import type { AbandonedComponent, Addin, VolumePair } from "../runtime/addin/define-addin.ts";
import { packComponents } from "../runtime/addin/components.ts";
import { decodeText } from "../base/decode-text.ts";
import { inOrder } from "../runtime/addin/order.ts";
import { isFailure } from "../base/hresult.ts";
import { emitTo } from "../runtime/events/emit.ts";
import { levelOf, textOf, type AddinEvent } from "../runtime/events/definitions.ts";
import {
  MANIFEST_DEFAULTS,
  type Manifest,
  type OnAbandonedRestore,
} from "../runtime/manifest/manifest.ts";
import { parseManifest } from "../runtime/manifest/parse.ts";
import type { NativeCall } from "../runtime/native/binding.ts";
import type { Signal, Url } from "../base/platform-types.ts";
import { TestClock } from "./clock.ts";
import { startEngine, type Answered, type Engine } from "./engine.ts";
import type { PlayProgram } from "./programs.ts";
import { TestServices, type TestService } from "./services.ts";
import { TestVolumes, type VolumeFiles } from "./volumes.ts";

/** The settings of a test host. */
export interface TestHostOptions {
  /**
   * The add-in's manifest, for its services and time limits.
   *
   * @defaultValue no services and the default time limits
   */
  readonly manifest?: string | Url;
  /**
   * The services of the machine.
   *
   * @defaultValue the services of the manifest, all running
   */
  readonly services?: readonly TestService[];
  /**
   * Simulates the programs that handlers run with `context.run`.
   *
   * @defaultValue no program can be started
   */
  readonly runProgram?: PlayProgram;
}

/** The input of `preRestore` and `postRestore`; omitted fields are NULL or false. */
export interface RestoreInput extends Partial<Component> {
  readonly writerMetadata?: string | null;
  readonly noRollForward?: boolean;
}

/** The input of `checkConsistency`; omitted fields are NULL or empty. */
export interface CheckInput extends Partial<Component> {
  readonly writerMetadata?: string | null;
  readonly volumes?: readonly VolumePair[];
  /** Aborts the check, like a person who cancels the backup. */
  readonly signal?: Signal;
}

/** The input of `restoreAbandoned`; omitted fields of a component are NULL. */
export interface AbandonedInput {
  readonly components: readonly Partial<AbandonedComponent>[];
  /** @defaultValue the services of the manifest */
  readonly services?: readonly string[];
}

/** An error in the chain of causes of a failure. */
export interface FailureCause {
  /** The name of its class. */
  readonly name: string;
  readonly code?: string;
  readonly text: string;
  /** The frames of its stack, innermost first. */
  readonly stack?: readonly string[];
}

/** The failure of a handler, as in the event file. */
export interface HandlerFailure {
  /** The error's code, such as `ERR_WSB_TIMEOUT`, or the name of its class. */
  readonly code: string;
  /** The error and its causes in one sentence. */
  readonly text: string;
  /** The frames of its stack, innermost first. */
  readonly stack?: readonly string[];
  /** The errors that caused it, nearest first. */
  readonly causes?: readonly FailureCause[];
}

/** The outcome of a call for Windows Server Backup, and the reason of a failure. */
export interface CallOutcome {
  readonly succeeded: boolean;
  readonly hresult: number;
  /** The text of the failure; absent when the call succeeded. */
  readonly error?: string;
  /** The stack and causes of the failure, which Windows Server Backup does not get. */
  readonly failure?: HandlerFailure;
}

export interface OrderOutcome extends CallOutcome {
  /** The components in their order; `null` for no particular order and after a failure. */
  readonly order: readonly Component[] | null;
}

export interface RollForwardOutcome extends CallOutcome {
  readonly supported: boolean;
}

export interface CheckOutcome extends CallOutcome {
  /** `false` when the handler decided that no check is needed. */
  readonly checked: boolean;
}

/** The outcome of an abandoned restore for its services. */
export interface AbandonedOutcome {
  /**
   * What becomes of the services: the handler's answer, `"keepStopped"` after its failure, and the
   * manifest's `onAbandonedRestore` without a handler.
   */
  readonly decision: OnAbandonedRestore;
  /** The failure of the handler. */
  readonly failure?: HandlerFailure;
}

/** A message of the add-in. */
export interface LogLine {
  readonly level: "info" | "warn" | "error";
  readonly message: string;
}

/** An add-in that runs without Windows as Windows Server Backup would run it. */
export interface TestHost {
  readonly services: TestServices;
  readonly clock: TestClock;
  readonly volumes: TestVolumes;
  /** The messages of the kit and of the handlers. */
  readonly log: readonly LogLine[];
  /** `true` when a restore has stopped services or may have; never without services. */
  readonly isSessionOpen: boolean;
  preRestore(input?: RestoreInput): Promise<CallOutcome>;
  postRestore(input?: RestoreInput): Promise<CallOutcome>;
  /** Rejects with `ERR_WSB_INVALID_ARGUMENT` for a name with U+0000, which COM cannot pass. */
  orderComponents(components: readonly Partial<Component>[]): Promise<OrderOutcome>;
  isRollForwardSupported(): Promise<RollForwardOutcome>;
  /** Starts a check and waits until it ends. */
  checkConsistency(input?: CheckInput): Promise<CheckOutcome>;
  /** Asks `restoreAbandoned` what becomes of the services; neither starts nor stops them. */
  restoreAbandoned(input: AbandonedInput): Promise<AbandonedOutcome>;
  /** Makes a volume of a backup with these files on its shadow copy. */
  addVolume(files: VolumeFiles): VolumePair;
  /** Removes the host's files from the disk. */
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
 * Reads a manifest like the kit.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_MANIFEST`; the message lists the problems.
 */
export function readManifestFile(file: string | Url): Manifest {
  const source = { file: String(file), code: "ERR_WSB_INVALID_MANIFEST" } as const;
  return parseManifest(decodeText(readFileSync(file), source), source.file);
}

/** Returns what a test sees of the event of a failure. */
export function failureOf({
  failure,
}: {
  readonly failure: AddinEvent<"handlerFailed" | "thawFailed"> | undefined;
}): HandlerFailure | undefined {
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

function abandonedComponentOf(input: Partial<AbandonedComponent>): AbandonedComponent {
  const { outcome = null, client = null, noRollForward = null } = input;
  return { ...componentOf(input), outcome, client, noRollForward };
}

/** A host with its own services, clock, volumes and events. */
class InMemoryHost implements TestHost {
  readonly services: TestServices;
  readonly clock: TestClock = new TestClock();
  readonly volumes: TestVolumes = new TestVolumes();
  readonly log: LogLine[] = [];
  readonly #engine: Engine;
  readonly #manifest: Manifest;

  constructor(addin: Addin, manifest: Manifest, options: TestHostOptions) {
    this.#manifest = manifest;
    const machine = options.services ?? manifest.services.map((name) => ({ name }));
    this.services = new TestServices(...machine);
    this.services.clock = this.clock;
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

  async restoreAbandoned(input: AbandonedInput): Promise<AbandonedOutcome> {
    const { services, onAbandonedRestore } = this.#manifest;
    const abandoned = await this.#engine.abandon({
      components: input.components.map(abandonedComponentOf),
      services: input.services ?? services,
    });
    const { answer } = abandoned.answer;
    const failure = failureOf(abandoned);
    switch (answer) {
      case "startServices":
      case "keepStopped":
        return { decision: answer };
      case "noHandler":
        return { decision: onAbandonedRestore };
      case "done":
      case "failed":
        return { decision: "keepStopped", ...(failure === undefined ? {} : { failure }) };
    }
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
 * Creates a host that calls an add-in's handlers like Windows Server Backup, without COM and
 * without Windows. Calls go through the kit's own dispatcher and restore session; services, clock
 * and volumes are the test's.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_MANIFEST` for an invalid manifest.
 */
export function createTestHost(addin: Addin, options: TestHostOptions = {}): TestHost {
  const manifest =
    options.manifest === undefined ? emptyManifest : readManifestFile(options.manifest);
  return new InMemoryHost(addin, manifest, options);
}
