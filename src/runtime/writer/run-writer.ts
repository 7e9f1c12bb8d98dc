import { once } from "node:events";

import { errorSentence } from "../../base/error-chain.ts";
import { protectProcess } from "../addin/own-process.ts";
import { errorsTo } from "../events/emit.ts";
import type { HeldEvents } from "../events/held-events.ts";
import { accessPermission } from "../manifest/security-descriptor.ts";
import { VSS_FREEZE_MS } from "../manifest/writer-settings.ts";
import type { NativeBinding } from "../native/binding.ts";
import type { ServiceHost } from "../native/service-host.ts";
import { bootOf } from "./boot.ts";
import type { WriterHandlers } from "./define-writer.ts";
import { WriterDispatcher } from "./dispatch.ts";
import { Freezer } from "./freezer.ts";
import { GuardianLeash, type StartGuardian } from "./guardian-leash.ts";
import { spawnGuardian } from "./guardian-process.ts";
import { eventLimits } from "./limits.ts";
import { nativePlan } from "./plan.ts";
import { WriterService } from "./service.ts";
import { WriterSwitch } from "./switch.ts";
import {
  openFreezeJournal,
  openWriterEvents,
  openWriterParts,
  type WriterManifest,
} from "./writer-parts.ts";

export interface RunWriterOptions {
  readonly api: NativeBinding;
  readonly manifest: WriterManifest;
  /** The name of the service. */
  readonly name: string;
  /** Loads the handlers. */
  readonly load: () => Promise<WriterHandlers>;
  readonly moduleUrl: string;
  /** @defaultValue starts this program again */
  readonly startGuardian?: StartGuardian;
}

// The service loads the handlers and thaws what an earlier one has left.
const START_MS = 60_000;
// It thaws, and waits for VSS to let go.
const STOP_MS = 20_000;
// After so many failed freezes in a row, a writer leaves that may.
const LEAVE_AFTER = 3;
// Windows then restarts the service.
const FAILED = 1;

/**
 * Runs as the service of a writer until Windows stops it.
 *
 * @returns The exit code.
 */
export async function runWriter(options: RunWriterOptions): Promise<number> {
  const { api, manifest, name } = options;
  const { thaw } = manifest.writer.timeoutsMs;
  const stop = new AbortController();
  // First: a program that was started by hand must not do anything.
  const host = await api.runService({
    name,
    startLimitMs: START_MS + thaw,
    stopLimitMs: STOP_MS + thaw,
    onStop: () => stop.abort(),
  });
  const events = openWriterEvents(api, manifest, "writer");
  const allowExit = protectProcess(events.emit);
  const exitCode = await serve(stop.signal, host, { ...options, events });
  // What an application that does not thaw has kept in memory.
  events.release();
  await host.stopped(exitCode);
  allowExit();
  return exitCode;
}

type ServingOptions = RunWriterOptions & { readonly events: HeldEvents };

/** Serves until the signal aborts, and returns the exit code. */
async function serve(
  stop: AbortSignal,
  host: ServiceHost,
  options: ServingOptions,
): Promise<number> {
  try {
    const service = openService(options, await options.load());
    await service.start();
    host.ready();
    if (!stop.aborted) await once(stop, "abort");
    await service.stop();
    return 0;
  } catch (error) {
    errorsTo(options.events.emit)(`The writer's service ended: ${errorSentence(error)}`);
    return FAILED;
  }
}

function openService(
  { api, manifest, moduleUrl, events, startGuardian = spawnGuardian }: ServingOptions,
  handlers: WriterHandlers,
): WriterService {
  const { writer, writerId, security } = manifest;
  const { timeoutsMs, frozenMs, onFailedFreezes } = writer;
  const parts = openWriterParts({ api, manifest, handlers, moduleUrl }, events);
  const leash = new GuardianLeash({
    start: startGuardian,
    after: parts.after,
    onLost: () => freezer.guardianLost(),
  });
  const freezer: Freezer = new Freezer({
    ...parts,
    journal: openFreezeJournal(api, writerId, { boot: bootOf(api), emit: events.emit }),
    guardian: leash,
    freezeMs: timeoutsMs.freeze,
    frozenMs,
  });
  return new WriterService({
    ...parts,
    freezer,
    dispatcher: new WriterDispatcher({
      ...parts,
      handlers,
      timeoutsMs,
      freezer,
      startProcess: (process) => api.startProcess(process),
    }),
    subscribe(onEvent) {
      const native = api.createWriter({
        id: writerId,
        name: manifest.name,
        plan: nativePlan(writer),
        accessDescriptor: accessPermission(security.allow),
        limitsMs: eventLimits(timeoutsMs),
        freezeTimeoutMs: VSS_FREEZE_MS,
        // The first event may come before this process knows of the subscription.
        onEvent: (event) => void native.then((subscribed) => onEvent(event, subscribed)),
      });
      return native;
    },
    switch: new WriterSwitch(api, writerId),
    leaveAfter: onFailedFreezes === "leave" ? LEAVE_AFTER : undefined,
  });
}
