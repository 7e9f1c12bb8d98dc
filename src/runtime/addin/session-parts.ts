import type { ProcessIdentity } from "../../base/process-identity.ts";
import { readDurably } from "../../base/durable-file.ts";
import { WsbError } from "../../base/errors.ts";
import type { Manifest } from "../manifest/manifest.ts";
import type { NativeBinding } from "../native/binding.ts";
import type { RecordRole } from "../events/event.ts";
import { openRecorder, type Recorder } from "../events/recorder.ts";
import type { SessionMachine } from "../restore/close-session.ts";
import type { RecordSession } from "../restore/events.ts";
import { journalPath, openJournalFile } from "../restore/journal-file.ts";
import { parseJournal } from "../restore/journal.ts";
import { identify, livingOn } from "../restore/living.ts";
import { createServiceControl } from "../restore/service-control.ts";
import { createSessionLock, type SessionLock } from "../restore/session-lock.ts";
import type { Living } from "../restore/transitions.ts";

/** What server, guardian and recovery share of an add-in's restore session. */
export interface SessionParts extends SessionMachine {
  readonly lock: SessionLock;
  readonly living: Living;
}

/** Opens an add-in's record, in which each event names the session that is open. */
export function openSessionRecorder(
  api: NativeBinding,
  manifest: Manifest,
  clsid: string,
  role: RecordRole,
): Recorder {
  const sessionId = (): string | undefined => {
    // One that is damaged is not set aside by who only writes to the record.
    try {
      return parseJournal(readDurably(journalPath(clsid)))?.sessionId;
    } catch {
      return undefined;
    }
  };
  const { applicationIdentifier, writerId, log } = manifest;
  const hasSessions = manifest.services.length > 0;
  return openRecorder(
    api,
    { clsid, applicationIdentifier, writerId },
    { role, limits: log, ...(hasSessions ? { sessionId } : {}) },
  );
}

/** Joins the parts of an add-in's restore session on this machine. */
export function openSessionParts(
  api: NativeBinding,
  manifest: Manifest,
  clsid: string,
  record: RecordSession,
): SessionParts {
  return {
    store: openJournalFile({
      api,
      clsid,
      onSetAside(path, why) {
        const services = manifest.services.join(", ");
        const text = `A journal was set aside as ${path}: ${why}. Check that these services run: ${services}`;
        record({ event: "message", level: "error", text });
      },
    }),
    control: createServiceControl({ api, serviceTimeoutMs: manifest.serviceTimeoutMs, record }),
    record,
    lock: createSessionLock(api, clsid),
    living: livingOn(api),
  };
}

/** This process, as journals name it. */
export function thisProcess(api: Pick<NativeBinding, "processInfo">): ProcessIdentity {
  const own = identify(api, process.pid);
  if (own !== null) return own;
  throw new WsbError(
    "ERR_WSB_WINDOWS_API",
    "Windows does not tell this process who it is, so no journal can name it. Restart the machine.",
  );
}
