/** The parts of a writer on this machine, for its service and its guardian. */
import { dirname, join } from "node:path";

import { machineClock, type Clock } from "../../base/clock.ts";
import { machineDisk } from "../../base/disk.ts";
import type { MapStack } from "../../base/error-chain.ts";
import { windowsError, WsbError } from "../../base/errors.ts";
import { afterRealTime, type After } from "../addin/call-handler.ts";
import { createServerStackMapper } from "../addin/stack.ts";
import { identifyThisProcess } from "../addin/session-parts.ts";
import type { EventRole } from "../events/definitions.ts";
import { errorsTo } from "../events/emit.ts";
import { HeldEvents } from "../events/held-events.ts";
import { openEvents } from "../events/open-events.ts";
import type { Manifest } from "../manifest/manifest.ts";
import type { ServiceWriter } from "../manifest/writer.ts";
import type { HeldLock, NativeBinding } from "../native/binding.ts";
import { protectedDisk } from "../native/protected-disk.ts";
import { makeProtectedFolder } from "../native/protected-folder.ts";
import { formatOwner } from "../restore/lock-owner.ts";
import type { WriterHandlers } from "./define-writer.ts";
import {
  FreezeJournal,
  writerFolder,
  type FreezeJournalOptions,
} from "./journal/freeze-journal.ts";
import { createThaw, type Thaw } from "./thaw.ts";

/** The manifest of an application whose writer is a service. */
export interface WriterManifest extends Manifest {
  readonly writer: ServiceWriter;
}

/**
 * Requires a manifest to describe a writer in a service.
 *
 * @param file The manifest's path, for messages.
 * @throws {@link WsbError} `ERR_WSB_INVALID_MANIFEST` for another kind of writer.
 */
export function requireServiceWriter(manifest: Manifest, file: string): WriterManifest {
  const { writer } = manifest;
  if (writer.kind === "service") return { ...manifest, writer };
  throw new WsbError(
    "ERR_WSB_INVALID_MANIFEST",
    `${file} has a writer of the kind ${writer.kind}, so there is no service to run. Set writer.kind to "service".`,
  );
}

export interface WriterPartsOptions {
  readonly api: NativeBinding;
  readonly manifest: WriterManifest;
  readonly handlers: WriterHandlers;
  /** `import.meta.url` of the built file; its source map is in the same folder. */
  readonly moduleUrl: string;
  readonly role: EventRole;
}

export interface WriterParts {
  /** Everything that this process says. */
  readonly events: HeldEvents;
  readonly thaw: Thaw;
  readonly mapStack: MapStack;
  readonly clock: Clock;
  readonly after: After;
}

/** Opens the events of a writer. */
export function openWriterEvents(
  api: NativeBinding,
  { addin, applicationIdentifier, writerId, log }: Manifest,
  role: EventRole,
): HeldEvents {
  const owner = { clsid: addin?.clsid ?? writerId, applicationIdentifier, writerId };
  return new HeldEvents(openEvents(api, owner, { role, limits: log }));
}

/** Opens the parts that a service and a guardian have in common. */
export function openWriterParts(
  { api, manifest, handlers, moduleUrl }: Omit<WriterPartsOptions, "role">,
  events: HeldEvents,
): WriterParts {
  const after = afterRealTime;
  const thaw = createThaw({
    handlers,
    limitMs: manifest.writer.timeoutsMs.thaw,
    emit: events.emit,
    startProcess: (options) => api.startProcess(options),
    after,
  });
  return { events, thaw, mapStack: createServerStackMapper(moduleUrl), clock: machineClock, after };
}

/** Returns the journal of a writer's freezes. */
export function openFreezeJournal(
  api: NativeBinding,
  writerId: string,
  { boot, emit }: Pick<FreezeJournalOptions, "boot" | "emit">,
): FreezeJournal {
  return new FreezeJournal({
    writerId,
    makeFolder: () => makeProtectedFolder(api, writerFolder(writerId), errorsTo(emit)),
    disk: protectedDisk(api, machineDisk),
    boot,
    emit,
  });
}

/**
 * Takes the one place of a writer's guardian. Unlike other locks of the kit, its file shows no beat:
 * nothing may be written while the application is frozen.
 *
 * @returns `null` when another guardian has it for `timeoutMs`.
 * @throws {@link WsbError} `ERR_WSB_WINDOWS_API` or `ERR_WSB_ACCESS_DENIED`.
 */
export async function takeGuardianPlace(
  api: NativeBinding,
  writerId: string,
  { events, timeoutMs }: { readonly events: HeldEvents; readonly timeoutMs: number },
): Promise<HeldLock | null> {
  const file = join(writerFolder(writerId), "guardian.lock");
  const owner = { ...identifyThisProcess(api), doing: "guardian" };
  try {
    makeProtectedFolder(api, dirname(file), errorsTo(events.emit));
    return await api.lockFile(file, formatOwner(owner, { hold: 0, beat: 0 }), timeoutMs);
  } catch (error) {
    throw windowsError(
      `Cannot take the lock ${file}`,
      "Check that its folder belongs to SYSTEM or Administrators.",
      error,
    );
  }
}
