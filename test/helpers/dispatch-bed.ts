import type { AddinHandlers } from "../../src/addin/define-addin.ts";
import { defineAddin } from "../../src/addin/define-addin.ts";
import { createDispatcher, type Dispatcher } from "../../src/addin/dispatch.ts";
import type { Manifest } from "../../src/manifest/manifest.ts";
import type { NativeCall, NativeReply } from "../../src/native/binding.ts";
import { createServiceControl } from "../../src/restore/service-control.ts";
import { createRestoreSession } from "../../src/restore/session.ts";
import { FakeServer } from "./fake-server.ts";
import { FakeServices } from "./fake-services.ts";
import { manifestWith } from "./manifest.ts";

/** Time limits that virtual time passes quickly. */
export const SHORT_LIMITS_MS: Manifest["timeoutsMs"] = {
  preRestore: 5000,
  postRestore: 5000,
  orderComponents: 1000,
  isRollForwardSupported: 1000,
  checkConsistency: 60_000,
};

/** A dispatcher with a real session on services in memory, and a fake server that it answers. */
export class DispatchBed {
  readonly services: FakeServices = new FakeServices({ name: "Ledger" });
  readonly server: FakeServer = new FakeServer();
  readonly manifest: Manifest;
  readonly logged: string[] = [];
  readonly dispatcher: Dispatcher;

  constructor(handlers: AddinHandlers, fields: Partial<Manifest> = {}) {
    this.manifest = manifestWith({
      services: ["Ledger"],
      timeoutsMs: SHORT_LIMITS_MS,
      ...fields,
    });
    const log = (level: string, message: string): void => {
      this.logged.push(`${level} ${message}`);
    };
    this.dispatcher = createDispatcher({
      addin: defineAddin(handlers),
      manifest: this.manifest,
      log,
      session: createRestoreSession({
        services: this.manifest.services,
        control: createServiceControl({ api: this.services, serviceTimeoutMs: 1000, log }),
        log,
        onOpen: () => this.server.hold(),
        onClose: () => this.server.release(),
      }),
    });
  }

  /** Delivers a call; `reply` is its answer and `done` settles when its stage has ended too. */
  deliver(call: NativeCall): {
    readonly id: number;
    readonly reply: Promise<NativeReply>;
    readonly done: Promise<void>;
  } {
    const { id, reply } = this.server.expectAnswer();
    return { id, reply, done: this.dispatcher.call(id, call, this.server) };
  }

  /** Delivers a call and waits for its end. */
  async run(call: NativeCall): Promise<NativeReply> {
    const { reply, done } = this.deliver(call);
    await done;
    return reply;
  }
}

/** Calls as the shim delivers them. */
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
  return { method: "orderComponents", components };
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
