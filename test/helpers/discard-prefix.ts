import { existsSync } from "node:fs";

import { killProcesses, processesWith } from "../../src/tools/lab/processes.ts";
import { removeServerFolder } from "../../src/tools/lab/wine.ts";

/**
 * Ends everything in a prefix that nobody uses again. Nothing is written to it any more, which takes
 * most of a second, and its folder is left for the caller to remove.
 */
export async function discardPrefix(prefix: string): Promise<void> {
  if (!existsSync(prefix)) return;
  await killProcesses(processesWith("WINEPREFIX", prefix));
  // A process that was starting meanwhile has its server's end to follow.
  await killProcesses(processesWith("WINEPREFIX", prefix));
  removeServerFolder(prefix);
}
