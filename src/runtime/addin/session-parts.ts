import { machineDisk } from "../../base/disk.ts";
import { WsbError } from "../../base/errors.ts";
import type { ProcessIdentity } from "../../base/process-identity.ts";
import { addinFolder } from "../../base/program-data.ts";
import type { EventRole } from "../events/definitions.ts";
import { emitTo, errorsTo, type Emit, type EventSink } from "../events/emit.ts";
import { openEvents, type EventOptions } from "../events/open-events.ts";
import type { AddinManifest } from "../manifest/manifest.ts";
import type { NativeBinding } from "../native/binding.ts";
import { makeProtectedFolder } from "../native/protected-folder.ts";
import { protectedDisk } from "../native/protected-disk.ts";
import type { Living } from "../restore/abandoned.ts";
import type { SessionMachine } from "../restore/close-session.ts";
import { holdersOn } from "../restore/holders.ts";
import { MachineJournal } from "../restore/journal/machine-store.ts";
import { Marks } from "../restore/journal/mark.ts";
import type { SessionSettings } from "../restore/journal/step.ts";
import { oldJournalsOn } from "../restore/journal/version-1.ts";
import { identify, livingOn } from "../restore/living.ts";
import { ServiceControl } from "../restore/service-control.ts";
import { createSessionLock, type SessionLock } from "../restore/session-lock.ts";

/** The shared parts of an add-in's restore session for server, guardian and recovery. */
export interface SessionParts extends SessionMachine {
  readonly lock: SessionLock;
  readonly living: Living;
}

/** Opens an add-in's events. */
export function openAddinEvents(
  api: NativeBinding,
  manifest: AddinManifest,
  options: Pick<EventOptions, "role" | "sessionId">,
): Emit {
  const { addin, applicationIdentifier, writerId, log } = manifest;
  const owner = { clsid: addin.clsid, applicationIdentifier, writerId };
  return openEvents(api, owner, { ...options, limits: log });
}

/** Returns the choices of a manifest that a session keeps until its end. */
export function settingsOf(manifest: AddinManifest): SessionSettings {
  const { services, serviceTimeoutMs, abandonAfterMs } = manifest;
  const { onPreRestoreFailure, onAbandonedRestore } = manifest;
  return { services, serviceTimeoutMs, abandonAfterMs, onPreRestoreFailure, onAbandonedRestore };
}

export interface SessionPartsOptions {
  readonly api: NativeBinding;
  readonly manifest: AddinManifest;
  readonly role: EventRole;
  /** This process, if it serves calls. */
  readonly server?: ProcessIdentity;
  /** Receives what happens to the session, besides the add-in's own events. */
  readonly onEvent?: EventSink;
}

/**
 * Creates the parts of an add-in's restore session on this machine. Each event gets the id of the
 * session that this process last knew to be open.
 */
export function openSessionParts({
  api,
  manifest,
  role,
  server,
  onEvent = () => {},
}: SessionPartsOptions): SessionParts {
  const { clsid } = manifest.addin;
  const marks = new Marks(api);
  const old = oldJournalsOn(api);
  const settings = settingsOf(manifest);
  const sessionId = (): string | undefined => store.sessionId;
  const emit: Emit = emitTo(openAddinEvents(api, manifest, { role, sessionId }), onEvent);
  const store = new MachineJournal({
    makeFolder: () => makeProtectedFolder(api, addinFolder(clsid), errorsTo(emit)),
    clsid,
    marks,
    disk: protectedDisk(api, machineDisk),
    old,
    emit,
    settings,
    ...(server === undefined ? {} : { server }),
  });
  return {
    store,
    control: new ServiceControl({ api, emit }),
    findHolders: holdersOn({ clsid, marks, old, settings }),
    emit,
    lock: createSessionLock({
      api,
      emit,
      self: { ...identifyThisProcess(api), doing: role },
      // A server has its caller's limit, and the guardian of its session outlives it.
      mayEndOwner: role !== "server",
    }),
    living: livingOn(api),
  };
}

/** Returns the identity of this process for journals. */
export function identifyThisProcess(api: Pick<NativeBinding, "processInfo">): ProcessIdentity {
  const own = identify(api, process.pid);
  if (own !== null) return own;
  throw new WsbError(
    "ERR_WSB_WINDOWS_API",
    "Windows does not tell the identity of this process, which the journal needs. Restart the machine.",
  );
}
