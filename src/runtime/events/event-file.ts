import { join } from "node:path";

import { addinFolder, kitFolder } from "../../base/program-data.ts";
import type { AddinLog } from "../manifest/manifest.ts";
import type { NativeBinding } from "../native/binding.ts";
import { EVENT_SCHEMA_VERSION, type EventRole } from "./definitions.ts";
import type { EventSink } from "./emit.ts";
import { formatLine } from "./line.ts";
import { CURRENT_FILE, LineAppender } from "./rotating-file.ts";

/** Returns the path of the file that an add-in's events are being written to. */
export function eventFile(clsid: string): string {
  return join(addinFolder(clsid), CURRENT_FILE);
}

export interface EventFileOptions {
  readonly clsid: string;
  readonly role: EventRole;
  readonly limits: AddinLog;
}

/**
 * Returns the sink that writes one JSON line for each event, in a folder that only SYSTEM and
 * Administrators can reach.
 *
 * @throws The error of the folder, when it cannot be protected: nothing is written into it then.
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
