import { join } from "node:path";

import type { Log } from "../../base/log.ts";
import { MANIFEST_DEFAULTS, type AddinLog } from "../manifest/manifest.ts";
import type { NativeBinding } from "../native/binding.ts";
import { addinFolder, kitFolder } from "../../base/program-data.ts";
import { RECORD_SCHEMA_VERSION, type RecordEvent, type RecordRole } from "./event.ts";
import { eventSource, type SourceOwner } from "./event-source.ts";
import { formatLine } from "./line.ts";
import { CURRENT_FILE, LineAppender } from "./rotating-file.ts";
import { windowsEventsOf } from "./windows-event.ts";

/** Keeps what happens on record; never throws, and waits for nothing but the disk. */
export interface Recorder {
  readonly record: (event: RecordEvent) => void;
}

/** What a record needs to know of an add-in; a manifest has it. */
export interface RecordedAddin extends SourceOwner {
  readonly clsid: string;
}

export interface RecorderOptions {
  readonly role: RecordRole;
  /** @defaultValue 1 MiB in each of 5 files */
  readonly limits?: AddinLog;
  /** Asked at every event: which restore session it belongs to. */
  readonly sessionId?: () => string | undefined;
}

/** The part of the shim that a recorder needs. */
export type RecorderApi = Pick<NativeBinding, "createProtectedFolder" | "reportEvent">;

// A handler that fails in a loop must not drown the event log; the record has the rest.
const MAX_ERRORS = 20;

/** File that an add-in's record is being written to. */
export function recordFile(clsid: string): string {
  return join(addinFolder(clsid), CURRENT_FILE);
}

/**
 * Opens the record of an add-in: one JSON line an event, in a folder that only SYSTEM and
 * Administrators can reach, and what an administrator should see in the Windows event log.
 *
 * A full disk or a folder of somebody else's must not stop a restore: what cannot be written is
 * left out.
 */
export function openRecorder(
  api: RecorderApi,
  addin: RecordedAddin,
  options: RecorderOptions,
): Recorder {
  const { role, limits = MANIFEST_DEFAULTS.log, sessionId = () => undefined } = options;
  const folder = addinFolder(addin.clsid);
  const isOurs = protectFolder(api, folder);
  const source = eventSource(addin);
  const appender = new LineAppender(folder, limits);
  let errorsLeft = MAX_ERRORS;

  const write = (event: RecordEvent, session: string | undefined): void => {
    const line = formatLine({
      schemaVersion: RECORD_SCHEMA_VERSION,
      time: new Date().toISOString(),
      pid: process.pid,
      role,
      ...(session === undefined ? {} : { sessionId: session }),
      ...event,
    });
    appender.append(line);
  };
  const report = (event: RecordEvent, session: string | undefined): void => {
    if (event.event === "message" && event.level === "error") {
      if (errorsLeft === 0) return;
      errorsLeft -= 1;
    }
    for (const { type, id, strings } of windowsEventsOf(event, session)) {
      api.reportEvent(source, type, id, strings);
    }
  };

  return {
    record(event) {
      let session: string | undefined;
      leaveOut(() => {
        session = sessionId();
      });
      if (isOurs) leaveOut(() => write(event, session));
      leaveOut(() => report(event, session));
    },
  };
}

function leaveOut(work: () => void): void {
  try {
    work();
  } catch {
    // This much of the event is lost, the restore goes on.
  }
}

function protectFolder(api: RecorderApi, folder: string): boolean {
  try {
    api.createProtectedFolder(kitFolder());
    api.createProtectedFolder(folder);
    return true;
  } catch {
    return false;
  }
}

/** Free text for a record, as a function that the rest of the kit logs with. */
export function logTo(recorder: Recorder): Log {
  return (level, text) => recorder.record({ event: "message", level, text });
}
