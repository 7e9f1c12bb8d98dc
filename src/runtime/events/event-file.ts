import { join } from "node:path";

import { addinFolder, kitFolder } from "../../base/program-data.ts";
import type { AddinLog } from "../manifest/manifest.ts";
import type { NativeBinding } from "../native/binding.ts";
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
}

/**
 * Returns a sink that writes each event as a line of JSON, in a folder that only SYSTEM and
 * Administrators can access.
 *
 * @throws The shim's error when the folder cannot be protected. Nothing is written then.
 */
export function openEventFile(
  api: Pick<NativeBinding, "createProtectedFolder">,
  { clsid, role, limits }: EventFileOptions,
): EventSink {
  const folder = addinFolder(clsid);
  api.createProtectedFolder(kitFolder());
  api.createProtectedFolder(folder);
  const appender = new LineAppender(folder, limits);
  return (event) => {
    const time = new Date().toISOString();
    const { pid } = process;
    appender.append(formatLine({ schemaVersion: EVENT_SCHEMA_VERSION, time, pid, role, ...event }));
  };
}
