import { existsSync } from "node:fs";

import { killProcesses, processesWith } from "../../../src/tools/lab/processes.ts";
import { removeServerFolder } from "../../../src/tools/lab/wine.ts";

/**
 * Kills everything in a prefix that is no longer needed. Skips writing the registry, which takes
 * most of a second. The caller removes the folder.
 */
export async function discardPrefix(prefix: string): Promise<void> {
  if (!existsSync(prefix)) return;
  await killProcesses(processesWith("WINEPREFIX", prefix));
  // A process that was starting meanwhile ends together with its server.
  await killProcesses(processesWith("WINEPREFIX", prefix));
  removeServerFolder(prefix);
}
