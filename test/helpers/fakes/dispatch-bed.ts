import type { ProcessIdentity } from "../../../src/base/process-identity.ts";
import type { AddinHandlers } from "../../../src/runtime/addin/define-addin.ts";
import { defineAddin } from "../../../src/runtime/addin/define-addin.ts";
import { packComponents } from "../../../src/runtime/addin/components.ts";
import { Dispatcher } from "../../../src/runtime/addin/dispatch.ts";
import type { Manifest } from "../../../src/runtime/manifest/manifest.ts";
import type { NativeCall, NativeReply } from "../../../src/runtime/native/binding.ts";
import type { AddinEvent } from "../../../src/runtime/events/definitions.ts";
import type { Emit } from "../../../src/runtime/events/emit.ts";
import { FakeProcesses } from "./fake-processes.ts";
import { FakeServer } from "./fake-server.ts";
import { FakeServices } from "./fake-services.ts";
import { manifestWith } from "../manifest.ts";
import { CLIENT_PID, SessionBed } from "./session-bed.ts";

/** Time limits that are short in virtual time. */
export const SHORT_LIMITS_MS: Manifest["timeoutsMs"] = {
  preRestore: 5000,
  postRestore: 5000,
  orderComponents: 1000,
  isRollForwardSupported: 1000,
  checkConsistency: 60_000,
  beforeServicesStop: 2000,
  afterServicesStart: 2000,
  restoreAbandoned: 2000,
};

/** A dispatcher with a real session, services in memory and a fake server. */
export class DispatchBed {
  readonly services: FakeServices = new FakeServices({ name: "Ledger" });
  readonly server: FakeServer = new FakeServer();
  readonly processes: FakeProcesses = new FakeProcesses();
  readonly manifest: Manifest;
  readonly logged: string[] = [];
  /** The events of the calls and of the dispatcher. */
  readonly emitted: AddinEvent[] = [];
  /** Receives the events, in addition to {@link emitted}. */
  emit: Emit = () => {};
  readonly dispatcher: Dispatcher;
  readonly bed: SessionBed;
  readonly #watches = new Map<number, () => void>();

  constructor(handlers: AddinHandlers, fields: Partial<Manifest> = {}) {
    this.manifest = manifestWith({
      services: ["Ledger"],
      timeoutsMs: SHORT_LIMITS_MS,
      ...fields,
    });
    const { services, onPreRestoreFailure, onAbandonedRestore } = this.manifest;
    this.bed = new SessionBed(this.services, {
      services,
      onPreRestoreFailure,
      onAbandonedRestore,
    });
    this.dispatcher = new Dispatcher({
      addin: defineAddin(handlers),
      manifest: this.manifest,
      session: this.bed.restoreSession(),
      emit: (event) => {
        this.emit(event);
        this.emitted.push(event);
        if (event.event === "message") this.logged.push(`${event.level} ${event.text}`);
      },
      clients: {
        identify: (pid) => this.bed.processes.identity(pid),
        onExit: (client, callback) => {
          this.#watches.set(client.pid, callback);
          return () => this.#watches.delete(client.pid);
        },
      },
      startProcess: this.processes.startProcess,
    });
  }

  /** Ends the process of a client. */
  endClient(client: ProcessIdentity = this.bed.client): void {
    this.bed.processes.end(client.pid);
    this.#watches.get(client.pid)?.();
  }

  /** Delivers a call; `reply` is its answer and `done` settles when its stage has ended too. */
  deliver(call: NativeCall): {
    readonly id: number;
    readonly reply: Promise<NativeReply>;
    readonly done: Promise<void>;
  } {
    const { id, reply } = this.server.expectAnswer();
    return {
      id,
      reply,
      done: this.dispatcher.call({ id, call, clientPid: CLIENT_PID }, this.server),
    };
  }

  /** Delivers a call and waits until it ends. */
  async run(call: NativeCall): Promise<NativeReply> {
    const { reply, done } = this.deliver(call);
    await done;
    return reply;
  }
}

/** Calls in the shim's form. */
export function restoreCall(
  method: "preRestore" | "postRestore",
  componentName: string | null = "Accounts",
): NativeCall {
  return {
    method,
    componentName,
    logicalPath: "Ledger",
    writerMetadata: "<x/>",
    noRollForward: true,
  };
}

export function orderCall(...names: readonly (string | null)[]): NativeCall {
  const components = names.map((componentName) => ({ componentName, logicalPath: null }));
  return { method: "orderComponents", ...packComponents(components) };
}

export function checkCall(
  sourceVolumePaths: readonly (string | null)[] | null = ["\\\\?\\Volume{1}\\"],
  snapshotVolumePaths: readonly (string | null)[] | null = ["\\\\?\\Volume{2}\\"],
): NativeCall {
  return {
    method: "checkConsistency",
    componentName: "Accounts",
    logicalPath: null,
    writerMetadata: null,
    sourceVolumePaths,
    snapshotVolumePaths,
  };
}

/** A promise that never settles: a handler that ignores its signal. */
export function forever(): Promise<never> {
  return new Promise(() => {});
}
