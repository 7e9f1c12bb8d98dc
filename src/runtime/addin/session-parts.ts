import { readDurably } from "../../base/durable-file.ts";
import { WsbError } from "../../base/errors.ts";
import type { ProcessIdentity } from "../../base/process-identity.ts";
import type { EventRole } from "../events/definitions.ts";
import type { Emit } from "../events/emit.ts";
import { openEvents } from "../events/open-events.ts";
import type { AddinManifest } from "../manifest/manifest.ts";
import type { NativeBinding } from "../native/binding.ts";
import type { SessionMachine } from "../restore/close-session.ts";
import { JournalFile, journalPath } from "../restore/journal-file.ts";
import { parseJournal } from "../restore/journal.ts";
import { identify, livingOn } from "../restore/living.ts";
import { ServiceControl } from "../restore/service-control.ts";
import { createSessionLock, type SessionLock } from "../restore/session-lock.ts";
import type { Living } from "../restore/abandoned.ts";

/** The shared parts of an add-in's restore session for server, guardian and recovery. */
export interface SessionParts extends SessionMachine {
  readonly lock: SessionLock;
  readonly living: Living;
}

/** Opens an add-in's events; each event gets the id of the open restore session. */
export function openAddinEvents(
  api: NativeBinding,
  manifest: AddinManifest,
  role: EventRole,
): Emit {
  const { clsid } = manifest.addin;
  const { applicationIdentifier, writerId, log } = manifest;
  // Only reads the id; leaves a damaged journal in place.
  const sessionId = (): string | undefined =>
    parseJournal(readDurably(journalPath(clsid)))?.sessionId;
  const hasSessions = manifest.services.length > 0;
  return openEvents(
    api,
    { clsid, applicationIdentifier, writerId },
    { role, limits: log, ...(hasSessions ? { sessionId } : {}) },
  );
}

/** Creates the parts of an add-in's restore session on this machine. */
export function openSessionParts(
  api: NativeBinding,
  manifest: AddinManifest,
  emit: Emit,
  role: EventRole,
): SessionParts {
  const { clsid } = manifest.addin;
  return {
    store: new JournalFile({
      api,
      clsid,
      onSetAside(path, why) {
        const services = manifest.services.join(", ");
        const text = `A journal was set aside as ${path}: ${why}. Check that these services run: ${services}`;
        emit({ event: "message", level: "error", text });
      },
    }),
    control: new ServiceControl({ api, emit }),
    serviceTimeoutMs: manifest.serviceTimeoutMs,
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
