import { MANIFEST_DEFAULTS, type AddinLog } from "../manifest/manifest.ts";
import type { NativeBinding } from "../native/binding.ts";
import type { ProtectionApi } from "../native/protected-folder.ts";
import type { EventRole } from "./definitions.ts";
import { emitTo, errorsTo, type Emit } from "./emit.ts";
import { openEventFile } from "./event-file.ts";
import type { SourceOwner } from "./event-source.ts";
import { windowsEventLog } from "./windows-event-log.ts";

/** The fields of a manifest that its events need. */
export interface EventOwner extends SourceOwner {
  readonly clsid: string;
}

export interface EventOptions {
  readonly role: EventRole;
  /** @defaultValue 1 MiB in each of 5 files */
  readonly limits?: AddinLog;
  /** Returns the id of the open restore session; called for every event without a session. */
  readonly sessionId?: () => string | undefined;
}

export type EventApi = ProtectionApi & Pick<NativeBinding, "reportEvent">;

/** Opens an add-in's two stores of events: its event file and the Windows event log. */
export function openEvents(api: EventApi, owner: EventOwner, options: EventOptions): Emit {
  const { role, limits = MANIFEST_DEFAULTS.log, sessionId = () => undefined } = options;
  const report = (text: string): void => errorsTo(emit)(text);
  const file = openEventFile(api, { clsid: owner.clsid, role, limits, report });
  const emit = emitTo(file, windowsEventLog(api, owner));
  return (event, at) => {
    const session = event.sessionId ?? currentSession(sessionId);
    emit(session === undefined ? event : { ...event, sessionId: session }, at);
  };
}

function currentSession(ask: () => string | undefined): string | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}
