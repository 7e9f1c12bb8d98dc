import type { Lab } from "./lab.ts";
import { withLock } from "./lock.ts";
import { endLabProcesses } from "./processes.ts";
import { startWine } from "./run.ts";
import { serverLifetime } from "./wine.ts";
import { join } from "node:path";

/** The options for starting a lab. */
export interface LabStartOptions {
  /** Called with a message before each step that takes time or ends programs. */
  readonly onProgress?: (message: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Starts the lab's services unless they run. They run until `labDown`, whoever starts and ends
 * programs in the lab. Does nothing on Windows.
 *
 * A Wine that another program started would end the services a few seconds after its last program.
 * It cannot be told to stay, so it is started again, and its programs end.
 */
export async function startLab(lab: Lab, options: LabStartOptions = {}): Promise<void> {
  if (lab.kind === "machine") return;
  await withLock(join(lab.folder, "lock"), options.signal, async () => {
    if (serverLifetime(lab.prefix) === "brief") {
      options.onProgress?.(
        "Another program started Wine for a short time only: starting it again …",
      );
      await endLabProcesses(lab);
    }
    await startWine(lab, options.signal);
  });
}

/**
 * Ends all programs and services of the lab, and starts its automatic services again. Registrations
 * and files stay. Does nothing on Windows.
 */
export async function restartLab(lab: Lab, options: LabStartOptions = {}): Promise<void> {
  if (lab.kind === "machine") return;
  await withLock(join(lab.folder, "lock"), options.signal, async () => {
    options.onProgress?.("Ending all programs in the lab …");
    await endLabProcesses(lab);
    await startWine(lab, options.signal);
  });
}
