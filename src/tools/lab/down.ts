import { existsSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";

import { makeFolders } from "../../base/make-folders.ts";
import { withLock } from "./lock.ts";
import { endLabProcesses } from "./processes.ts";
import { removeStamp } from "./stamp.ts";
import { removeServerFolder } from "./wine.ts";
import { machineLabDown } from "./windows.ts";

/** The options for removing a lab. */
export interface LabDownOptions {
  /** @see labFolder */
  readonly folder: string;
  readonly signal?: AbortSignal;
}

async function wineLabDown({ folder, signal }: LabDownOptions): Promise<boolean> {
  if (!existsSync(join(folder, "prefix")) && !existsSync(join(folder, "node"))) return false;
  makeFolders(folder);
  await withLock(join(folder, "lock"), signal, async () => {
    removeStamp(folder);
    await endLabProcesses({ kind: "wine", prefix: resolve(folder, "prefix") });
    removeServerFolder(resolve(folder, "prefix"));
    // Removes only a lab's own parts, because the folder may contain other files.
    for (const part of ["prefix", "node"]) {
      rmSync(join(folder, part), { recursive: true, force: true });
    }
  });
  if (readdirSync(folder).length === 0) rmSync(folder, { recursive: true });
  return true;
}

/**
 * Ends all programs of the lab and removes it. On Windows, unregisters the proxy/stub that `labUp`
 * registered.
 *
 * @returns `false` when there was nothing to remove.
 */
export async function labDown(options: LabDownOptions): Promise<boolean> {
  return process.platform === "win32" ? machineLabDown() : wineLabDown(options);
}
