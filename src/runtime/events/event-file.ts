import { join } from "node:path";

import { errorText } from "../../base/errors.ts";
import { addinFolder } from "../../base/program-data.ts";
import type { AddinLog } from "../manifest/manifest.ts";
import { makeProtectedFolder, type ProtectionApi } from "../native/protected-folder.ts";
import { EVENT_SCHEMA_VERSION, type EventRole } from "./definitions.ts";
import type { EventSink } from "./emit.ts";
import { formatLine } from "./line.ts";
import { CURRENT_FILE, LineAppender } from "./rotating-file.ts";

/** Returns the path of the current event file of an add-in. */
export function eventFile(clsid: string): string {
  return join(addinFolder(clsid), CURRENT_FILE);
}

export interface EventFileOptions {
  readonly clsid: string;
  readonly role: EventRole;
  readonly limits: AddinLog;
  /** Is told what was set aside, and why no event can be written. */
  readonly report: (text: string) => void;
}

/**
 * Returns a sink that writes each event as a line of JSON, in a folder that only SYSTEM and
 * Administrators can access.
 *
 * The folder is made with the first event, so that a command that has nothing to say changes nothing.
 * If it cannot be protected, nothing is written.
 */
export function openEventFile(api: ProtectionApi, options: EventFileOptions): EventSink {
  const { clsid, role, limits } = options;
  let opened: { readonly appender: LineAppender | undefined } | undefined;
  function open(): LineAppender | undefined {
    const reports: string[] = [];
    const folder = tryProtect(api, clsid, reports);
    const appender = folder === undefined ? undefined : new LineAppender(folder, limits);
    opened = { appender };
    // Only now: each report is an event too.
    for (const text of reports) options.report(text);
    return appender;
  }
  return (event, at = new Date()) => {
    const time = at.toISOString();
    const { pid } = process;
    const appender = opened === undefined ? open() : opened.appender;
    appender?.append(
      formatLine({ schemaVersion: EVENT_SCHEMA_VERSION, time, pid, role, ...event }),
    );
  };
}

/** Returns the add-in's folder, or nothing when it cannot be protected. */
function tryProtect(api: ProtectionApi, clsid: string, reports: string[]): string | undefined {
  const folder = addinFolder(clsid);
  try {
    makeProtectedFolder(api, folder, (text) => reports.push(text));
    return folder;
  } catch (error) {
    reports.push(`Events are not written to ${folder}. ${errorText(error)}`);
    return undefined;
  }
}
