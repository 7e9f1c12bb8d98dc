import { appendFileSync } from "node:fs";
import { join } from "node:path";

import type { Log } from "../log.ts";
import type { NativeBinding } from "../native/binding.ts";
import { addinFolder, kitFolder } from "../program-data.ts";

/**
 * Opens the log of an add-in: one JSON line an event, in a folder that only SYSTEM and
 * Administrators can reach.
 *
 * A full disk or a folder of somebody else's must not stop a restore: what cannot be written is
 * left out.
 */
export function openFileLog(binding: NativeBinding, clsid: string): Log {
  const folder = addinFolder(clsid);
  try {
    binding.createProtectedFolder(kitFolder());
    binding.createProtectedFolder(folder);
  } catch {
    return () => {};
  }
  const file = join(folder, "addin.jsonl");
  return (level, message) => {
    const event = { time: new Date().toISOString(), pid: process.pid, level, message };
    try {
      appendFileSync(file, `${JSON.stringify(event)}\n`);
    } catch {
      // The event is lost, the restore goes on.
    }
  };
}
